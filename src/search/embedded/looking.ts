import type { Sql } from '../../sql/fragment.js'
import type { Columns } from './columns.js'
import type { Connection, Row } from './connection.js'
import type { Work } from './work.js'

/** One look at a generation, in one moment of it. */
export interface Looking extends Pick<Work, 'say'> {
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
  { signal, say }: Pick<Work, 'signal' | 'say'>,
  work: (looking: Looking) => Promise<T>,
): Promise<T> =>
  connection.transaction('read', signal, () =>
    work({ columns, say, first: statement => connection.first(statement, signal), all: connection.all }),
  )
