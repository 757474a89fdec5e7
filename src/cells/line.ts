import { connect, type Socket } from 'node:net'
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2'

/** An error of the driver. After a fatal one the connection is no longer good. */
export type DriverError = Error & {
  readonly code?: string | undefined
  readonly errno?: number | undefined
  readonly sqlState?: string | undefined
  readonly fatal?: boolean | undefined
}

/** One connection of many, and what is known of it. */
export interface Line {
  readonly connection: Connection
  readonly socket: Socket
  state: 'connecting' | 'free' | 'lent' | 'gone'
  /** When it became free, or was lent. */
  since: number
  /** The server has said nothing since it was free: it may have been lost meanwhile. */
  silent: boolean
  /** Told when it is lost while it is lent; whoever takes it says by whom. */
  lost?: (error: DriverError) => void
}

/** What becomes of a connection. */
export interface LineEvents {
  /** It has said what every connection says first. */
  ready(line: Line): void
  /** It is no longer good. Told more than once. */
  broken(line: Line, error: DriverError): void
}

/** An error that the driver has not noticed itself. */
export const driverError = (code: string): DriverError => Object.assign(new Error(code), { code, fatal: true })

/** Connects. */
export const openLine = (options: ConnectionOptions, session: string, { ready, broken }: LineEvents): Line => {
  // Whose certificate is expected. Node knows it of a name, and takes an address for `localhost`.
  const socket = Object.assign(dial(options), { _host: options.host })
  const connection = createConnection({ ...options, stream: () => socket, connectTimeout: 0 })
  const line: Line = { connection, socket, state: 'connecting', since: 0, silent: false }
  // The driver tells a statement without a callback nothing of its connection's end, and none of an answer that it can't read.
  connection.on('error', (error: DriverError) => broken(line, error))
  connection.on('warn', () => {
    // What comes behind is not even looked at.
    connection.pause()
    broken(line, driverError('PROTOCOL_PACKETS_OUT_OF_ORDER'))
  })
  socket.on('close', () => broken(line, driverError('PROTOCOL_CONNECTION_LOST')))
  connection.query(session, (error: DriverError | null) => {
    if (error === null) ready(line)
    else broken(line, error)
  })
  return line
}

/** As the driver itself does it: without Nagle's delay. */
const dial = ({ socketPath, host, port }: ConnectionOptions): Socket =>
  connect(
    socketPath === undefined
      ? { host: host!, port: port!, noDelay: true, keepAlive: true }
      : { path: socketPath },
  )

/** Without a word. The driver's own `destroy` waits for the server to close its side, which may hang. */
export const cut = ({ connection, socket }: Line): void => {
  connection.destroy()
  socket.destroy()
}
