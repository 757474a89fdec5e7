import { forEachCell } from '../cells/known-cell.js'
import type { Bookmark } from '../engine/cursor.js'
import type { OrderedSource } from '../engine/ordered-source.js'
import type { KeyedRow } from '../engine/ordering.js'
import type { CheckedQuery } from '../validation/validator.js'
import { cellQuery } from './cell-query.js'
import { cellRows, type Reading } from './cell-rows.js'
import type { Deadline } from './deadline.js'
import { rangeOf } from './gaps.js'
import type { RollCall } from './roll-call.js'
import { type Scan, scanOf } from './scan.js'
import type { Sources } from './sources.js'
import { startOf } from './start.js'

/** A scan, and where it began. */
export interface Begun {
  readonly scan: Scan
  readonly began: Bookmark | undefined
}

/**
 * Plans a query and opens every cell that can be asked.
 *
 * @param known - where the query starts, as far as that is known
 * @param life - every row will be wanted, until it aborts
 */
export const openScan = async (
  sources: Sources,
  query: CheckedQuery,
  known: Bookmark | undefined,
  roll: RollCall,
  deadline: Deadline,
  life?: AbortSignal,
): Promise<Begun> => {
  const { plan, from } = await startOf(sources, query, known, roll, deadline, life !== undefined)
  const range = rangeOf(from, undefined)
  const queries = forEachCell(plan.cells, asked => cellQuery(plan, asked, range))
  return {
    began: from,
    scan: readingOf(sources, { plan, roll, life }, deadline, reading =>
      plan.cells.map((_, i) => cellRows(reading, i, range, queries[i]!)),
    ),
  }
}

/** A scan whose statements are each under the deadline of the step that they are asked in. `rows`, `homeOf`: as {@link scanOf} takes them. */
export const readingOf = (
  sources: Sources,
  what: Omit<Reading, 'signal' | 'stubs'>,
  deadline: Deadline,
  rows: (reading: Reading) => readonly OrderedSource[],
  homeOf?: (row: KeyedRow) => number,
): Scan => {
  let current = deadline
  const reading = { ...what, signal: () => current.part(), stubs: new WeakSet<KeyedRow>() }
  const scan = scanOf(sources, reading, rows(reading), homeOf)
  return {
    next: (count, now) => {
      current = now
      return scan.next(count, now)
    },
  }
}
