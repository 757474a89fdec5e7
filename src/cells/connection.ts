import { type ConnectionOptions, createConnection, createPool, type Pool, type PoolConnection } from 'mysql2'
import type { Sql, SqlValue } from '../sql/fragment.js'
import type { DatabaseAddress } from './database-url.js'

/** One row as the driver gives it: the selected columns by position. */
export type SqlRow = (string | number | Buffer | null)[]

/** A database that answers statements. */
export interface Database {
  /**
   * Rejects with the driver's error, or with the signal's reason. A connection whose statement was given up is
   * destroyed: what it would still say belongs to nobody.
   */
  query(statement: Sql, signal: AbortSignal): Promise<SqlRow[]>
  /** Resolves when every connection has ended, however it ended. */
  close(): Promise<void>
}

/** TLS to a cell's server, as mysql2 takes it. */
export interface TlsOptions {
  /** Certificates of the authorities to trust, in PEM. Default: those that Node trusts. */
  readonly ca?: string | Buffer
  /** The client's certificate, in PEM, where servers ask for one. */
  readonly cert?: string | Buffer
  /** The client certificate's key, in PEM. */
  readonly key?: string | Buffer
  /** The key's passphrase. */
  readonly passphrase?: string
  /** Refuse servers whose certificate is not trusted. Default: true. */
  readonly rejectUnauthorized?: boolean
  /** Refuse servers whose certificate is for another host name. Default: false. */
  readonly verifyIdentity?: boolean
}

/** The driver's or server's symbol for an error. Its message may hold host names, user names and values. */
export const reasonOf = (error: unknown): string => String((error as { code?: unknown }).code ?? 'UNKNOWN')

/** Settings of a pool of connections to one cell. */
export interface PoolSettings {
  /** How many connections at the most. */
  readonly connections: number
  readonly tls?: TlsOptions
  /** How many tables ahead the server looks for the best order of a join. Default: its own setting. */
  readonly searchDepth?: number
}

// Text protocol and rows as arrays: measured as the cheapest way for mysql2 to read many rows. Values are exact:
// times stay text, and big integers and decimals that a float can't hold stay text as well.
const optionsFor = (address: DatabaseAddress): ConnectionOptions => ({
  ...address,
  charset: 'utf8mb4',
  dateStrings: true,
  supportBigNumbers: true,
  bigNumberStrings: false,
  // A value that is an object can never become `key = value` in a statement.
  stringifyObjects: true,
  multipleStatements: false,
})

/**
 * What every connection says first. Values are escaped with backslashes, which is right only under a known
 * sql_mode; TIMESTAMPs are read in UTC; sorting compares whole keys, not their first 1024 bytes.
 */
const SESSION = `SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', max_sort_length = 16384`

const sessionOf = ({ searchDepth }: PoolSettings): string =>
  searchDepth === undefined ? SESSION : `${SESSION}, optimizer_search_depth = ${searchDepth}`

/** A pool for one cell. Connections are made when they are needed and closed when idle for a minute. */
export const openPool = (address: DatabaseAddress, settings: PoolSettings): Database => {
  const pool = createPool({
    ...optionsFor(address),
    ...(settings.tls === undefined ? {} : { ssl: { ...settings.tls } }),
    connectionLimit: settings.connections,
    maxIdle: settings.connections,
    idleTimeout: 60_000,
  })
  const session = sessionOf(settings)
  return {
    query: (statement, signal) => poolQuery(pool, session, statement, signal),
    close: () => new Promise(resolve => pool.end(() => resolve())),
  }
}

const greeted = new WeakSet<object>()

const poolQuery = (
  pool: Pool,
  session: string,
  { text, values }: Sql,
  signal: AbortSignal,
): Promise<SqlRow[]> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted()
    let taken: PoolConnection | undefined
    const onAbort = (): void => {
      taken?.destroy()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    const settled = (): void => signal.removeEventListener('abort', onAbort)
    const fail = (error: Error & { fatal?: boolean | undefined }): void => {
      settled()
      // Whatever failed was the connection's last word, unless it was an answer.
      if (error.fatal) taken?.destroy()
      else taken?.release()
      reject(error)
    }
    pool.getConnection((error, connection: PoolConnection | undefined) => {
      if (signal.aborted) return connection?.release()
      taken = connection
      if (error) return fail(error)
      const run = (): void => {
        connection!.query({ sql: text, values: values as SqlValue[], rowsAsArray: true }, (error, rows) => {
          if (error) return fail(error)
          settled()
          connection!.release()
          resolve(rows as unknown as SqlRow[])
        })
      }
      if (greeted.has(connection!)) return run()
      connection!.query(session, error => {
        if (error) return fail(error)
        greeted.add(connection!)
        run()
      })
    })
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
