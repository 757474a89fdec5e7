import { type ConnectionOptions, createConnection } from 'mysql2'
import type { Sql, SqlValue } from '../sql/fragment.js'
import type { DatabaseAddress } from './database-url.js'

/** One row as the driver gives it: the selected columns by position. */
export type SqlRow = (string | number | Buffer | null)[]

/** The rows of one statement, of which no more are read than are wanted. */
export interface RowStream {
  /** The next `count` rows; fewer only at the end. Rejects as `query` does, and is then at its end. */
  next(count: number, signal: AbortSignal): Promise<SqlRow[]>
}

/** A database that answers statements. */
export interface Database {
  /**
   * Rejects with the driver's error, or with the signal's reason. A statement that was given up is killed, and its connection is
   * cut: what it would still say belongs to nobody.
   */
  query(statement: Sql, signal: AbortSignal): Promise<SqlRow[]>
  /** The rows of one statement as they are wanted. Nothing is asked yet; when `life` aborts, nothing is wanted any more. */
  stream(statement: Sql, life: AbortSignal): RowStream
  /** Resolves when every connection has ended, however it ended. */
  close(): Promise<void>
}

/** The driver's or server's symbol for an error. Its message may hold host names, user names and values. */
export const reasonOf = (error: unknown): string => {
  const { code, errno } = error as { readonly code?: unknown; readonly errno?: unknown }
  return String(code ?? MARIADB.get(errno) ?? (errno === undefined ? 'UNKNOWN' : `ERRNO_${errno}`))
}

/** What only MariaDB says: the driver has no symbols for it. */
const MARIADB: ReadonlyMap<unknown, string> = new Map([
  [1927, 'ER_CONNECTION_KILLED'],
  [1969, 'ER_STATEMENT_TIMEOUT'],
])

// Text protocol and rows as arrays: measured as the cheapest way for mysql2 to read many rows. Values are exact:
// times stay text, and big integers and decimals that a float can't hold stay text as well.
export const optionsFor = (address: DatabaseAddress): ConnectionOptions => ({
  ...address,
  charset: 'utf8mb4',
  dateStrings: true,
  supportBigNumbers: true,
  bigNumberStrings: false,
  // A value that is an object can never become `key = value` in a statement.
  stringifyObjects: true,
  multipleStatements: false,
})

/** A connection outside any pool, for set-up. */
export interface Connection {
  query(text: string, values?: readonly SqlValue[]): Promise<SqlRow[]>
  close(): Promise<void>
}

/** Connects once. */
export const connect = async (address: DatabaseAddress): Promise<Connection> => {
  const connection = createConnection(optionsFor(address)).promise()
  await connection.connect()
  return {
    query: async (text, values = []) => {
      const [rows] = await connection.query({ sql: text, values: [...values], rowsAsArray: true })
      return rows as SqlRow[]
    },
    close: () => connection.end(),
  }
}
