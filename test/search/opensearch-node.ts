import { existsSync, statfsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { opensearch } from '../../scripts/opensearch.mjs'
import { freePort } from '../../src/testing/free-port.js'
import { startWatchdog } from '../../src/testing/watchdog.js'

/** A private node of OpenSearch, which ends with this process. */
export interface OpenSearchNode {
  readonly url: string
  /** Kills it, as a crash does. */
  kill(): Promise<void>
  /** Starts it again, with its data, on the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Small and soon there; what is measured elsewhere is measured without these. */
const JAVA = ['-Xms512m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto']

const START_MS = 90_000

const MEMORY = '/dev/shm'

/** In memory where there is enough of it: on a disk an index is made in a quarter of a second. */
const folder = (): string => {
  if (!existsSync(MEMORY)) return tmpdir()
  const { bavail, bsize } = statfsSync(MEMORY)
  return bavail * bsize > 2 ** 31 ? MEMORY : tmpdir()
}

/** Starts a node; rejects with the reason where none can be had here. */
export const startOpenSearch = async (java: readonly string[] = JAVA): Promise<OpenSearchNode> => {
  const server = await opensearch(process.env)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const watchdog = await startWatchdog(folder(), { server, install: 'true' }, [], ['--', `${port}`, ...java])

  const ready = async (): Promise<void> => {
    const deadline = performance.now() + START_MS
    for (;;) {
      const health = await fetch(`${url}/_cluster/health?wait_for_status=yellow`).catch(() => undefined)
      if (health?.ok) return
      if (watchdog.pid === undefined || performance.now() > deadline) {
        const log = await readFile(`${watchdog.folder}/log`, 'utf8')
        throw new Error(`OpenSearch did not start: ${log.slice(-2_000)}`)
      }
      await setTimeout(50)
    }
  }
  const kill = () =>
    watchdog.hold(async () => {
      if (watchdog.pid !== undefined) process.kill(watchdog.pid, 'SIGKILL')
      await watchdog.down
    })
  try {
    await watchdog.hold(ready)
  } catch (error) {
    await watchdog.end()
    throw error
  }
  return {
    url,
    kill,
    restart: async () => {
      await watchdog.start()
      await watchdog.hold(ready)
    },
    stop: watchdog.end,
  }
}
