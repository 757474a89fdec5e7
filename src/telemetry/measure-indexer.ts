import { register as byDefault, Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { observe } from '../observability.js'
import { COUNTERS, GAUGES, type Metric, TIMES, TOLD } from './indexer-metrics.js'

/** What is measured of a cell, as the status of an indexer has it. */
export interface MeasuredCell {
  readonly name: string
  readonly state: 'fresh' | 'gap' | 'down' | 'stale' | 'unknown'
  readonly lag: number | null
  readonly swept: { readonly at: number } | null
  readonly withheld: number
  readonly holder: string | null
  readonly waiting: number
  readonly oldest: number | null
  readonly poison: number
}

/** What is measured of a feed. */
export interface MeasuredFeed {
  readonly name: string
  readonly state: 'idle' | 'connecting' | 'connected' | 'stopped'
  readonly waiting: number | null
  readonly oldest: number | null
  readonly applied: number
  readonly requeued: number
  readonly poison: number
  readonly ignored: number
}

export interface MeasuredStatus {
  readonly me: string
  readonly cells: readonly MeasuredCell[]
  readonly feeds: readonly MeasuredFeed[]
}

/** What {@link measureIndexer} measures: what `createIndexer` of `crosscell/indexing` makes. */
export interface MeasuredIndexer {
  status(options: { readonly signal: AbortSignal }): Promise<MeasuredStatus>
}

/** What {@link measureIndexer} takes. */
export interface MeasureIndexerOptions {
  /** Where the metrics are registered. Default: prom-client's own registry. */
  readonly register?: Registry
  /** Upper bounds of the histograms, in seconds. Default: 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300. */
  readonly buckets?: readonly number[]
}

const STATES = ['fresh', 'gap', 'down', 'stale', 'unknown'] as const
const FEED_STATES = ['idle', 'connecting', 'connected', 'stopped'] as const
const OUTCOMES = ['applied', 'requeued', 'poison', 'ignored'] as const

const BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300]

/** Milliseconds that the index has to say how it is. */
const PATIENCE = 5_000

const each = <K extends string, M>(
  of: Readonly<Record<K, Metric>>,
  make: (metric: Metric) => M,
): Record<K, M> =>
  Object.fromEntries(Object.entries<Metric>(of).map(([key, metric]) => [key, make(metric)])) as Record<K, M>

/**
 * Measures an indexer, from now on. How true the index is, is asked whenever somebody asks for the metrics: an indexer that has stopped to work
 * shows as one whose lag grows. What is done is counted by the messages of this process.
 *
 * @returns what ends that, and takes the metrics out of the registry
 * @example
 * ```ts
 * const stop = measureIndexer(createIndexer(cells))
 * ```
 */
export const measureIndexer = (
  indexer: MeasuredIndexer,
  { register = byDefault, buckets = BUCKETS }: MeasureIndexerOptions = {},
): (() => void) => {
  const registers = [register]
  let asking: Promise<void> | undefined
  // All metrics are asked for at once: one question answers them.
  const collect = (): Promise<void> => {
    asking ??= ask().finally(() => {
      asking = undefined
    })
    return asking
  }
  const gauges = each(GAUGES, metric => new Gauge({ ...metric, registers, collect }))
  const counters = each(COUNTERS, metric => new Counter({ ...metric, registers, collect }))
  const told = each(TOLD, metric => new Counter({ ...metric, registers }))
  const times = each(TIMES, metric => new Histogram({ ...metric, registers, buckets: [...buckets] }))

  const ask = async (): Promise<void> => {
    const status = await indexer.status({ signal: AbortSignal.timeout(PATIENCE) }).catch(() => undefined)
    for (const metric of [...Object.values(gauges), ...Object.values(counters)]) metric.reset()
    gauges.up.set(status === undefined ? 0 : 1)
    for (const cell of status?.cells ?? []) setCell(cell, status!.me)
    for (const feed of status?.feeds ?? []) setFeed(feed)
  }

  const setCell = (of: MeasuredCell, me: string): void => {
    const cell = of.name
    if (of.lag !== null) gauges.lag.set({ cell }, of.lag / 1_000)
    if (of.swept !== null) gauges.swept.set({ cell }, of.swept.at / 1_000)
    for (const state of STATES) gauges.state.set({ cell, state }, state === of.state ? 1 : 0)
    gauges.withheld.set({ cell }, of.withheld)
    gauges.held.set({ cell }, of.holder === me ? 1 : 0)
    gauges.hinted.set({ cell }, of.waiting)
    counters.poison.inc({ cell }, of.poison)
  }

  const setFeed = (of: MeasuredFeed): void => {
    const feed = of.name
    for (const state of FEED_STATES) gauges.feedState.set({ feed, state }, state === of.state ? 1 : 0)
    if (of.waiting !== null) gauges.waiting.set({ feed }, of.waiting)
    gauges.oldest.set({ feed }, of.oldest === null ? 0 : Math.max(0, Date.now() - of.oldest) / 1_000)
    for (const outcome of OUTCOMES) counters.messages.inc({ feed, outcome }, of[outcome])
  }

  const stop = observe({
    'crosscell:indexing': message => {
      if (message.kind === 'gap') return told.gaps.inc({ feed: message.feed })
      if (message.kind === 'feed' || message.kind === 'lease') return
      const cell = message.cell.name
      if (message.kind === 'poll') {
        times.polls.observe({ cell, table: message.table }, message.ms / 1_000)
        told.changed.inc({ cell, table: message.table }, message.changed)
      } else if (message.kind === 'sweep') {
        times.sweeps.observe({ cell }, message.ms / 1_000)
        told.drift.inc({ cell }, message.drift)
        told.mended.inc({ cell }, message.mended)
      } else {
        told.hints.inc({ cell, outcome: 'applied' }, message.applied)
        told.hints.inc({ cell, outcome: 'again' }, message.again)
        if (message.ms !== null) times.delay.observe({ cell }, message.ms / 1_000)
      }
    },
  })
  return () => {
    stop()
    for (const { name } of Object.values({ ...GAUGES, ...COUNTERS, ...TOLD, ...TIMES }))
      register.removeSingleMetric(name)
  }
}
