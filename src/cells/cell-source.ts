import type { OrderedSource } from '../engine/ordered-source.js'
import type { KeyedRow } from '../engine/ordering.js'
import type { AccessPath } from '../sql/access.js'
import { type Sql, type SqlValue, sql } from '../sql/fragment.js'
import { selectOrdered } from '../sql/select.js'
import type { Cell } from './cell.js'
import type { RowStream, SqlRow } from './connection.js'
import type { CellKeys } from './key-plan.js'

/** What one cell is asked for. */
export interface CellQuery {
  readonly table: string
  readonly where: Sql
  readonly keys: CellKeys
  /** How many of the keys the server has to sort by. */
  readonly orderBy: number
  readonly positions: readonly number[]
  /** What to select behind the keys. */
  readonly cargo: readonly Sql[]
  readonly path: AccessPath
  readonly after: readonly SqlValue[] | undefined
}

/** The position of a selected row: what a keyset takes. */
export const positionOf = (row: KeyedRow, positions: readonly number[]): SqlValue[] =>
  positions.map(slot => row[slot]!)

/** One cell's rows as an ordered source: each batch is one statement, behind the last row of the one before. */
export const cellSource = (
  cell: Cell,
  query: CellQuery,
  signal: () => AbortSignal,
  fetched: (rows: number) => void,
): OrderedSource =>
  inSequence(query, fetched, async (after, want) => {
    const rows = await cell.query(batchOf(query, after, want), signal())
    return { rows, done: rows.length < want }
  })

/** The same for a way to the end: statements of `size` rows, each of which is read as its rows are wanted, until `life` aborts. */
export const streamSource = (
  cell: Cell,
  query: CellQuery,
  size: number,
  signal: () => AbortSignal,
  life: AbortSignal,
  fetched: (rows: number) => void,
): OrderedSource => {
  let statement: RowStream | undefined
  let read = 0
  return inSequence(query, fetched, async (after, want) => {
    statement ??= cell.stream(batchOf(query, after, size), life)
    const rows = await statement.next(want, signal())
    read += rows.length
    if (rows.length === want) return { rows, done: false }
    const done = read < size
    statement = undefined
    read = 0
    return { rows, done }
  })
}

/** What `ask` reads behind the last row that it has read. */
const inSequence = (
  query: CellQuery,
  fetched: (rows: number) => void,
  ask: (after: CellQuery['after'], want: number) => Promise<{ rows: SqlRow[]; done: boolean }>,
): OrderedSource => {
  let after = query.after
  return {
    next: async want => {
      const { rows: raw, done } = await ask(after, want)
      const rows = fixed(raw, query.keys)
      fetched(rows.length)
      if (rows.length > 0) after = positionOf(rows.at(-1)!, query.positions)
      return { rows, done }
    },
  }
}

/** The statement for the next rows behind a position. */
export const batchOf = (query: CellQuery, after: CellQuery['after'], limit: number): Sql => ({
  ...sql`${after === query.after ? firstOf(query) : rowsBehind(query, after)} LIMIT ${limit}`,
  rows: limit,
})

const rowsBehind = (query: CellQuery, after: CellQuery['after']): Sql =>
  selectOrdered({ ...query, ...query.keys, columns: [...query.keys.select, ...query.cargo], after })

const firsts = new WeakMap<CellQuery, Sql>()

/** Cells that are alike have one query: its first statement is written once. */
const firstOf = (query: CellQuery): Sql => {
  const known = firsts.get(query)
  if (known !== undefined) return known
  const first = rowsBehind(query, query.after)
  firsts.set(query, first)
  return first
}

/** The driver's rows in the form that the merge compares. They are changed in place: nobody else has them. */
export const fixed = (rows: SqlRow[], { fixes }: CellKeys): KeyedRow[] => {
  for (const { slot, fix } of fixes) for (const row of rows) row[slot] = fix(row[slot] as never)
  return rows as KeyedRow[]
}
