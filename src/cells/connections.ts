import { connect, type Socket } from 'node:net'
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2'

/** An error of the driver. After a fatal one the connection is no longer good. */
export type DriverError = Error & {
  readonly code?: string | undefined
  readonly errno?: number | undefined
  readonly sqlState?: string | undefined
  readonly fatal?: boolean | undefined
}

/** One of the connections, and what is known of it. */
export interface Line {
  readonly connection: Connection
  readonly socket: Socket
  state: 'connecting' | 'free' | 'lent' | 'gone'
  /** When it came into its state. */
  since: number
  /** Since it was free, the server has said nothing: it may have been lost meanwhile. */
  silent: boolean
  /** Told when it is lost while it is lent. */
  lost: (error: DriverError) => void
}

/** Called once, with a connection that is ready for a statement, or with what went wrong. */
export type Use = (error: unknown, line?: Line) => void

/** The connections to one server: made when they are needed, kept for a while, never more than so many. */
export interface Connections {
  /**
   * Lends a connection. Whoever takes it has it alone, until it is given back or discarded.
   *
   * @param urgent - before all others, and also while the connections are closed: for what ends the statements of others
   */
  take(use: Use, urgent?: boolean): void
  /** Ends the wait: `use` is not called any more. An attempt to connect that nobody else waits for is given up. */
  leave(use: Use): void
  /** The statement is done, and the connection ready for the next. */
  giveBack(line: Line): void
  /** Nobody knows what would still come over it: it is cut. */
  discard(line: Line): void
  /** Whether a connection that was discarded may have been lost before it was taken. Then those that nobody uses go as well. */
  wasLostBefore(line: Line): boolean
  /** Ends those that nobody uses now, and the others when they are given back. Resolves when none is left. */
  close(): Promise<void>
}

/** How many there may be, and what each of them says first. */
export interface ConnectionsSettings {
  readonly most: number
  readonly session: string
  /** Milliseconds until an attempt is given up, however long somebody would wait for it. */
  readonly connect: number
  /** Milliseconds until one that nobody uses is ended. */
  readonly idle: number
  /** The clock, in milliseconds. */
  readonly now: () => number
}

/** What a server says that has no room for one more: those that are open go on. */
const FULL = new Set<unknown>(['ER_CON_COUNT_ERROR', 'ER_TOO_MANY_USER_CONNECTIONS', 'ER_USER_LIMIT_REACHED'])

/** Milliseconds in which a connection is found to be lost that was so before. Later, the statement itself may be why. */
const SOON_MS = 1_000

const nobody = (): void => {}

/** An error that the driver has not noticed itself. */
export const driverError = (code: string): DriverError => Object.assign(new Error(code), { code, fatal: true })

/** Without Nagle's delay, as the driver itself does it. */
const dial = ({ socketPath, host, port }: ConnectionOptions): Socket =>
  connect(
    socketPath === undefined
      ? { host: host!, port: port!, noDelay: true, keepAlive: true }
      : { path: socketPath },
  )

/**
 * The driver has a pool of its own, but not one that can be left: who no longer waits stays in its queue, and so does the
 * attempt to connect to a server that does not answer (docs/adr/0011-connections.md).
 */
export const openConnections = (
  options: ConnectionOptions,
  { most, session, connect: patience, idle, now }: ConnectionsSettings,
): Connections => {
  const all = new Set<Line>()
  /** Those that are not ready yet, and what ends the attempt; oldest first. */
  const connecting = new Map<Line, NodeJS.Timeout>()
  /** Those that nobody uses; the one that was used last is at the end, and taken first. */
  const free: Line[] = []
  const urgent = new Set<Use>()
  const queue = new Set<Use>()
  let sweep: NodeJS.Timeout | undefined
  let closed = false
  const untilEmpty: (() => void)[] = []

  const nextUse = (): Use | undefined => {
    const first = urgent.size > 0 ? urgent : queue
    const [use] = first
    if (use !== undefined) first.delete(use)
    return use
  }

  const become = (line: Line, state: Line['state']): void => {
    line.state = state
    line.since = now()
  }

  /** The driver's own `destroy` waits for the server to close its side, which may hang. */
  const drop = (line: Line): void => {
    clearTimeout(connecting.get(line))
    connecting.delete(line)
    if (line.state === 'free') free.splice(free.indexOf(line), 1)
    line.state = 'gone'
    line.connection.destroy()
    line.socket.destroy()
    all.delete(line)
    if (all.size === 0) for (const resolve of untilEmpty.splice(0)) resolve()
  }

  const discard = (line: Line): void => {
    drop(line)
    grow()
  }

  const failed = (line: Line, error: DriverError): void => {
    drop(line)
    if (all.size > connecting.size && FULL.has(error.code)) return
    // Nothing was ready that could have said it.
    nextUse()?.(Object.assign(error, { fatal: true }))
    grow()
  }

  const broken = (line: Line, error: DriverError): void => {
    if (line.state === 'connecting') failed(line, error)
    else if (line.state === 'lent') line.lost(error)
    else if (line.state === 'free') discard(line)
  }

  const open = (): void => {
    const socket = dial(options)
    const connection = createConnection({ ...options, stream: () => socket, connectTimeout: 0 })
    const line: Line = { connection, socket, state: 'connecting', since: now(), silent: false, lost: nobody }
    all.add(line)
    connecting.set(
      line,
      setTimeout(() => broken(line, driverError('ETIMEDOUT')), patience),
    )
    // The driver tells a statement without a callback nothing of its connection's end, and nobody what it can't read.
    connection.on('error', (error: DriverError) => broken(line, error))
    connection.on('warn', () => {
      // What comes behind is not even looked at.
      connection.pause()
      broken(line, driverError('PROTOCOL_PACKETS_OUT_OF_ORDER'))
    })
    socket.on('close', () => broken(line, driverError('PROTOCOL_CONNECTION_LOST')))
    connection.query(session, (error: DriverError | null) => {
      if (error !== null) broken(line, error)
      else if (line.state === 'connecting') ready(line)
    })
  }

  const ready = (line: Line): void => {
    clearTimeout(connecting.get(line))
    connecting.delete(line)
    giveBack(line)
  }

  /** As many attempts as are waited for. */
  const grow = (): void => {
    while (urgent.size + queue.size > connecting.size && all.size < most) open()
  }

  /** Says goodbye, and does not wait for an answer. */
  const end = (line: Line): void => {
    line.state = 'gone'
    line.connection.end()
    setImmediate(discard, line)
  }

  const endIdle = (): void => {
    const then = now() - idle
    while (free.length > 0 && free[0]!.since <= then) end(free.shift()!)
    sweep = free.length === 0 ? undefined : setTimeout(endIdle, idle).unref()
  }

  const giveBack = (line: Line): void => {
    const use = nextUse()
    if (use !== undefined) {
      become(line, 'lent')
      line.silent = false
      use(null, line)
    } else if (closed) end(line)
    else {
      become(line, 'free')
      line.silent = true
      free.push(line)
      sweep ??= setTimeout(endIdle, idle).unref()
    }
  }

  return {
    take: (use, first = false) => {
      if (closed && !first) return use(driverError('CLOSED'))
      const line = free.pop()
      if (line === undefined) {
        ;(first ? urgent : queue).add(use)
        return grow()
      }
      become(line, 'lent')
      use(null, line)
    },
    leave: use => {
      if ((queue.delete(use) || urgent.delete(use)) && connecting.size > queue.size + urgent.size)
        drop([...connecting.keys()].at(-1)!)
    },
    giveBack,
    discard,
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
      for (const line of [...connecting.keys()]) discard(line)
      for (const line of free.splice(0)) end(line)
      if (all.size > 0) await new Promise<void>(resolve => untilEmpty.push(resolve))
    },
  }
}
