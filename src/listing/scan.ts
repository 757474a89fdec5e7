import { type CellQuery, cellSource, streamSource } from '../cells/cell-source.js'
import { forEachCell } from '../cells/known-cell.js'
import type { Position } from '../engine/cursor.js'
import { leadOf } from '../engine/lead.js'
import { type Merged, merge } from '../engine/merge.js'
import type { OrderedSource } from '../engine/ordered-source.js'
import { comparator, type KeyedRow } from '../engine/ordering.js'
import type { CheckedQuery } from '../validation/validator.js'
import { cellDown } from './ask-cell.js'
import { cellQuery, positionIn } from './cell-query.js'
import { copyJudge } from './copies.js'
import type { Deadline } from './deadline.js'
import { remember } from './forecast.js'
import { materialiser } from './materialise.js'
import type { Plan } from './plan.js'
import type { AnyItem } from './record.js'
import type { RollCall } from './roll-call.js'
import type { Sources } from './sources.js'
import { startOf } from './start.js'

/** Some consecutive records of the merged order. */
export interface Chunk {
  readonly items: readonly AnyItem[]
  /** Where the item at this index is. */
  position(index: number): Position
  /** No record follows. */
  readonly last: boolean
}

/** A running read of all cells in one order. */
export interface Scan {
  /** The next records: `count` of them, fewer only at the end. */
  next(count: number, deadline: Deadline): Promise<Chunk>
}

/**
 * Rows of one statement of a way to the end: of all cells together, and of one at the least. A statement costs as much as 30
 * rows; and if nobody reads on, its rows are kept.
 */
const MOST_STREAMED = 20_000
const LEAST_STREAMED = 200

/** Plans a query and opens every cell that can be asked. `life`: every row will be wanted, until it aborts. */
export const openScan = async (
  sources: Sources,
  query: CheckedQuery,
  roll: RollCall,
  deadline: Deadline,
  life?: AbortSignal,
): Promise<Scan> => {
  const toTheEnd = life !== undefined
  const { plan, from } = await startOf(sources, query, roll, deadline, toTheEnd)
  const queries = forEachCell(plan.cells, (_, i) => cellQuery(plan, i, from))
  let current = deadline
  const merged = merge<KeyedRow>(
    plan.cells.map((_, i) => sourceOf(plan, i, queries[i]!, from, roll, () => current.part(), life)),
    {
      compare: comparator(plan.keys.ordering),
      lead: leadOf(plan.keys.ordering),
      ranks: plan.ranks,
      ...(!toTheEnd && { first: plan.forecast.first }),
      ...(plan.forecast.shares && { shares: plan.forecast.shares }),
      failed: (i, error) => cellDown(roll, plan.cells[i]!.cell, query, error),
      readAhead: toTheEnd,
    },
  )
  const servers = plan.cells.map(({ cell }) => cell)
  const materialise = materialiser(plan, roll)
  const judge = sources.instances && copyJudge(sources.instances.mappings, plan, roll)
  const ofCellsThatAreUp = ({ rows, origins }: Merged<KeyedRow>): Merged<KeyedRow> => {
    const up = plan.cells.map(({ cell }) => !roll.isDown(cell))
    if (up.every(Boolean)) return { rows, origins }
    return { rows: rows.filter((_, i) => up[origins[i]!]), origins: origins.filter(origin => up[origin]) }
  }
  return {
    next: async (count, now) => {
      current = now
      const items: AnyItem[] = []
      const rows: KeyedRow[] = []
      const from: number[] = []
      const taken = servers.map(() => 0)
      const chunk = (last: boolean): Chunk => {
        const returned = servers.map(() => 0)
        for (const origin of from) returned[origin]!++
        for (const [origin, cell] of servers.entries()) roll.returned(cell, returned[origin]!)
        remember(sources.memory, query, servers, taken, !toTheEnd)
        return { items, position: i => positionIn(plan, rows[i]!, from[i]!), last }
      }
      // Winners whose cell goes down while it is asked for their relations, or that are no current copies, leave room for
      // those behind them.
      while (items.length < count) {
        const winners = await merged.take(count - items.length)
        if (winners.rows.length === 0) return chunk(true)
        for (const origin of winners.origins) taken[origin]!++
        const those = ofCellsThatAreUp(winners)
        const [made, verdict] = await Promise.all([materialise(those, now), judge?.(those, now)])
        for (const [i, item] of made.items.entries()) {
          const row = made.rows[i]!
          const origin = made.origins[i]!
          if (verdict?.isCurrent(row, origin) === false) continue
          if (verdict?.isUnreadable(row, origin)) {
            item.undecodable = ['instance', ...((item.undecodable as string[] | undefined) ?? [])]
            roll.undecodable(plan.cells[origin]!.cell)
          }
          items.push(item)
          rows.push(row)
          from.push(origin)
        }
      }
      return chunk(!(await merged.more()))
    },
  }
}

/** One cell's rows behind the position. */
const sourceOf = (
  plan: Plan,
  index: number,
  query: CellQuery,
  from: Position | undefined,
  roll: RollCall,
  signal: () => AbortSignal,
  life: AbortSignal | undefined,
): OrderedSource => {
  const { cell } = plan.cells[index]!
  const answered = (fetched: number): void => roll.answered(cell, fetched)
  const source = life
    ? streamSource(
        cell,
        query,
        Math.max(LEAST_STREAMED, Math.floor(MOST_STREAMED / plan.cells.length)),
        signal,
        life,
        answered,
      )
    : cellSource(cell, query, signal, answered)
  const passed = plan.ranks[index]! < (from?.rank ?? 0)
  // A cell whose rows or relations failed is not walked to its end in search of some that do not.
  return { next: async want => (passed || roll.isDown(cell) ? { rows: [], done: true } : source.next(want)) }
}
