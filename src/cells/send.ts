import type { QueryOptions } from 'mysql2'
import type { SqlRow } from './connection.js'
import type { Connections, DriverError, Line, Use } from './connections.js'

/** A statement's last word: an error, or its rows where they are given all at once. */
export type Done = (error: unknown, rows?: SqlRow[]) => void

/** Hands a statement to a connection, which calls `done` when it ends. */
export type Run = (line: Line, options: QueryOptions, done: Done) => void

/** Its rows are given all at once. */
export const atOnce: Run = ({ connection }, options, done) => {
  connection.query(options, done as (error: unknown, rows: unknown) => void)
}

/**
 * Codes of what a server says when it is about to close the connection: KILL, or its own end. Of them all it takes no further
 * statement.
 */
const CLOSING = new Set<unknown>([1317, 1927])

/** What a statement leaves behind it whose connection is not to be used again. */
const isLast = ({ fatal, errno, sqlState }: DriverError): boolean =>
  fatal === true || CLOSING.has(errno) || sqlState?.startsWith('08') === true

/**
 * Sends a statement over the next connection that is ready, and over another one if that had been lost before.
 *
 * @param urgent - before all others
 * @returns what gives the statement up: `done` is not called then. It returns the server's number of a connection that it was sent
 *   over, and that is cut: its server may still be at it.
 */
export const send = (
  connections: Connections,
  options: QueryOptions,
  run: Run,
  done: Done,
  urgent = false,
): (() => number | undefined) => {
  let line: Line | undefined
  const use: Use = (error, taken) => {
    if (taken === undefined) return done(error)
    line = taken
    const ended: Done = (error, rows) => {
      // It was given up, or its connection was lost, and the driver says so once more.
      if (line !== taken) return
      line = undefined
      if (error === null) {
        connections.giveBack(taken)
        done(null, rows)
      } else if (!isLast(error as DriverError)) {
        connections.giveBack(taken)
        done(error)
      } else {
        connections.discard(taken)
        if (connections.wasLostBefore(taken)) connections.take(use, urgent)
        else done(error)
      }
    }
    taken.lost = ended
    try {
      run(taken, options, ended)
    } catch (error) {
      ended(error)
    }
  }
  connections.take(use, urgent)
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
