import type { Socket } from 'node:net'
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2'

/** An error of the driver. After a fatal one the connection is no longer good. */
export type DriverError = Error & { readonly code?: string; fatal?: boolean | undefined }

/** A connection that was asked for: it is called once, with one that is ready for a statement, or with what went wrong. */
export type Use = (error: unknown, connection?: Connection) => void

/** The connections to one server: made when they are needed, kept for a while, never more than so many. */
export interface Connections {
  /**
   * Lends a connection. Whoever takes it has it alone, until it is given back or discarded.
   *
   * @returns what ends the wait: `use` is not called then, and an attempt to connect that nobody else waits for is given up
   */
  take(use: Use): () => void
  /** The statement is done, and the connection ready for the next. */
  giveBack(connection: Connection): void
  /** Nobody knows what would still come over it: it is cut. */
  discard(connection: Connection): void
  /** Whether it has ever waited for its next statement: it may have been lost meanwhile. */
  isUsed(connection: Connection): boolean
  /** One of those that nobody uses was found to be lost: so may be the others. */
  renew(): void
  /** Ends those that nobody uses now, and the others when they are given back. Resolves when none is left. */
  close(): Promise<void>
}

/** How many there may be, and what each of them says first. */
export interface ConnectionsSettings {
  readonly most: number
  readonly session: string
  /** Milliseconds until one that nobody uses is ended. */
  readonly idle: number
}

/** What a server says that has no room for one more: those that are open go on. */
const FULL = new Set(['ER_CON_COUNT_ERROR', 'ER_TOO_MANY_USER_CONNECTIONS', 'ER_USER_LIMIT_REACHED'])

/** The cell is no longer one of those that are asked. */
class PoolClosed extends Error {
  readonly code = 'CLOSED'
}

/** Ends a connection without a word. The driver's own `destroy` waits for the server to close its side, which may hang. */
export const cut = (connection: Connection): void => {
  connection.destroy()
  ;(connection as unknown as { readonly stream: Socket }).stream.destroy()
}

/**
 * The driver has a pool of its own, but not one that can be left: who no longer waits stays in its queue, and so does the
 * attempt to connect to a server that does not answer (docs/adr/0011-connections.md).
 */
export const openConnections = (options: ConnectionOptions, settings: ConnectionsSettings): Connections => {
  const all = new Set<Connection>()
  /** Those that are not ready yet, oldest first. */
  const connecting = new Set<Connection>()
  /** Those that nobody uses, and since when; the one that was used last is at the end, and taken first. */
  const free: { readonly connection: Connection; readonly since: number }[] = []
  const used = new WeakSet<Connection>()
  const queue = new Set<Use>()
  let sweep: NodeJS.Timeout | undefined
  let closed = false
  let emptied = (): void => {}

  const gone = (connection: Connection): void => {
    all.delete(connection)
    connecting.delete(connection)
    const at = free.findIndex(one => one.connection === connection)
    if (at >= 0) free.splice(at, 1)
    if (closed && all.size === 0) emptied()
  }

  const discard = (connection: Connection): void => {
    gone(connection)
    cut(connection)
    grow()
  }

  const fail = (error: unknown): void => {
    const [first] = queue
    if (first === undefined) return
    queue.delete(first)
    first(error)
  }

  const open = (): void => {
    const connection = createConnection(options)
    all.add(connection)
    connecting.add(connection)
    const lost = (): void => {
      if (all.has(connection) && !connecting.has(connection)) discard(connection)
    }
    // Its server has ended it while nobody used it; a statement that is under way hears of it by itself.
    connection.on('error', lost)
    connection.on('end', lost)
    connection.query(settings.session, (error: DriverError | null) => {
      if (!connecting.delete(connection)) return
      if (error === null) return giveBack(connection)
      gone(connection)
      cut(connection)
      const others = all.size > connecting.size
      if (others && FULL.has(error.code ?? '')) return
      fail(error)
      grow()
    })
  }

  /** As many attempts as are waited for. */
  const grow = (): void => {
    while (!closed && queue.size > connecting.size && all.size < settings.most) open()
  }

  const endIdle = (): void => {
    const then = performance.now() - settings.idle
    while (free.length > 0 && free[0]!.since <= then) end(free.shift()!.connection)
    sweep = free.length === 0 ? undefined : setTimeout(endIdle, settings.idle).unref()
  }

  /** Says goodbye, and does not wait for an answer. */
  const end = (connection: Connection): void => {
    connection.end(() =>
      setImmediate(() => {
        cut(connection)
        gone(connection)
      }),
    )
  }

  const giveBack = (connection: Connection): void => {
    if (!all.has(connection)) return
    const [next] = queue
    if (next !== undefined) {
      queue.delete(next)
      next(null, connection)
    } else if (closed) end(connection)
    else {
      used.add(connection)
      free.push({ connection, since: performance.now() })
      sweep ??= setTimeout(endIdle, settings.idle).unref()
    }
  }

  return {
    take: use => {
      const last = free.pop()
      if (closed) use(new PoolClosed())
      else if (last !== undefined) use(null, last.connection)
      else {
        queue.add(use)
        grow()
      }
      return () => {
        if (queue.delete(use) && connecting.size > queue.size) discard([...connecting].at(-1)!)
      }
    },
    giveBack,
    discard,
    isUsed: connection => used.has(connection),
    renew: () => {
      while (free.length > 0) discard(free[0]!.connection)
    },
    close: () =>
      new Promise(resolve => {
        closed = true
        clearTimeout(sweep)
        emptied = resolve
        for (const use of queue) {
          queue.delete(use)
          use(new PoolClosed())
        }
        for (const connection of connecting) discard(connection)
        while (free.length > 0) end(free.pop()!.connection)
        if (all.size === 0) resolve()
      }),
  }
}
