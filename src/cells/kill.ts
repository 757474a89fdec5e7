import type { SqlRow } from './connection.js'
import { type Connections, type DriverError, driverError } from './connections.js'
import { atOnce, send } from './send.js'

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

/** The server refuses: it has ended by itself, or can't be killed. */
const isOver = (error: DriverError): void => {
  if (error.fatal) throw error
}

interface Pending {
  readonly tag: string
  /** When it is no longer tried. */
  readonly until: number
}

/**
 * Kills over the next connection there is. A statement is killed only while its own connection is seen at work on it: after a
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

  const ask = (sql: string): Promise<SqlRow[]> =>
    new Promise((resolve, reject) => {
      const until = Math.max(...[...pending.values()].map(one => one.until))
      const timer = setTimeout(() => {
        giveUp()
        reject(driverError('ETIMEDOUT'))
      }, until - performance.now())
      const giveUp = send(
        connections,
        { sql, rowsAsArray: true },
        atOnce,
        (error, rows) => {
          clearTimeout(timer)
          if (error === null) resolve(rows!)
          else reject(error)
        },
        true,
      )
    })

  const look = async (): Promise<void> => {
    const working = new Map((await ask('SHOW PROCESSLIST')).map(row => [Number(row[0]), String(row[7])]))
    for (const [thread, { tag }] of [...pending]) {
      const statement = working.get(thread)
      // Where its connection is cut off before the server has read it, it is still to come.
      if (statement !== undefined && !statement.startsWith(tag)) continue
      if (statement !== undefined) await ask(`KILL QUERY ${thread}`).then(killed, isOver)
      pending.delete(thread)
    }
  }

  const attempt = async (): Promise<void> => {
    // A server that does not answer now may do so the next time.
    await look().catch(() => {})
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
