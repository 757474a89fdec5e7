import { type Connection, type ConnectionOptions, createConnection } from 'mysql2'
import type { SqlRow } from './connection.js'
import { cut } from './connections.js'

/** A statement that was given up, and that its server may still be at. */
export interface Abandoned {
  /** The server's number of its connection. */
  readonly thread: number
  /** What the statement begins with, and no other statement ever does. */
  readonly tag: string
}

/** Ends statements that nobody waits for any more. */
export interface Killer {
  kill(abandoned: Abandoned): void
  /** Resolves when what was to be killed is, or can't be. */
  close(): Promise<void>
}

/** Milliseconds that a server has to let itself be asked to. Where it does not, its own limit for statements is the net. */
const TIME_MS = 2_000

/** Milliseconds until it is looked again whether a statement has begun that had not yet. */
const AGAIN_MS = 25

/**
 * Kills over a connection of its own: those of the pool may all be taken by what is to be killed. A statement is killed only while
 * its connection is seen at work on it: after a restart, the server gives its numbers to others.
 *
 * @param killed - told of each statement that was
 */
export const openKiller = (options: ConnectionOptions, killed: () => void): Killer => {
  const pending = new Map<number, string>()
  let running: Promise<void> | undefined

  const killAll = async (connection: Connection): Promise<void> => {
    while (pending.size > 0) {
      const working = new Map(
        (await ask(connection, 'SHOW PROCESSLIST')).map(row => [Number(row[0]), String(row[7])]),
      )
      for (const [thread, tag] of [...pending]) {
        const statement = working.get(thread)
        // Where its connection is cut off before the server has read it, it is still to come.
        if (statement !== undefined && !statement.startsWith(tag)) continue
        pending.delete(thread)
        if (statement === undefined) continue
        await ask(connection, `KILL QUERY ${thread}`)
        killed()
      }
      if (pending.size > 0) await new Promise(resolve => setTimeout(resolve, AGAIN_MS))
    }
  }

  const run = (): Promise<void> =>
    new Promise(resolve => {
      const connection = createConnection(options)
      const giveUp = (): void => {
        pending.clear()
        end()
      }
      const timer = setTimeout(giveUp, TIME_MS)
      const end = (): void => {
        clearTimeout(timer)
        cut(connection)
        resolve()
      }
      connection.on('error', giveUp)
      connection.on('end', giveUp)
      killAll(connection).then(end, giveUp)
    })

  const start = async (): Promise<void> => {
    while (pending.size > 0) await run()
    running = undefined
  }

  return {
    kill: ({ thread, tag }) => {
      pending.set(thread, tag)
      running ??= start()
    },
    close: async () => {
      await running
    },
  }
}

const ask = (connection: Connection, text: string): Promise<SqlRow[]> =>
  new Promise((resolve, reject) => {
    connection.query({ sql: text, rowsAsArray: true }, (error, rows) => {
      if (error) reject(error)
      else resolve(rows as unknown as SqlRow[])
    })
  })
