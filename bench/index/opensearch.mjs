/** A node of OpenSearch for an index, where one can be had. */
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../dist/testing/free-port.js'
import { startWatchdog } from '../../dist/testing/watchdog.js'
import { opensearch } from '../../scripts/opensearch.mjs'
import { NotReady } from '../../scripts/ready.mjs'

const JAVA = ['-Xms1g', '-Xmx1g']
const START_MS = 120_000

const startNode = async () => {
  const server = await opensearch(process.env)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const watchdog = await startWatchdog(tmpdir(), { server, install: 'true' }, [], ['--', `${port}`, ...JAVA])
  const until = performance.now() + START_MS
  const ready = async () => {
    for (;;) {
      const health = await fetch(`${url}/_cluster/health?wait_for_status=yellow`).catch(() => undefined)
      if (health?.ok) return
      if (watchdog.pid === undefined || performance.now() > until)
        throw new Error(
          `OpenSearch did not start: ${(await readFile(`${watchdog.folder}/log`, 'utf8')).slice(-2_000)}`,
        )
      await sleep(100)
    }
  }
  try {
    await watchdog.hold(ready)
  } catch (error) {
    await watchdog.end()
    throw error
  }
  return { url, stop: watchdog.end }
}

/** The node of `OPENSEARCH_URL`, or one that ends with this process; undefined, and it is said why, where there is none. */
export const openNode = async say => {
  if (process.env.OPENSEARCH_URL) return { url: process.env.OPENSEARCH_URL, stop: async () => {} }
  try {
    return await startNode()
  } catch (error) {
    if (!(error instanceof NotReady)) throw error
    say(`without OpenSearch: ${error.message}`)
    return undefined
  }
}
