import { parseTime } from '../sql/codec.js'
import { isEnvelope, isNotification } from '../validation/notification.js'
import type { Hint } from './feed.js'

/** What there is to do about a message: a reason is one of these words, never a part of the message. */
export type Read =
  | { readonly kind: 'hint'; readonly hint: Omit<Hint, 'cell'>; readonly event: string }
  | { readonly kind: 'ignored'; readonly why: 'no-instance'; readonly event: string }
  | { readonly kind: 'poison'; readonly why: Poison }

/**
 * `too-large`: more than {@link LARGEST} bytes; `not-json`; `no-message`: JSON, and no notification; `no-uuid`: about an instance, but
 * who knows which.
 */
export type Poison = 'too-large' | 'not-json' | 'no-message' | 'no-uuid'

/** In bytes. Nova's have a few thousand. */
export const LARGEST = 4 * 2 ** 20

/**
 * What a message of Nova's bus says: of oslo.messaging's envelope or without, versioned or not, of any version. Whatever names an
 * instance is a hint: what has happened to it is not read here, so an event that nobody has heard of yet is as good as any. Total: what
 * can't be read is a value too.
 */
export const readNotification = (body: Buffer | string): Read => {
  if (Buffer.byteLength(body) > LARGEST) return poison('too-large')
  // Bytes that are no UTF-8 become U+FFFD: they spoil a name, which is not read, and no uuid.
  const outer = parse(body.toString())
  if (outer === undefined) return poison('not-json')
  const message = isEnvelope(outer) ? parse(outer['oslo.message']) : outer
  if (message === undefined) return poison('not-json')
  if (!isNotification(message)) return poison('no-message')
  const { event_type: event, payload, timestamp } = message
  const ofInstance = isOfInstance(event, payload)
  const uuid = instanceOf(payload, ofInstance)
  if (uuid === undefined) return ofInstance ? poison('no-uuid') : { kind: 'ignored', why: 'no-instance', event }
  const at = timeOf(timestamp)
  return { kind: 'hint', hint: at === undefined ? { uuid } : { uuid, at }, event }
}

const poison = (why: Poison): Read => ({ kind: 'poison', why })

/** Undefined, which no JSON is, when it is none. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether the payload is an instance, so that its own uuid is the instance's. Services, aggregates and server groups have one too. */
const isOfInstance = (
  event: string,
  { 'nova_object.name': name }: Readonly<Record<string, unknown>>,
): boolean =>
  /^(?:compute\.)?instance\./.test(event) || (typeof name === 'string' && name.startsWith('Instance'))

/** Where a payload names an instance, the surest first. */
const PLACES: readonly (readonly string[])[] = [
  ['instance_uuid'],
  ['instance_id'],
  // Before and after a versioned object became part of another.
  ['instance', 'uuid'],
  // Unversioned: what a method was called with that failed, and what the scheduler was asked.
  ['args', 'instance', 'uuid'],
  ['request_spec', 'instance_properties', 'uuid'],
]
const PLACES_OF_INSTANCE = [['uuid'], ...PLACES]

const instanceOf = (payload: unknown, ofInstance: boolean): string | undefined => {
  for (const place of ofInstance ? PLACES_OF_INSTANCE : PLACES) {
    const uuid = uuidOf(place.reduce<unknown>((within, name) => dataOf(within)?.[name], payload))
    if (uuid !== undefined) return uuid
  }
  return undefined
}

/** The members of an object; of a versioned object, those that it carries. */
const dataOf = (it: unknown): Readonly<Record<string, unknown>> | undefined => {
  if (!isObject(it)) return undefined
  const data = it['nova_object.data']
  return isObject(data) ? data : it
}

const isObject = (it: unknown): it is Readonly<Record<string, unknown>> => typeof it === 'object' && it !== null

const UUID = /^([0-9a-f]{8})(-?)([0-9a-f]{4})\2([0-9a-f]{4})\2([0-9a-f]{4})\2([0-9a-f]{12})$/

/** A uuid as Nova's databases have it: lower case, with dashes. */
const uuidOf = (it: unknown): string | undefined => {
  const [, a, , b, c, d, e] = (typeof it === 'string' && UUID.exec(it.toLowerCase())) || []
  return a && `${a}-${b}-${c}-${d}-${e}`
}

/** oslo.messaging writes Python's `str` of a time in UTC: without a zone, and without a fraction when there is none. */
const timeOf = (timestamp: unknown): number | undefined => {
  const utc = typeof timestamp === 'string' ? parseTime(timestamp) : undefined
  return utc === undefined ? undefined : Date.parse(`${utc.replace(' ', 'T')}Z`)
}
