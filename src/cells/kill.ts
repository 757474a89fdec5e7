import type { Connection } from 'mysql2'
import type { SqlRow } from './connection.js'
import type { Connections, Use } from './connections.js'
import type { DriverError, Line } from './line.js'

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

/** Milliseconds in which a statement has to be killed. Where that fails, the server's own limit for statements is the net. */
const TIME_MS = 2_000

/** Milliseconds until the server is looked at again, the first time. They double from one time to the next. */
const AGAIN_MS = 25

interface Pending {
  readonly tag: string
  /** When it is no longer tried. */
  readonly until: number
}

/**
 * Kills over the first connection there is. A statement is killed only while its own connection is seen at work on it: after a
 * restart, the server gives its numbers to others.
 *
 * @param killed - told of each statement that was
 */
export const openKiller = (connections: Connections, killed: () => void): Killer => {
  const pending = new Map<number, Pending>()
  let running: Promise<void> | undefined
  let pause = AGAIN_MS
  let timer: NodeJS.Timeout | undefined
  let wake = (): void => {}

  const killAll = async (connection: Connection): Promise<void> => {
    const rows = await ask(connection, 'SHOW PROCESSLIST')
    const working = new Map(rows.map(row => [Number(row[0]), String(row[7])]))
    for (const [thread, { tag }] of [...pending]) {
      const statement = working.get(thread)
      // Where its connection is cut off before the server has read it, it is still to come.
      if (statement !== undefined && !statement.startsWith(tag)) continue
      if (statement !== undefined) await ask(connection, `KILL QUERY ${thread}`).then(killed, isOver)
      pending.delete(thread)
    }
  }

  /** Looks once what the server is at. Whatever goes wrong, it may be better the next time. */
  const look = (): Promise<void> =>
    new Promise(resolve => {
      let line: Line | undefined
      let settled = false
      const settle = (leave: (line: Line) => void): void => {
        if (settled) return
        settled = true
        clearTimeout(limit)
        if (line === undefined) connections.leave(use)
        else leave(line)
        resolve()
      }
      const fail = (): void => settle(connections.discard)
      const use: Use = (_, taken) => {
        line = taken
        if (line === undefined) return fail()
        line.lost = fail
        killAll(line.connection).then(() => settle(connections.giveBack), fail)
      }
      const until = Math.max(...[...pending.values()].map(one => one.until))
      const limit = setTimeout(fail, until - performance.now())
      connections.takeFirst(use)
    })

  const attempt = async (): Promise<void> => {
    await look()
    const now = performance.now()
    for (const [thread, { until }] of pending) if (until <= now) pending.delete(thread)
  }

  const run = async (): Promise<void> => {
    await attempt()
    while (pending.size > 0) {
      await new Promise<void>(resolve => {
        wake = resolve
        timer = setTimeout(resolve, pause)
      })
      pause *= 2
      await attempt()
    }
    running = undefined
  }

  return {
    kill: ({ thread, tag }) => {
      pending.set(thread, { tag, until: performance.now() + TIME_MS })
      pause = AGAIN_MS
      clearTimeout(timer)
      wake()
      running ??= run()
    },
    close: async () => {
      await running
    },
  }
}

const ask = (connection: Connection, sql: string): Promise<SqlRow[]> =>
  new Promise((resolve, reject) => {
    connection.query({ sql, rowsAsArray: true }, (error, rows) => {
      if (error) reject(error)
      else resolve(rows as unknown as SqlRow[])
    })
  })

/** The server refuses: the statement has ended by itself, or is not ours to kill. */
const isOver = (error: DriverError): void => {
  if (error.fatal) throw error
}
