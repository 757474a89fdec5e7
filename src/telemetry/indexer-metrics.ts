/** A metric, as prom-client takes it. */
export interface Metric {
  readonly name: string
  readonly help: string
  readonly labelNames: string[]
}

const metric = (name: string, help: string, ...labelNames: string[]): Metric => ({
  name: `crosscell_${name}`,
  help,
  labelNames,
})

/** Read off the status whenever somebody asks for the metrics. */
export const GAUGES = {
  up: metric('index_up', 'Whether the index answers'),
  lag: metric('index_lag_seconds', 'Time since everything of a cell was in the index', 'cell'),
  state: metric(
    'index_state',
    'How true the index is of a cell: 1 for the state, 0 for the others',
    'cell',
    'state',
  ),
  swept: metric('index_swept_timestamp_seconds', 'When everything was compared with a cell last', 'cell'),
  withheld: metric('index_withheld', 'Documents of a cell that stay until somebody has looked', 'cell'),
  held: metric('index_held', 'Whether this indexer polls and sweeps a cell', 'cell'),
  hinted: metric('index_hints_waiting', 'Hints about a cell that are not applied yet', 'cell'),
  feedState: metric('feed_state', 'The state that a feed is in: 1 for it, 0 for the others', 'feed', 'state'),
  waiting: metric('feed_waiting', 'Messages in the queue of a feed', 'feed'),
  oldest: metric('feed_oldest_seconds', 'Age of the oldest message that is not acknowledged', 'feed'),
} as const

/** The same, of what only grows. */
export const COUNTERS = {
  messages: metric('feed_messages_total', 'Messages of a feed, by what became of them', 'feed', 'outcome'),
  poison: metric('index_poison_total', 'Documents that the index could not hold', 'cell'),
} as const

/** Told by messages, and counted. */
export const TOLD = {
  changed: metric('index_changed_total', 'Records that were read back for such looks', 'cell', 'table'),
  drift: metric('index_drift_total', 'Records that comparisons found to differ', 'cell'),
  mended: metric('index_mended_total', 'Of these, records that were mended', 'cell'),
  hints: metric('index_hints_total', 'Hints that were read back: applied, or again', 'cell', 'outcome'),
  gaps: metric('feed_gaps_total', 'Times that hints of a feed may have been lost', 'feed'),
} as const

/** Times of what messages tell. */
export const TIMES = {
  polls: metric(
    'index_poll_duration_seconds',
    'Time that looks for what may have changed took',
    'cell',
    'table',
  ),
  sweeps: metric('index_sweep_duration_seconds', 'Time that comparisons of everything took', 'cell'),
  delay: metric('index_hint_delay_seconds', 'Time from what was said to the index', 'cell'),
} as const
