import type { ConnectionOptions } from 'node:tls'
import { InvalidOptionError, UnknownOptionError } from '../../errors.js'
import { isPlain } from '../../validation/normal-form.js'
import { type BusAddress, parseBusUrl } from './address.js'

/**
 * How a bus is reached by TLS, as `tls.connect` takes it. Certificates are checked unless `rejectUnauthorized` is false; `servername` is
 * the name that they have to be for, the host's by default.
 */
export type BusTls = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'servername'
>

/** What {@link rabbitFeed} takes. */
export interface RabbitOptions {
  /** `amqp://user:password@host:5672/vhost`, or what `transport_url` in nova.conf says. Several are tried in turn. */
  readonly url: string | readonly string[]
  /** The cell whose bus it is: a uuid or a name in the cell mappings. Leave it out where one bus serves several cells. */
  readonly cell?: string
  /** What it is called in status and metrics. Default: the cell, else `rabbitmq`. */
  readonly name?: string
  /** The exchange that nova-compute and the others publish to: `control_exchange` in nova.conf. Default `nova`. */
  readonly exchange?: string
  /** `topics` and `versioned_notifications_topics` in nova.conf. Default `versioned_notifications`. */
  readonly topics?: readonly string[]
  /** Default `info` and `error`, which are all that Nova uses. */
  readonly priorities?: readonly string[]
  /** The queue that it makes for itself, durable. Default `crosscell`. Indexers that share one share the work. */
  readonly queue?: string
  /**
   * Messages that this queue holds; of more, the oldest are dropped, and all is looked for in the cells instead. Default 50,000, which
   * are some 400 MB on the broker's disk. Applies when the queue is made.
   */
  readonly maxLength?: number
  /** The queue for what nobody can read. Default the name of the queue with `.dead`. */
  readonly deadLetters?: string
  /** Messages that it holds, the newest, and never more than 64 MB. Default 1,000. Applies when it is made. */
  readonly maxDeadLetters?: number
  /** Messages under way at once, 1 to 65,535. Default 2,000. */
  readonly prefetch?: number
  /** Seconds between two signs of life, 1 to 3,600. A broker that is silent for two to three times as long is given up. Default 10. */
  readonly heartbeat?: number
  /** Given, TLS is used whatever the URL says. */
  readonly tls?: BusTls
  /**
   * `purge`: empties the queues that publishers declare beside (`versioned_notifications.info`), where nobody consumes them. They grow
   * for ever otherwise. Default `none`: an operator may do the same with a policy (`max-length`).
   */
  readonly drain?: 'none' | 'purge'
}

/** What a feed was told, in full. */
export interface RabbitSettings extends Required<Omit<RabbitOptions, 'url' | 'cell' | 'tls'>> {
  readonly addresses: readonly BusAddress[]
  readonly cell: string | null
  readonly tls: BusTls
}

interface Kind {
  readonly is: (value: unknown) => boolean
  readonly expects: string
}

// AMQP's short strings.
const isName = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= 255

const name: Kind = { is: isName, expects: 'a text of 1 to 255 bytes' }

const names: Kind = {
  is: value => Array.isArray(value) && value.length > 0 && value.every(isName),
  expects: 'a list of texts of 1 to 255 bytes, at least one',
}

const count = (most: number): Kind => ({
  is: value => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most,
  expects: `a whole number from 1 to ${most}`,
})

const KINDS: Readonly<Record<keyof RabbitOptions, Kind>> = {
  url: {
    is: value => isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText)),
    expects: 'a URL, or a list of URLs, at least one',
  },
  cell: name,
  name,
  exchange: name,
  topics: names,
  priorities: names,
  queue: name,
  maxLength: count(10_000_000),
  deadLetters: name,
  maxDeadLetters: count(10_000_000),
  prefetch: count(65_535),
  heartbeat: count(3_600),
  tls: { is: value => typeof value === 'object' && value !== null, expects: 'TLS options' },
  drain: { is: value => value === 'none' || value === 'purge', expects: "'none' or 'purge'" },
}

const isText = (value: unknown): value is string => typeof value === 'string'

/**
 * @throws UnknownOptionError an option that does not exist
 * @throws InvalidOptionError an option that is not what it has to be; a URL is not shown
 */
export const settingsOf = (options: RabbitOptions): RabbitSettings => {
  if (!isPlain(options)) throw new InvalidOptionError('', 'not options', 'an object with a url')
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [option, value] of given) {
    if (!Object.hasOwn(KINDS, option))
      throw new UnknownOptionError(`/${option}`, 'no such option', `one of ${Object.keys(KINDS).join(', ')}`)
    const { is, expects } = KINDS[option as keyof RabbitOptions]
    if (!is(value)) throw new InvalidOptionError(`/${option}`, 'not that', expects)
  }
  const { url, cell, queue = 'crosscell', ...rest } = Object.fromEntries(given) as unknown as RabbitOptions
  if (url === undefined) throw new InvalidOptionError('/url', 'missing', KINDS.url.expects)
  const overTls = rest.tls !== undefined
  return {
    name: cell ?? 'rabbitmq',
    exchange: 'nova',
    topics: ['versioned_notifications'],
    priorities: ['info', 'error'],
    maxLength: 50_000,
    deadLetters: `${queue}.dead`,
    maxDeadLetters: 1_000,
    prefetch: 2_000,
    heartbeat: 10,
    tls: {},
    drain: 'none',
    ...rest,
    queue,
    cell: cell ?? null,
    addresses: isText(url)
      ? parseBusUrl(url, '/url', overTls)
      : url.flatMap((one, at) => parseBusUrl(one, `/url/${at}`, overTls)),
  }
}

/** The keys that notifications are routed by, and the queues that publishers declare. */
export const routingKeys = ({ topics, priorities }: RabbitSettings): string[] =>
  topics.flatMap(topic => priorities.map(priority => `${topic}.${priority}`))
