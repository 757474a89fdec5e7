import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'

// The shell owns the folder and the server, so that neither outlives this process, however it dies: our end of
// the pipe on its stdin is all that keeps them. Its stdout says where the folder is, then the server's pid at
// every start and 'down' at every end. While the server runs nothing is written to the pipe; it ends when we do
// and the reader kills the server. While the server is down, a line starts it again. Without us there is nobody to
// read its stdout either: hence PIPE.
const SCRIPT = `
trap '' INT HUP TERM PIPE
exec 3<&0
folder=$(mktemp -d "$1/crosscell-XXXXXX") || exit 1
install=$2 server=$3 how=$4
shift 4
user=$([ "$(id -u)" = 0 ] && echo --user=root)
echo "$folder"
# A server deletes what other servers have in a tmpdir that they share.
export TMPDIR="$folder/tmp"
mkdir "$TMPDIR"
"$install" --no-defaults $how --datadir="$folder/data" $user >"$folder/log" 2>&1 </dev/null
while
  "$server" --no-defaults --datadir="$folder/data" --socket="$folder/socket" --pid-file="$folder/pid" \\
    $user "$@" >>"$folder/log" 2>&1 </dev/null 3<&- &
  pid=$!
  echo $pid
  (read -r _ <&3; kill -9 $pid) >/dev/null 2>&1 &
  reader=$!
  wait $pid
  kill -9 $reader
  wait $reader
  echo down
  read -r _
do :; done 2>/dev/null
rm -rf "$folder"
`

/** A server and its folder, both of which end with this process. */
export interface Watchdog {
  /** `undefined` when no folder could be made. */
  readonly folder: string | undefined
  /** The server's process, `undefined` while it is down. */
  readonly pid: number | undefined
  /** Resolves when the server that runs now has ended. */
  readonly down: Promise<void>
  start(): Promise<void>
  /** Kills the server and removes the folder. */
  end(): Promise<void>
  /** Runs `work` while node's event loop stays alive; between such calls the watchdog does not hold it. */
  hold<T>(work: () => Promise<T>): Promise<T>
}

export const startWatchdog = async (
  tmpdir: string,
  binaries: { readonly server: string; readonly install: string },
  install: readonly string[],
  args: readonly string[],
): Promise<Watchdog> => {
  const child = spawn(
    'sh',
    ['-c', SCRIPT, 'crosscell-watchdog', tmpdir, binaries.install, binaries.server, install.join(' '), ...args],
    {
      // A session of its own: Ctrl-C in the terminal does not reach the watchdog.
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  )
  const handles = [child, child.stdin as Socket, child.stdout as Socket]
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string | undefined> => (await lines.next()).value

  let holders = 0
  const hold = async <T>(work: () => Promise<T>): Promise<T> => {
    if (holders++ === 0) for (const handle of handles) handle.ref()
    try {
      return await work()
    } finally {
      if (--holders === 0) for (const handle of handles) handle.unref()
    }
  }

  let pid: number | undefined
  let down = Promise.resolve()
  const begin = async () => {
    pid = Number(await next()) || undefined
    down = next().then(() => {
      pid = undefined
    })
  }
  const folder = await hold(async () => {
    const line = await next()
    await begin()
    return line
  })
  return {
    folder,
    get pid() {
      return pid
    },
    get down() {
      return down
    },
    start: () =>
      hold(() => {
        child.stdin.write('\n')
        return begin()
      }),
    end: () =>
      hold(async () => {
        child.stdin.end()
        await exited
      }),
    hold,
  }
}
