import { createPool } from 'mysql2'
import type { Sql } from '../sql/fragment.js'
import { type Database, optionsFor, type SqlRow } from './connection.js'
import type { DatabaseAddress } from './database-url.js'
import { type Patience, streamRows } from './row-stream.js'
import { asSent, type Greeting, giveBack, take } from './take-connection.js'

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

/** Settings of a pool of connections to one cell. */
export interface PoolSettings {
  /** How many connections at the most. */
  readonly connections: number
  readonly tls?: TlsOptions
  /** How many tables ahead the server looks for the best order of a join. Default: its own setting. */
  readonly searchDepth?: number
  /** How long a statement is kept that nobody reads from. */
  readonly patience?: Patience
}

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
  const greeting = { pool, session: sessionOf(settings) }
  return {
    query: (statement, signal) => query(greeting, statement, signal),
    stream: statement => streamRows(greeting, statement, settings.patience),
    close: () => new Promise(resolve => pool.end(() => resolve())),
  }
}

const query = (greeting: Greeting, statement: Sql, signal: AbortSignal): Promise<SqlRow[]> =>
  new Promise((resolve, reject) => {
    take(greeting, signal, reject, (connection, settled) => {
      connection.query(asSent(statement), (error, rows) => {
        settled()
        if (error) {
          giveBack(connection, error)
          return reject(error)
        }
        connection.release()
        resolve(rows as unknown as SqlRow[])
      })
    })
  })
