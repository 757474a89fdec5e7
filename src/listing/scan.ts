import { cellSource } from '../cells/cell-source.js'
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
import { knownStart, lookUpMarker } from './marker.js'
import { materialiser } from './materialise.js'
import { type Plan, planFor, sortColumns } from './plan.js'
import type { AnyItem } from './record.js'
import type { RollCall } from './roll-call.js'
import { rememberShares } from './shares.js'
import { ofInstances, type Sources } from './sources.js'

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

/** Plans a query and opens every cell that can be asked. */
export const openScan = async (
  sources: Sources,
  query: CheckedQuery,
  roll: RollCall,
  readAhead: boolean,
  deadline: Deadline,
): Promise<Scan> => {
  const { resource, cursors, markers, instances } = sources
  const start = knownStart(cursors, markers, query)
  const plan = await planFor(
    sources,
    query,
    sortColumns(resource, query.sort),
    start,
    roll,
    deadline,
    readAhead,
  )
  const from =
    query.marker === undefined
      ? start
      : (start ?? (await lookUpMarker(plan, ofInstances(sources)?.mappings, query.marker, roll, deadline)))
  let current = deadline
  const merged = merge<KeyedRow>(
    plan.cells.map((_, i) => sourceOf(plan, i, from, roll, () => current.part())),
    {
      compare: comparator(plan.keys.ordering),
      lead: leadOf(plan.keys.ordering),
      ranks: plan.ranks,
      ...(plan.shares && { shares: plan.shares }),
      failed: (i, error) => cellDown(roll, plan.cells[i]!.cell, query, error),
      readAhead,
    },
  )
  const servers = plan.cells.map(({ cell }) => cell)
  const materialise = materialiser(plan, roll)
  const judge = instances && copyJudge(instances.mappings, plan, roll)
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
      const chunk = (last: boolean): Chunk => {
        for (const [origin, { cell }] of plan.cells.entries())
          roll.returned(cell, from.filter(one => one === origin).length)
        rememberShares(sources.shares, query, servers, from)
        return { items, position: i => positionIn(plan, rows[i]!, from[i]!), last }
      }
      // Winners that are gone by the time their rows are fetched, or that are no current copies, leave room for those
      // behind them.
      while (items.length < count) {
        const winners = await merged.take(count - items.length)
        if (winners.rows.length === 0) return chunk(true)
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
  from: Position | undefined,
  roll: RollCall,
  signal: () => AbortSignal,
): OrderedSource => {
  const { cell } = plan.cells[index]!
  const query = cellQuery(plan, index, from)
  const source = cellSource(cell, query, signal, fetched => roll.answered(cell, fetched))
  const passed = plan.ranks[index]! < (from?.rank ?? 0)
  // A cell whose rows or relations failed is not walked to its end in search of some that do not.
  return { next: async want => (passed || roll.isDown(cell) ? { rows: [], done: true } : source.next(want)) }
}
