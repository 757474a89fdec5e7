import { randomBytes } from 'node:crypto'
import type { Connection, QueryOptions } from 'mysql2'
import type { Sql, SqlValue } from '../sql/fragment.js'
import type { Connections, DriverError } from './connections.js'
import type { Killer } from './kill.js'

/** What the statements to one database run over, and what ends those that were given up. */
export interface Desk {
  readonly connections: Connections
  readonly killer: Killer
}

/** A connection, lent for one statement. */
export interface Loan {
  readonly connection: Connection
  /** A statement as it is sent. */
  asSent(statement: Sql): QueryOptions & { rowsAsArray: true }
  /** The statement is done. */
  over(): void
  /** The statement has failed. True when it was never answered because the connection had been lost before: ask again. */
  failed(error: DriverError): boolean
  /** Nobody waits for the statement any more: it is killed, and its connection cut. */
  abandon(): void
}

/** By this and its number a statement is known in the server's process list. */
const PROCESS = randomBytes(6).toString('hex')
let statements = 0

/** What a connection says that was lost while nobody used it. */
const LOST = new Set(['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE', 'ER_CLIENT_INTERACTION_TIMEOUT'])

/** Borrows a connection for a statement. Returns what ends the wait for it. */
export const borrow = (
  { connections, killer }: Desk,
  use: (error: unknown, loan?: Loan) => void,
): (() => void) =>
  connections.take((error, connection) => {
    if (connection === undefined) return use(error)
    const tag = `/* crosscell ${PROCESS}-${++statements} */ `
    use(null, {
      connection,
      asSent: ({ text, values }) => ({
        sql: tag + text,
        values: values as SqlValue[],
        rowsAsArray: true,
      }),
      over: () => connections.giveBack(connection),
      failed: error => {
        // Whatever failed was the connection's last word, unless it was the server's answer.
        if (!error.fatal) {
          connections.giveBack(connection)
          return false
        }
        const stale = connections.isUsed(connection) && LOST.has(error.code ?? '')
        connections.discard(connection)
        if (stale) connections.renew()
        return stale
      },
      abandon: () => {
        connections.discard(connection)
        killer.kill({ thread: connection.threadId, tag })
      },
    })
  })

/** Does something when the signal aborts. Returns what ends that. */
export const onAbort = (signal: AbortSignal, act: () => void): (() => void) => {
  signal.addEventListener('abort', act, { once: true })
  return () => signal.removeEventListener('abort', act)
}
