import { LRUCache } from 'lru-cache'
import type { CellName } from '../cells/cell.js'
import { batchSize } from '../engine/batch-size.js'
import type { CheckedQuery } from '../validation/validator.js'

/** What the cells gave to a page, or to a query's last pages. */
interface Seen {
  /** The rows that were taken of each cell, by the cell's uuid. */
  readonly taken: ReadonlyMap<string, number>
  /** By how many rows a cell's part has changed of late, at the most, while the page was asked for again and again. */
  readonly drift: number
}

/**
 * What is remembered of pages, to ask each cell for as many rows as it will give and hardly more. Nothing but speed depends on it.
 * The same page again is likely to be as it was; any other page of the same query is likely to be made alike.
 */
export type PageMemory = LRUCache<string, Seen>

/** An empty memory: of 10,000 pages of 50 cells each, or of as many more as there are fewer cells. */
export const pageMemory = (): PageMemory =>
  new LRUCache({ maxSize: 500_000, sizeCalculation: ({ taken }) => taken.size + 1 })

/** What each cell is expected to give. */
export interface Forecast {
  /** What part each cell has in the rows; undefined when nothing is known of it. */
  readonly shares: readonly number[] | undefined
  /** How many rows each cell is asked for first. */
  readonly first: readonly number[]
}

const pageKey = ({ binding, limit, cursor, marker }: CheckedQuery): string =>
  [binding, limit, cursor ?? marker].join('\n')

/** The forecast for a query's page over these cells. */
export const forecast = (memory: PageMemory, query: CheckedQuery, cells: readonly CellName[]): Forecast => {
  const { limit } = query
  const shares = sharesOf(memory.get(query.binding), cells)
  // One cell that gives more than it was asked for is one more wait: the more cells, the more room each has; and the more rows a
  // cell is to give, the less room costs for each of them.
  const deviations = Math.max(2, 1 + Math.log10(cells.length)) + Math.min(1, limit / cells.length / 200)
  const guess = (i: number): number => batchSize(limit, shares?.[i] ?? 1 / cells.length, deviations)
  const same = memory.get(pageKey(query))
  return {
    shares,
    first: cells.map(({ uuid }, i) => {
      const taken = same?.taken.get(uuid)
      // One row beyond those of the page: without it the merge could not tell that the cell's next row is behind them.
      return taken === undefined ? guess(i) : Math.min(limit, taken + 2 * same!.drift) + 1
    }),
  }
}

/** Of so many rows it is remembered which cells they came from. */
const REMEMBERED = 1_000

const sumOf = (rows: Iterable<number>): number => {
  let sum = 0
  for (const count of rows) sum += count
  return sum
}

/**
 * What was seen, drawn towards an even spread as far as chance alone could have made the difference (James and Stein): a few
 * rows that are spread a little unevenly say nothing of many, and a few that all come from one cell say much.
 */
const sharesOf = (seen: Seen | undefined, cells: readonly CellName[]): readonly number[] | undefined => {
  if (cells.length === 1) return [1]
  if (seen === undefined) return undefined
  const even = 1 / cells.length
  const total = sumOf(seen.taken.values())
  const parts = cells.map(({ uuid }) => (seen.taken.get(uuid) ?? total * even) / total)
  const unlike = sumOf(parts.map(part => ((part - even) ** 2 * total) / even))
  const chance = Math.min(1, (cells.length - 1) / unlike)
  return parts.map(part => chance * even + (1 - chance) * part)
}

/** A query's last rows, with those of one more page. */
const together = (before: Seen | undefined, taken: ReadonlyMap<string, number>): Seen => {
  if (before === undefined) return { taken, drift: 0 }
  const kept = Math.max(0, 1 - sumOf(taken.values()) / REMEMBERED)
  const sums = [...taken].map(([uuid, rows]): [string, number] => [
    uuid,
    rows + kept * (before.taken.get(uuid) ?? 0),
  ])
  return { taken: new Map(sums), drift: 0 }
}

/** Remembers how many rows the page took of each cell. `whole`: it is what the query asked for, and no step of a longer way. */
export const remember = (
  memory: PageMemory,
  query: CheckedQuery,
  cells: readonly CellName[],
  rows: readonly number[],
  whole: boolean,
): void => {
  if (rows.every(count => count === 0)) return
  const taken = new Map(cells.map(({ uuid }, i) => [uuid, rows[i]!]))
  const key = whole ? pageKey(query) : undefined
  const before = key === undefined ? undefined : memory.get(key)
  const change = before === undefined ? 0 : changeOf(before, taken)
  // A change is remembered at once, and forgotten by halves.
  if (key !== undefined)
    memory.set(key, { taken, drift: Math.max(change, Math.floor((before?.drift ?? 0) / 2)) })
  // The same rows again say nothing new of others.
  if (before === undefined || change > 0) memory.set(query.binding, together(memory.get(query.binding), taken))
}

const changeOf = (before: Seen, taken: ReadonlyMap<string, number>): number =>
  Math.max(...[...taken].map(([uuid, rows]) => Math.abs(rows - (before.taken.get(uuid) ?? rows))))
