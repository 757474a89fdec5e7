import type { Place, Position } from '../engine/cursor.js'
import { leadOf } from '../engine/lead.js'
import { merge } from '../engine/merge.js'
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

/** Merges a plan's cells. `sources`: one for each of them. */
export const scanOf = (sources: Sources, reading: Reading, cells: readonly OrderedSource[]): Scan => {
  const { plan, roll, life, stubs } = reading
  const { query } = plan
  const merged = merge<KeyedRow>(cells, {
    compare: comparator(plan.keys.ordering),
    lead: leadOf(plan.keys.ordering),
    ranks: plan.cells.map(({ rank }) => rank),
    ...(life === undefined && { first: plan.forecast.first }),
    ...(plan.forecast.shares && { shares: plan.forecast.shares }),
    failed: (i, error) => cellDown(roll, answersFor(plan.cells[i]!), query, error),
    readAhead: life !== undefined,
  })
  const servers = plan.cells.map(({ cell }) => cell)
  const originOf = new Map(servers.map(({ uuid }, i) => [uuid, i]))
  const materialise = materialiser(reading)
  const judge = sources.instances && copyJudge(sources.instances.mappings, plan, roll)
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
        remember(sources.memory, query, servers, taken, life === undefined)
        return {
          items,
          position,
          down: roll.downCells,
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
        const winners = await merged.take(count - items.length)
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
