import { API_DATABASE } from '../cells/build-requests.js'
import type { Place, Position } from '../engine/cursor.js'
import { leadOf } from '../engine/lead.js'
import { type Merged, type MergeOptions, merge } from '../engine/merge.js'
import type { OrderedSource } from '../engine/ordered-source.js'
import { comparator, type KeyedRow } from '../engine/ordering.js'
import { cellDown } from './ask-cell.js'
import { positionIn } from './cell-query.js'
import type { Reading } from './cell-rows.js'
import { copyJudge } from './copies.js'
import type { Deadline } from './deadline.js'
import { remember } from './forecast.js'
import { materialiser } from './materialise.js'
import { answersFor } from './plan.js'
import type { AnyItem } from './record.js'
import type { Sources } from './sources.js'

/** Some consecutive records of the merged order. */
export interface Chunk {
  readonly items: readonly AnyItem[]
  /** Where the item at this index is. */
  position(index: number): Position
  /** The cells that are down. */
  readonly down: readonly string[]
  /** The last record up to this index that the cell itself has given, in this chunk or before. */
  lastOf(cell: string, index: number): Given | undefined
  /** No record follows. */
  readonly last: boolean
}

/** A record that a cell has given. */
export interface Given {
  readonly place: Place
  readonly row: KeyedRow
}

/** A running read of all cells in one order. */
export interface Scan {
  /** The next records: `count` of them, fewer only at the end. */
  next(count: number, deadline: Deadline): Promise<Chunk>
}

/**
 * Merges a plan's cells.
 *
 * @param cells - one for each of them; or behind those one more, an index
 * @param homeOf - of a row that the index gave, the cell that it is of
 */
export const scanOf = (
  sources: Sources,
  reading: Reading,
  cells: readonly OrderedSource[],
  homeOf?: (row: KeyedRow) => number,
): Scan => {
  const { plan, roll, life, stubs, indexed } = reading
  const { query } = plan
  const last = plan.cells.length
  const highest = Math.max(0, ...plan.cells.map(({ rank }) => rank))
  const merged = merge<KeyedRow>(cells, {
    compare: comparator(plan.keys.ordering),
    lead: leadOf(plan.keys.ordering),
    ranks: cells.map((_, i) => plan.cells[i]?.rank ?? highest),
    ...(homeOf === undefined
      ? forecastOf(reading)
      : { first: cells.map((_, i) => (i < last ? 1 : query.limit + 1)) }),
    failed: (i, error) => {
      if (i === plan.cells.length) throw error
      cellDown(roll, answersFor(plan.cells[i]!), query, error)
    },
    readAhead: life !== undefined,
  })
  const servers = plan.cells.map(({ cell }) => cell)
  const originOf = new Map(servers.map(({ uuid }, i) => [uuid, i]))
  const materialise = materialiser(reading)
  const judge = sources.instances && copyJudge(sources.instances.mappings, plan, roll)
  const located = ({ rows, origins }: Merged<KeyedRow>): Merged<KeyedRow> => ({
    rows,
    origins:
      homeOf === undefined
        ? origins
        : origins.map((origin, i) => (origin === last ? homeOf(rows[i]!) : origin)),
  })
  let given: readonly (KeyedRow | undefined)[] = servers.map(() => undefined)
  return {
    next: async (count, now) => {
      const items: AnyItem[] = []
      const rows: KeyedRow[] = []
      const from: number[] = []
      const taken = servers.map(() => 0)
      const position = (index: number): Position => positionIn(plan, rows[index]!, plan.cells[from[index]!]!)
      const chunk = (last: boolean): Chunk => {
        const returned = servers.map(() => 0)
        const stubbed = servers.map(() => 0)
        const before = given
        const now = [...before]
        for (const [i, origin] of from.entries()) {
          returned[origin]!++
          if (stubs.has(rows[i]!)) stubbed[origin]!++
          else now[origin] = rows[i]!
        }
        given = now
        for (const [origin, cell] of servers.entries()) roll.returned(cell, returned[origin]!, stubbed[origin]!)
        if (indexed === undefined) remember(sources.memory, query, servers, taken, life === undefined)
        return {
          items,
          position,
          // What a cell that is down would have given, the index has.
          down:
            indexed === undefined ? roll.downCells : roll.downCells.filter(uuid => uuid === API_DATABASE.uuid),
          lastOf: (cell, index) => {
            const origin = originOf.get(cell)
            if (origin === undefined) return undefined
            let i = index
            while (i >= 0 && (from[i] !== origin || stubs.has(rows[i]!))) i--
            const row = i < 0 ? before[origin] : rows[i]
            if (row === undefined) return undefined
            const { collations, ...place } = positionIn(plan, row, plan.cells[origin]!)
            return { place, row }
          },
          last,
        }
      }
      // Winners whose cell goes down while it is asked for their relations, or that are no current copies, leave room for
      // those behind them.
      while (items.length < count) {
        const winners = located(await merged.take(count - items.length))
        if (winners.rows.length === 0) return chunk(true)
        for (const origin of winners.origins) taken[origin]!++
        const [made, verdict] = await Promise.all([materialise(winners, now), judge?.(winners, now)])
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

const forecastOf = ({ plan: { forecast }, life }: Reading): Pick<MergeOptions, 'first' | 'shares'> => ({
  ...(life === undefined && { first: forecast.first }),
  ...(forecast.shares && { shares: forecast.shares }),
})
