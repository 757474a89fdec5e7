import type { ConnectionOptions } from 'mysql2'
import { cut, type DriverError, driverError, type Line, openLine } from './line.js'

/** Called once, with a connection that is ready for a statement, or with what went wrong. */
export type Use = (error: unknown, line?: Line) => void

/** The connections to one server: made when they are needed, kept for a while, never more than so many. */
export interface Connections {
  /** Lends a connection. Whoever takes it has it alone, until it is given back or discarded. */
  take(use: Use): void
  /**
   * The same before all others, when there are as many as there may be, and when they are closed: for one at a time, who ends the
   * statements of others.
   */
  takeFirst(use: Use): void
  /** Ends the wait: `use` is not called any more. An attempt to connect that nobody else waits for is given up. */
  leave(use: Use): void
  /** The statement is done, and the connection ready for the next. */
  giveBack(line: Line): void
  /** Nobody knows what would still come over it: it is cut. */
  discard(line: Line): void
  /** Whether one that was discarded may have been lost before it was taken. If so, those that nobody uses are ended. */
  wasLostBefore(line: Line): boolean
  /** Ends those that nobody uses now, and the others when they are given back. Resolves when none is left. */
  close(): Promise<void>
}

/** How many there may be, and what each of them says first. */
export interface ConnectionsSettings {
  readonly most: number
  readonly session: string
  /** Milliseconds until an attempt is given up, however long somebody would wait for it. */
  readonly patience: number
  /** Milliseconds until one that nobody uses is ended. */
  readonly idle: number
  /** The clock, in milliseconds. */
  readonly now: () => number
}

/** What a server says that has no room for one more: those that are open go on. */
const FULL = new Set<unknown>(['ER_CON_COUNT_ERROR', 'ER_TOO_MANY_USER_CONNECTIONS', 'ER_USER_LIMIT_REACHED'])

/** Milliseconds in which a connection is found to be lost that was so before. Later, the statement itself may be why. */
const SOON_MS = 1_000

/**
 * The driver has a pool of its own, but not one that can be left: who no longer waits stays in its queue, and so does the
 * attempt to connect to a server that does not answer (docs/adr/0011-connections.md).
 */
export const openConnections = (
  options: ConnectionOptions,
  { most, session, patience, idle, now }: ConnectionsSettings,
): Connections => {
  /** Those that are not ready yet, and what ends the attempt; oldest first. */
  const connecting = new Map<Line, NodeJS.Timeout>()
  /** Those that nobody uses; the one that was used last is at the end, and taken first. */
  const free: Line[] = []
  const lent = new Set<Line>()
  const ending = new Set<Line>()
  const queue = new Set<Use>()
  /** Who comes first, and the connection that was lent to it. */
  let first: Use | undefined
  let firstLine: Line | undefined
  let sweep: NodeJS.Timeout | undefined
  let closed = false
  const untilEmpty: (() => void)[] = []

  const open = (): number => connecting.size + free.length + lent.size
  const waiting = (): number => queue.size + (first === undefined ? 0 : 1)
  const room = (): number => most + (first === undefined && firstLine === undefined ? 0 : 1)

  /** As many attempts as are waited for. */
  const grow = (): void => {
    while (waiting() > connecting.size && open() < room()) {
      const line = openLine(options, session, { ready, broken })
      connecting.set(
        line,
        setTimeout(() => broken(line, driverError('ETIMEDOUT')), patience),
      )
    }
  }

  /** Who comes next makes an attempt of their own: one that nobody waits for may be to a server that hangs. */
  const dropSpare = (): void => {
    for (const line of [...connecting.keys()].slice(waiting())) drop(line)
  }

  const lend = (line: Line, use: Use, silent: boolean): void => {
    line.state = 'lent'
    line.since = now()
    line.silent = silent
    lent.add(line)
    use(null, line)
  }

  const offer = (line: Line): void => {
    const [next] = queue
    if (first !== undefined) {
      const use = first
      first = undefined
      firstLine = line
      lend(line, use, false)
    } else if (open() >= room()) end(line)
    else if (next !== undefined) {
      queue.delete(next)
      lend(line, next, false)
    } else if (closed) end(line)
    else {
      line.state = 'free'
      line.since = now()
      free.push(line)
      sweep ??= setTimeout(endIdle, idle).unref()
    }
  }

  const ready = (line: Line): void => {
    if (line.state !== 'connecting') return
    forget(line)
    offer(line)
  }

  const forget = (line: Line): void => {
    clearTimeout(connecting.get(line))
    connecting.delete(line)
    lent.delete(line)
    if (line.state === 'free') free.splice(free.indexOf(line), 1)
    if (line === firstLine) firstLine = undefined
  }

  const drop = (line: Line): void => {
    forget(line)
    line.state = 'gone'
    cut(line)
    isEmpty()
  }

  /** Says goodbye, and does not wait for an answer. */
  const end = (line: Line): void => {
    line.state = 'gone'
    ending.add(line)
    line.connection.end()
    setImmediate(() => {
      ending.delete(line)
      cut(line)
      isEmpty()
    })
  }

  const isEmpty = (): void => {
    if (open() + ending.size === 0) for (const resolve of untilEmpty.splice(0)) resolve()
  }

  const endIdle = (): void => {
    const then = now() - idle
    while (free.length > 0 && free[0]!.since <= then) end(free.shift()!)
    sweep = free.length === 0 ? undefined : setTimeout(endIdle, idle).unref()
  }

  const broken = (line: Line, error: DriverError): void => {
    if (line.state === 'connecting') failed(line, error)
    else if (line.state === 'lent') line.lost!(error)
    else if (line.state === 'free') drop(line)
  }

  const failed = (line: Line, error: DriverError): void => {
    drop(line)
    if (lent.size > 0 && FULL.has(error.code)) return
    const [next] = queue
    const use = first ?? next
    if (use !== undefined) {
      stopWaiting(use)
      // Whatever the server says, it lets nobody in.
      use(Object.assign(error, { fatal: true }))
    }
    grow()
  }

  /** Whether it did wait. */
  const stopWaiting = (use: Use): boolean => {
    if (use !== first) return queue.delete(use)
    first = undefined
    return true
  }

  return {
    take: use => {
      if (closed) return use(driverError('CLOSED'))
      const line = free.pop()
      if (line !== undefined) return lend(line, use, true)
      queue.add(use)
      grow()
    },
    takeFirst: use => {
      const line = free.pop()
      if (line !== undefined) {
        firstLine = line
        return lend(line, use, true)
      }
      first = use
      grow()
    },
    leave: use => {
      if (stopWaiting(use)) dropSpare()
    },
    giveBack: line => {
      forget(line)
      offer(line)
    },
    discard: line => {
      drop(line)
      dropSpare()
      grow()
    },
    wasLostBefore: line => {
      const before = line.silent && now() - line.since < SOON_MS
      if (before) for (const other of free.splice(0)) end(other)
      return before
    },
    close: async () => {
      closed = true
      clearTimeout(sweep)
      for (const use of queue) {
        queue.delete(use)
        use(driverError('CLOSED'))
      }
      for (const line of [...connecting.keys()]) drop(line)
      for (const line of free.splice(0)) end(line)
      grow()
      if (open() + ending.size > 0) await new Promise<void>(resolve => untilEmpty.push(resolve))
    },
  }
}
