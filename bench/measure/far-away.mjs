import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The cloud's server once more, as if it were so many milliseconds away. */
export const farAway = async (cloud, delay) => {
  const folder = mkdtempSync(join(tmpdir(), 'crosscell-bench-far-'))
  const socketPath = join(folder, 'socket')
  const script = fileURLToPath(new URL('delay-proxy.mjs', import.meta.url))
  const proxy = spawn(process.execPath, [script, cloud.socketPath, socketPath, String(delay)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(proxy.stdout, 'data')
  return {
    socketPath,
    urlOf: database => database.replace(cloud.socketPath, socketPath),
    close: async () => {
      proxy.stdin.end()
      await once(proxy, 'exit')
      rmSync(folder, { recursive: true })
    },
  }
}
