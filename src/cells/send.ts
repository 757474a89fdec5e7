import type { QueryOptions } from 'mysql2'
import type { SqlRow } from './connection.js'
import type { Connections, Use } from './connections.js'
import type { DriverError, Line } from './line.js'

/** A statement's last word: an error, or its rows where they are given all at once. */
export type Done = (error: unknown, rows?: SqlRow[]) => void

/** Hands a statement to a connection, which calls `done` when it ends. */
export type Run = (line: Line, options: QueryOptions, done: Done) => void

/** Its rows are given all at once. */
export const atOnce: Run = ({ connection }, options, done) => {
  connection.query(options, done as (error: unknown, rows: unknown) => void)
}

/** `KILL`, of the statement or of its connection: ER_QUERY_INTERRUPTED, ER_CONNECTION_KILLED. */
const KILLED = new Set<unknown>([1317, 1927])

/** Whether an answer may be the connection's last, so that it is not to be used again. */
const isLast = ({ errno, sqlState }: DriverError): boolean =>
  KILLED.has(errno) || sqlState?.startsWith('08') === true

/**
 * Sends a statement over the next connection that is ready, and over another one if that had been lost before.
 *
 * @returns what gives the statement up: `done` is not called then. It returns the server's number of a connection that it was sent
 *   over, and that is cut: its server may still be at it.
 */
export const send = (
  connections: Connections,
  options: QueryOptions,
  run: Run,
  done: Done,
): (() => number | undefined) => {
  let line: Line | undefined
  const use: Use = (error, taken) => {
    if (taken === undefined) return done(error)
    line = taken
    const ended: Done = (error, rows) => {
      // It was given up, or its connection was lost, and the driver says so once more.
      if (line !== taken) return
      line = undefined
      const said = (error ?? {}) as DriverError
      if (said.fatal || isLast(said)) connections.discard(taken)
      else connections.giveBack(taken)
      if (said.fatal && connections.wasLostBefore(taken)) connections.take(use)
      else done(error, rows)
    }
    taken.lost = ended
    try {
      run(taken, options, ended)
    } catch (error) {
      ended(error)
    }
  }
  connections.take(use)
  return () => {
    if (line === undefined) {
      connections.leave(use)
      return
    }
    const { threadId } = line.connection
    connections.discard(line)
    line = undefined
    return threadId
  }
}
