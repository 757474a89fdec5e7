/**
 * Figures of what crosscell does, for [Prometheus](https://prometheus.io). Needs `prom-client`.
 *
 * @module
 */

import { register as byDefault, Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { type BreakerMessage, observe, type RequestEnd } from '../observability.js'

export {
  type MeasuredCell,
  type MeasuredFeed,
  type MeasuredIndexer,
  type MeasuredStatus,
  type MeasureIndexerOptions,
  measureIndexer,
} from './measure-indexer.js'

/** What {@link measureCells} takes. */
export interface MeasureOptions {
  /** Where the metrics are registered. Default: prom-client's own registry. */
  readonly register?: Registry
  /** Upper bounds of the histograms, in seconds. Default: prom-client's, from 0.005 to 10. */
  readonly buckets?: readonly number[]
}

const METRICS = {
  requestSeconds: {
    name: 'crosscell_request_duration_seconds',
    help: 'Time that requests took, by what became of them: complete, partial or failed',
    labelNames: ['verb', 'resource', 'outcome'],
  },
  statementSeconds: {
    name: 'crosscell_statement_duration_seconds',
    help: 'Time that cells took for statements, from their turn on, by what became of them: answered, failed or abandoned',
    labelNames: ['cell', 'outcome'],
  },
  returned: {
    name: 'crosscell_rows_returned_total',
    help: 'Records of all answers',
    labelNames: ['verb', 'resource'],
  },
  fetched: {
    name: 'crosscell_rows_fetched_total',
    help: 'Rows that were fetched to decide on the records of all answers',
    labelNames: ['verb', 'resource'],
  },
  partial: {
    name: 'crosscell_partial_answers_total',
    help: 'Answers that were given without some cell',
    labelNames: ['verb', 'resource'],
  },
  missed: {
    name: 'crosscell_cells_missed_total',
    help: 'Requests that a cell did not answer in full, by its state: failed, timed-out or breaker-open',
    labelNames: ['cell', 'state'],
  },
  killed: {
    name: 'crosscell_statements_killed_total',
    help: 'Abandoned statements that were killed on their servers',
    labelNames: ['cell'],
  },
  breaker: {
    name: 'crosscell_breaker_state',
    help: 'The state that the breaker of a cell is in: 1 for it, 0 for the others',
    labelNames: ['cell', 'state'],
  },
} as const

const BREAKER_STATES: readonly BreakerMessage['state'][] = ['closed', 'open', 'half-open']

/**
 * Measures all requests of this process, from now on. No label holds more than the names of verbs, resources and cells, and of the states
 * of these.
 *
 * @returns what ends that, and takes the metrics out of the registry
 * @example
 * ```ts
 * const stop = measureCells()
 * ```
 */
export const measureCells = ({ register = byDefault, buckets }: MeasureOptions = {}): (() => void) => {
  const registers = [register]
  const histogram = { registers, ...(buckets && { buckets: [...buckets] }) }
  const requestSeconds = new Histogram({ ...METRICS.requestSeconds, ...histogram })
  const statementSeconds = new Histogram({ ...METRICS.statementSeconds, ...histogram })
  const returned = new Counter({ ...METRICS.returned, registers })
  const fetched = new Counter({ ...METRICS.fetched, registers })
  const partial = new Counter({ ...METRICS.partial, registers })
  const missed = new Counter({ ...METRICS.missed, registers })
  const killed = new Counter({ ...METRICS.killed, registers })
  const breaker = new Gauge({ ...METRICS.breaker, registers })

  const known = new Set<string>()
  const setBreaker = (cell: string, now: BreakerMessage['state']): void => {
    known.add(cell)
    for (const state of BREAKER_STATES) breaker.set({ cell, state }, state === now ? 1 : 0)
  }

  const stop = observe({
    'crosscell:request:end': answer => {
      const { verb, resource } = answer.request
      const outcome = outcomeOf(answer)
      requestSeconds.observe({ verb, resource, outcome }, answer.ms / 1_000)
      returned.inc({ verb, resource }, answer.rows)
      fetched.inc({ verb, resource }, answer.fetched)
      if (outcome === 'partial') partial.inc({ verb, resource })
      for (const { name: cell, state } of answer.cells) {
        if (state !== 'ok') missed.inc({ cell, state })
        // Breakers tell of changes alone.
        if (!known.has(cell)) setBreaker(cell, state === 'breaker-open' ? 'open' : 'closed')
      }
    },
    'crosscell:statement:end': ({ cell, outcome, ms, idle }) =>
      statementSeconds.observe({ cell: cell.name, outcome }, (ms - idle) / 1_000),
    'crosscell:breaker': ({ cell, state }) => setBreaker(cell.name, state),
    'crosscell:kill': ({ cell }) => killed.inc({ cell: cell.name }),
  })
  return () => {
    stop()
    for (const { name } of Object.values(METRICS)) register.removeSingleMetric(name)
  }
}

const outcomeOf = ({ error, complete }: RequestEnd): 'complete' | 'partial' | 'failed' => {
  if (error !== undefined) return 'failed'
  return complete ? 'complete' : 'partial'
}
