import type { Sql } from '../../sql/fragment.js'
import type { Columns } from './columns.js'
import type { Connection, Row } from './connection.js'

/** One look at a generation, in one moment of it. */
export interface Looking {
  readonly columns: Columns
  /** A statement that may take long, and ends when nobody waits any more. */
  first(statement: Sql): Promise<Row | undefined>
  /** One that does not. */
  all(statement: Sql): Promise<Row[]>
}

/** Looks at a generation. */
export const look = <T>(
  connection: Connection,
  columns: Columns,
  signal: AbortSignal,
  work: (looking: Looking) => Promise<T>,
): Promise<T> =>
  connection.transaction('read', signal, () =>
    work({ columns, first: statement => connection.first(statement, signal), all: connection.all }),
  )
