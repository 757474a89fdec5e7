import type { OrderedSource } from '../engine/ordered-source.js'
import type { KeyedRow } from '../engine/ordering.js'
import type { Sql, SqlValue } from '../sql/fragment.js'
import { selectBatch } from '../sql/select.js'
import type { Cell } from './cell.js'
import type { SqlRow } from './connection.js'
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
  readonly index: string | undefined
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
): OrderedSource => {
  const columns = [...query.keys.select, ...query.cargo]
  let after = query.after
  return {
    next: async want => {
      const statement = selectBatch({ ...query, ...query.keys, columns, after, limit: want })
      const rows = fixed(await cell.query(statement, signal()), query.keys)
      fetched(rows.length)
      if (rows.length > 0) after = positionOf(rows.at(-1)!, query.positions)
      return { rows, done: rows.length < want }
    },
  }
}

/** The driver's rows in the form that the merge compares. They are changed in place: nobody else has them. */
export const fixed = (rows: SqlRow[], { fixes }: CellKeys): KeyedRow[] => {
  for (const { slot, fix } of fixes) for (const row of rows) row[slot] = fix(row[slot] as never)
  return rows as KeyedRow[]
}
