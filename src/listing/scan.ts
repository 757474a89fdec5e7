import type { Cell } from '../cells/cell.js'
import { cellSource, positionOf } from '../cells/cell-source.js'
import type { Cursors, Position } from '../engine/cursor.js'
import { type Merged, merge } from '../engine/merge.js'
import type { OrderedSource } from '../engine/ordered-source.js'
import { comparator, type KeyedRow } from '../engine/ordering.js'
import type { Resource } from '../resources/resource.js'
import type { CheckedQuery } from '../validation/validator.js'
import type { Deadline } from './deadline.js'
import { knownStart, lookUpMarker, type MarkerCache } from './marker.js'
import { materialiser } from './materialise.js'
import { cellDown, cellQuery, planFor, sortColumns } from './plan.js'
import type { AnyItem } from './record.js'
import type { RollCall } from './roll-call.js'

/** What every request of one set of cells shares. */
export interface Sources {
  readonly resource: Resource
  readonly cells: readonly Cell[]
  readonly cursors: Cursors
  readonly markers: MarkerCache
}

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
  { resource, cells, cursors, markers }: Sources,
  query: CheckedQuery,
  roll: RollCall,
  readAhead: boolean,
  deadline: Deadline,
): Promise<Scan> => {
  const start = knownStart(cursors, markers, query)
  const plan = await planFor(resource, query, sortColumns(resource, query.sort), cells, start, roll, deadline)
  const from =
    query.marker === undefined ? start : (start ?? (await lookUpMarker(plan, query.marker, roll, deadline)))
  let current = deadline
  const sources = plan.cells.map(({ cell }, i): OrderedSource => {
    const source = cellSource(
      cell,
      cellQuery(plan, i, from),
      () => current.part(),
      fetched => roll.answered(cell, fetched),
    )
    // A cell whose rows or relations failed is not walked to its end in search of some that do not.
    return { next: async want => (roll.isDown(cell) ? { rows: [], done: true } : source.next(want)) }
  })
  const merged = merge<KeyedRow>(sources, {
    compare: comparator(plan.keys.ordering),
    failed: (i, error) => cellDown(roll, plan.cells[i]!.cell, query, error),
    readAhead,
  })
  const materialise = materialiser(plan, roll)
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
      const chunk = (last: boolean): Chunk => ({
        items,
        position: i => ({
          values: positionOf(rows[i]!, plan.keys.positions),
          collations: plan.keys.collations,
        }),
        last,
      })
      // Winners that are gone by the time their rows are fetched leave room for those behind them.
      while (items.length < count) {
        const winners = await merged.take(count - items.length)
        if (winners.rows.length === 0) return chunk(true)
        const made = await materialise(ofCellsThatAreUp(winners), now)
        for (let i = 0; i < made.items.length; i++) {
          items.push(made.items[i]!)
          rows.push(made.rows[i]!)
        }
      }
      return chunk(!(await merged.more()))
    },
  }
}
