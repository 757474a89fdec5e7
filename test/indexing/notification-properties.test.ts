import fc from 'fast-check'
import t from 'tap'
import { readNotification } from '../../src/indexing/notification.js'
import { seed } from '../fixtures/seed.js'
import { readRecording } from './fixtures/notifications/recording.js'

const RUNS = { seed, numRuns: 5_000 }
const { messages } = await readRecording()
const REASONS = ['too-large', 'not-json', 'no-message', 'no-uuid']

/** Every text in a JSON value, and in the JSON that a text of it is: without dashes, in lower case. */
const textsOf = (value: unknown): string[] => {
  if (typeof value === 'string') {
    const inner = value.startsWith('{') ? textsOf(parsed(value)) : []
    return [value.toLowerCase().replaceAll('-', ''), ...inner]
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** It is a value, and nothing in it was made up. */
const holds = (body: Buffer | string): boolean => {
  const read = readNotification(body)
  if (read.kind === 'poison') return REASONS.includes(read.why)
  if (read.kind === 'ignored') return /^[\w.-]{1,255}$/.test(read.event)
  const { uuid, at = 0 } = read.hint
  return (
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid) &&
    Number.isSafeInteger(at) &&
    textsOf(parsed(body.toString())).includes(uuid.replaceAll('-', ''))
  )
}

const message = fc.constantFrom(...messages)

/** JSON with the names that count, in all the wrong places. */
const NAMES = [
  'event_type',
  'payload',
  'timestamp',
  'oslo.message',
  'oslo.version',
  'nova_object.data',
  'nova_object.name',
  'uuid',
  'instance_uuid',
  'instance_id',
  'instance',
  'args',
  'request_spec',
  'instance_properties',
  '__proto__',
  'constructor',
  'toString',
] as const
const leaf = fc.oneof(
  fc.constantFrom('instance.update', 'InstancePayload', 'service.update', '2026-08-21 21:01:48.5', null, true),
  fc.uuid(),
  fc.string({ unit: 'binary' }),
  fc.double(),
)
const { tree } = fc.letrec<{ tree: unknown }>(tie => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom(...NAMES), tie('tree')), { maxLength: 5 }).map(Object.fromEntries),
    tie('tree').map(it => JSON.stringify(it)),
  ),
}))
const payload = fc
  .array(fc.tuple(fc.constantFrom(...NAMES), fc.oneof(fc.uuid(), tree)), { maxLength: 5 })
  .map(Object.fromEntries)
const notification = fc
  .record({
    event_type: fc.constantFrom('instance.update', 'service.update', 5),
    payload: fc.oneof(payload, tree),
    timestamp: leaf,
  })
  .map(it => JSON.stringify(it))

t.test('whatever bytes come', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => holds(Buffer.from(bytes))),
    RUNS,
  )
})

t.test('whatever JSON comes', async () => {
  fc.assert(
    fc.property(
      fc.oneof(
        tree.map(it => JSON.stringify(it)),
        notification,
      ),
      holds,
    ),
    RUNS,
  )
})

t.test('a notification of anything in an envelope of anything', async t => {
  let hints = 0
  fc.assert(
    fc.property(notification, fc.constantFrom('2.0', '1.0', 5, null), (inner, version) => {
      const body = JSON.stringify({ 'oslo.version': version, 'oslo.message': inner })
      if (readNotification(body).kind === 'hint') hints++
      return holds(body)
    }),
    RUNS,
  )
  t.ok(hints > RUNS.numRuns / 50, `${hints} hints`)
})

t.test('a message that ends early', async () => {
  fc.assert(
    fc.property(message, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), ({ body }, part) => {
      const cut = body.slice(0, Math.floor(body.length * part))
      return readNotification(cut).kind === 'poison' && holds(cut)
    }),
    RUNS,
  )
})

t.test('a message with bytes that are others', async t => {
  let hints = 0
  fc.assert(
    fc.property(
      message,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 3 }),
      ({ body }, changes) => {
        const bytes = Buffer.from(body)
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte
        if (readNotification(bytes).kind === 'hint') hints++
        return holds(bytes)
      },
    ),
    RUNS,
  )
  t.ok(hints > RUNS.numRuns / 10, `${hints} hints`)
})
