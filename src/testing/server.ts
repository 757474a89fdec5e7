import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { SqlRow } from '../cells/connection.js'
import type { SqlValue } from '../sql/fragment.js'
import { failure } from './failure.js'
import { freePort } from './free-port.js'
import { queryOnce } from './query-once.js'
import { defaultKind, MAKES, type ServerKind } from './server-kind.js'
import { startWatchdog } from './watchdog.js'

/** What a private server is started with. */
export interface ServerOptions {
  /** InnoDB's buffer pool in MiB. Default 256. */
  readonly bufferPoolMB?: number | undefined
  /** Also listen on a free port of 127.0.0.1 (without TLS, root without a password). Default false: socket only. */
  readonly tcp?: boolean | undefined
  /** Milliseconds until a server that does not answer is given up. Default 30,000. */
  readonly timeout?: number | undefined
  /** More options for the server, such as `--innodb-lock-wait-timeout=1`; they come last and win. Default none. */
  readonly args?: readonly string[] | undefined
}

/** A private, throw-away server. It ends with this process, however that ends, and leaves nothing behind. */
export interface LocalServer extends AsyncDisposable {
  readonly kind: ServerKind
  /** Its unix socket. Root needs no password. */
  readonly socketPath: string
  /** Its port on 127.0.0.1, with the option `tcp`. */
  readonly port: number | undefined
  /** The server's process; `undefined` after {@link LocalServer.kill} and {@link LocalServer.stop}. */
  readonly pid: number | undefined
  /** The SQLAlchemy URL of a database of this server, over the socket. Default: the system database `mysql`. */
  url(database?: string): string
  /**
   * Runs one statement as root on a connection of its own, and gives the rows (column values by position).
   * Session settings and temporary tables are gone after the call. Names of tables need their database.
   */
  query(text: string, values?: readonly SqlValue[]): Promise<SqlRow[]>
  /**
   * Stops the process where it is (SIGSTOP): connections are accepted by the kernel, and nothing answers. Resolves when all of
   * its threads have stopped.
   */
  pause(): Promise<void>
  /** Goes on after {@link LocalServer.pause}. */
  resume(): void
  /** Kills the server (SIGKILL), as a crash does: connections break and new ones are refused. The data stays. */
  kill(): Promise<void>
  /** Starts the server again, on the same data and socket; kills it before when it still runs. */
  restart(): Promise<void>
  /** Kills the server, removes its folder, and resolves when both are gone. Does no harm a second time. */
  stop(): Promise<void>
}

// A signal reaches the threads one after the other: until the last has stopped, the server may still answer.
const PAUSE = `
kill -STOP "$1"
until awk '{ sub(/^.*[)] /, ""); if ($1 !~ /[Tt]/) runs = 1 } END { exit runs }' /proc/"$1"/task/*/stat
do :; done
`

/** Starts a server of either make, in the same way; see `startMariaDB` and `startMySQL`. */
export const startServer = async (
  options: ServerOptions & { readonly kind?: ServerKind | undefined } = {},
): Promise<LocalServer> => {
  const { bufferPoolMB = 256, tcp = false, timeout = 30_000, args = [] } = options
  const { kind = defaultKind(process.env) } = options
  const { label, find, install, settings } = MAKES[kind]
  const binaries = find(process.env)
  const port = tcp ? await freePort() : undefined
  const network = port === undefined ? ['--skip-networking'] : ['--bind-address=127.0.0.1', `--port=${port}`]
  const pool = `--innodb-buffer-pool-size=${bufferPoolMB}M`
  const watchdog = await startWatchdog(tmpdir(), binaries, install, [...settings, pool, ...network, ...args])
  const socketPath = `${watchdog.folder}/socket`

  // SQLAlchemy's form; the slashes stay legible.
  const url = (database = 'mysql') =>
    `mysql+pymysql://root@localhost/${database}?unix_socket=${encodeURIComponent(socketPath).replaceAll('%2F', '/')}`

  const query: LocalServer['query'] = (text, values) => queryOnce(url(), text, values)

  const log = async () => {
    const text = await readFile(`${watchdog.folder}/log`, 'utf8').catch(() => `no folder in ${tmpdir()}`)
    return text.trimEnd().split('\n').slice(-12).join('\n')
  }

  const ready = async (): Promise<void> => {
    const deadline = performance.now() + timeout
    for (;;) {
      try {
        await query('SELECT 1')
        return
      } catch (cause) {
        if (watchdog.pid !== undefined && performance.now() < deadline) await setTimeout(10)
        else throw failure(`${kind}-failed`, `${label} did not start: ${await log()}`, { cause })
      }
    }
  }

  const kill = () =>
    watchdog.hold(async () => {
      if (watchdog.pid !== undefined) process.kill(watchdog.pid, 'SIGKILL')
      await watchdog.down
    })

  const pause = async (): Promise<void> => {
    await promisify(execFile)('sh', ['-c', PAUSE, 'crosscell-pause', String(watchdog.pid)])
  }

  try {
    await watchdog.hold(ready)
  } catch (error) {
    await watchdog.end()
    throw error
  }
  return {
    kind,
    socketPath,
    port,
    get pid() {
      return watchdog.pid
    },
    url,
    query,
    pause,
    resume: () => void process.kill(watchdog.pid!, 'SIGCONT'),
    kill,
    restart: async () => {
      await kill()
      await watchdog.start()
      await watchdog.hold(ready)
    },
    stop: watchdog.end,
    [Symbol.asyncDispose]: watchdog.end,
  }
}
