import type { Sql } from '../sql/fragment.js'
import { type Database, optionsFor, type SqlRow } from './connection.js'
import { openConnections } from './connections.js'
import type { DatabaseAddress } from './database-url.js'
import { openKiller } from './kill.js'
import { type Patience, streamRows } from './row-stream.js'
import { atOnce } from './send.js'
import { begin, type Desk, onAbort } from './statement.js'

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
  /** Refuse servers whose certificate is for another name or address than their URL has. Default: true. */
  readonly verifyIdentity?: boolean
}

/** Settings of a pool of connections to one cell. */
export interface PoolSettings {
  /** How many connections at the most. */
  readonly connections: number
  readonly tls?: TlsOptions
  /** How many tables ahead the server looks for the best order of a join. Default: its own setting. */
  readonly searchDepth?: number
  /** Milliseconds after which the server itself ends a statement. Default: 60,000. */
  readonly statementTimeout?: number
  /** Called for each statement that was given up and killed. */
  readonly killed?: () => void
  /** How long a statement is kept that nobody reads from. */
  readonly patience?: Patience
}

/**
 * What every connection says first. Values are escaped with backslashes, which is right only under a known
 * sql_mode; TIMESTAMPs are read in UTC; sorting compares whole keys, not their first 1024 bytes. Each make reads its own name of the
 * time that a statement may take, and takes the other for a comment.
 */
const sessionOf = ({ searchDepth, statementTimeout = 60_000 }: PoolSettings): string =>
  [
    `SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', max_sort_length = 16384`,
    ...(searchDepth === undefined ? [] : [`optimizer_search_depth = ${searchDepth}`]),
  ].join(', ') +
  ` /*M!100101 , max_statement_time = ${statementTimeout / 1_000} */ /*!50708 , max_execution_time = ${statementTimeout} */`

const CONNECT_MS = 10_000
const IDLE_MS = 60_000

/** A pool for one cell. Connections are made when they are needed and closed when idle for a minute. */
export const openPool = (address: DatabaseAddress, settings: PoolSettings): Database => {
  const options = {
    ...optionsFor(address),
    ...(settings.tls === undefined ? {} : { ssl: { verifyIdentity: true, ...settings.tls } }),
  }
  const connections = openConnections(options, {
    most: settings.connections,
    session: sessionOf(settings),
    patience: CONNECT_MS,
    idle: IDLE_MS,
    now: () => performance.now(),
  })
  const killer = openKiller(connections, settings.killed ?? (() => {}))
  const desk = { connections, killer }
  return {
    query: (statement, signal) => query(desk, statement, signal),
    stream: (statement, life) => streamRows(desk, statement, life, settings.patience),
    close: async () => {
      await connections.close()
      // What was given up meanwhile takes a connection to be killed over.
      await killer.close()
      await connections.close()
    },
  }
}

const query = (desk: Desk, statement: Sql, signal: AbortSignal): Promise<SqlRow[]> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const settled = onAbort(signal, () => {
      giveUp()
      reject(signal.reason)
    })
    const giveUp = begin(desk, statement, atOnce, (error, rows) => {
      settled()
      if (error === null) resolve(rows!)
      else reject(error)
    })
  })
