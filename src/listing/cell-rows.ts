import { API_DATABASE } from '../cells/build-requests.js'
import type { Cell } from '../cells/cell.js'
import { type CellQuery, cellSource, positionOf, streamSource } from '../cells/cell-source.js'
import type { Range } from '../engine/cursor.js'
import type { OrderedSource } from '../engine/ordered-source.js'
import type { KeyedRow } from '../engine/ordering.js'
import { cellDown } from './ask-cell.js'
import { cellQuery, isOutside } from './cell-query.js'
import { rangeOf } from './gaps.js'
import type { IndexedRows } from './index-rows.js'
import type { Plan } from './plan.js'
import type { RollCall } from './roll-call.js'

/** What all sources of a scan share. */
export interface Reading {
  readonly plan: Plan
  readonly roll: RollCall
  /** A statement that begins now ends when this aborts. */
  readonly signal: () => AbortSignal
  /** Every row will be wanted, until it aborts; undefined where only some are. */
  readonly life: AbortSignal | undefined
  /** The rows that stand for those of cells that are down. */
  readonly stubs: WeakSet<KeyedRow>
  /** The rows that an index gave. */
  readonly indexed?: IndexedRows
}

/**
 * Rows of one statement of a way to the end: of all cells together, and of one at the least. A statement costs as much as 30
 * rows; and if nobody reads on, its rows are kept.
 */
const MOST_STREAMED = 20_000
const LEAST_STREAMED = 200

const NONE: OrderedSource = { next: async () => ({ rows: [], done: true }) }

/**
 * One of the plan's cells, in a range of the order. A cell that goes down ends, or gives stubs from there on.
 *
 * @param query - what the cell is asked in this range
 */
export const cellRows = (reading: Reading, index: number, range: Range, query: CellQuery): OrderedSource => {
  const { plan, roll } = reading
  const asked = plan.cells[index]!
  if (isOutside(asked, range)) return NONE
  if (asked.stub) return stubRows(reading, asked.cell, query, new Set())
  const rows = rowsOf(reading, asked.cell, query, fetched => roll.answered(asked.cell, fetched))
  return plan.stubs === undefined ? untilDown(reading, asked.cell, rows) : orStubs(reading, index, rows, range)
}

const rowsOf = (
  { plan, signal, life }: Reading,
  cell: Cell,
  query: CellQuery,
  answered: (fetched: number) => void,
): OrderedSource => {
  const size = Math.max(LEAST_STREAMED, Math.floor(MOST_STREAMED / plan.cells.length))
  return life === undefined
    ? cellSource(cell, query, signal, answered)
    : streamSource(cell, query, size, signal, life, answered)
}

/** A cell whose rows or relations failed is not walked to its end in search of some that do not. */
const untilDown = ({ roll }: Reading, cell: Cell, rows: OrderedSource): OrderedSource => ({
  next: want => (roll.isDown(cell) ? NONE.next(want) : rows.next(want)),
})

/** The rows, and where they end because the cell is down, the stubs of those that it had not given. */
const orStubs = (reading: Reading, index: number, rows: OrderedSource, range: Range): OrderedSource => {
  const { plan, roll } = reading
  const { cell, rank } = plan.cells[index]!
  const given = new Set<unknown>()
  let from = range.from
  let stubs: OrderedSource | undefined
  return {
    next: async want => {
      if (!roll.isDown(cell)) {
        try {
          const batch = await rows.next(want)
          for (const row of batch.rows) given.add(row[plan.instance!])
          const last = batch.rows.at(-1)
          if (last !== undefined)
            from = { values: positionOf(last, plan.keys.positions), ...(rank !== 0 && { rank }) }
          return batch
        } catch (error) {
          cellDown(roll, cell, plan.query, error)
        }
      }
      const behind = rangeOf(from, range.to)
      stubs ??= stubRows(reading, plan.stubs!.cellFor(cell), cellQuery(plan, plan.stubs!, behind), given)
      return stubs.next(want)
    },
  }
}

/** What the instance mappings say of a cell's rows, but for those that came as records before. */
const stubRows = (
  reading: Reading,
  standIn: Cell,
  query: CellQuery,
  given: ReadonlySet<unknown>,
): OrderedSource => {
  const { plan, roll } = reading
  const rows = rowsOf(reading, standIn, query, fetched => roll.answered(API_DATABASE, fetched))
  return {
    next: async want => {
      if (roll.isDown(API_DATABASE)) return NONE.next(want)
      try {
        const batch = await rows.next(want)
        const stubs = batch.rows.filter(row => !given.has(row[plan.instance!]))
        for (const row of stubs) reading.stubs.add(row)
        return { rows: stubs, done: batch.done }
      } catch (error) {
        cellDown(roll, API_DATABASE, plan.query, error)
        return NONE.next(want)
      }
    },
  }
}
