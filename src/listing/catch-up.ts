import type { Bookmark, Range } from '../engine/cursor.js'
import type { OrderedSource } from '../engine/ordered-source.js'
import type { KeyedRow } from '../engine/ordering.js'
import type { CheckedQuery } from '../validation/validator.js'
import { cellQuery } from './cell-query.js'
import { cellRows, type Reading } from './cell-rows.js'
import type { Deadline } from './deadline.js'
import { type Gaps, gapsOf, rangeOf } from './gaps.js'
import { names } from './muster.js'
import { sortColumns } from './order.js'
import { bookmarkOf } from './owed.js'
import { planFor } from './plan.js'
import { readingOf } from './reading.js'
import { type RollCall, rollCall } from './roll-call.js'
import type { Chunk } from './scan.js'
import type { Sources } from './sources.js'

/** Records that pages had missed, and what is still missing behind them. */
export interface CaughtUp {
  readonly chunk: Chunk
  readonly roll: RollCall
  readonly bookmark: Bookmark
}

/** Reads what cells owe that were down when a cursor's pages were made, in the order of all, as far as they are back. */
export const catchUp = async (
  all: Sources,
  query: CheckedQuery,
  bookmark: Bookmark,
  deadline: Deadline,
): Promise<CaughtUp> => {
  const gaps = gapsOf(bookmark.passed)
  const asked = { ...all, cells: all.cells.filter(({ uuid }) => gaps.has(uuid)) }
  const roll = rollCall(names(asked))
  deadline.request?.asks(roll)
  const sort = sortColumns(all.resource, query.sort)
  const plan = await planFor(asked, query, sort, bookmark, roll, deadline)
  const rangeOfRow = new WeakMap<KeyedRow, number>()
  const scan = readingOf(asked, { plan, roll, life: undefined }, deadline, reading =>
    plan.cells.map(({ cell }, i) => inRanges(reading, i, gaps.get(cell.uuid) ?? [], rangeOfRow)),
  )
  const chunk = await scan.next(query.limit, deadline)
  const there = new Set(names(asked).map(({ uuid }) => uuid))
  const rest: Gaps = new Map(
    [...gaps].flatMap(([uuid, ranges]): [string, readonly Range[]][] => {
      const isDown = chunk.down.includes(uuid)
      // A cell that is no longer there owes nothing.
      if (!there.has(uuid) || (chunk.last && !isDown)) return []
      const given = chunk.lastOf(uuid, chunk.items.length - 1)
      if (given === undefined) return [[uuid, ranges]]
      const at = rangeOfRow.get(given.row)!
      return [[uuid, [rangeOf(given.place, ranges[at]!.to), ...ranges.slice(at + 1)]]]
    }),
  )
  return { chunk, roll, bookmark: bookmarkOf(bookmark, rest) }
}

/** A cell's rows in some ranges, one after the other. */
const inRanges = (
  reading: Reading,
  index: number,
  ranges: readonly Range[],
  rangeOfRow: WeakMap<KeyedRow, number>,
): OrderedSource => {
  let at = 0
  let rows: OrderedSource | undefined
  return {
    next: async want => {
      const range = ranges[at]
      if (range === undefined) return { rows: [], done: true }
      rows ??= cellRows(reading, index, range, cellQuery(reading.plan, reading.plan.cells[index]!, range))
      const batch = await rows.next(want)
      for (const row of batch.rows) rangeOfRow.set(row, at)
      if (!batch.done) return batch
      at++
      rows = undefined
      return { rows: batch.rows, done: at === ranges.length }
    },
  }
}
