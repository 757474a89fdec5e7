import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startLocalCells } from '../../src/testing/index.js'

const local = await startLocalCells({ cells: 1, cell0: false, instances: 200, bufferPoolMB: 16 })
t.teardown(local.stop)
const folder = mkdtempSync(join(tmpdir(), 'crosscell-run-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const config = join(folder, 'index.conf')
writeFileSync(
  config,
  `api-db = ${local.apiDatabase}\nindex = ${join(folder, 'index.db')}\npoll-interval = 100\n`,
)

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** The command in a process of its own. */
const start = (...argv: string[]) => {
  const child = spawn(process.execPath, [...process.execArgv, main, 'index', ...argv, '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const stderr = text(child.stderr)
  let said = ''
  child.stdout.setEncoding('utf8')
  const ended = once(child.stdout, 'end')
  /** Resolves when it has said so; fails when it ends before. */
  const until = async (wanted: RegExp): Promise<void> => {
    while (!wanted.test(said)) {
      const [chunk] = await Promise.race([
        once(child.stdout, 'data'),
        ended.then(() => Promise.reject(new Error(`ended: ${said}`))),
      ])
      said += chunk
    }
  }
  return { child, exited, stderr, until, stdout: () => said }
}

t.test('run fills what is empty, keeps it true, and ends at SIGTERM when all is in order', async t => {
  const { child, exited, stderr, until, stdout } = start('run')
  await until(/^cell1: fresh$/m)
  t.match(stdout(), /^embedded: nothing answers yet\n/)
  t.match(stdout(), /^embedded: g1 answers$/m)
  child.kill('SIGTERM')
  t.same(await exited, [0, null])
  t.equal(await stderr, '')
})

t.test('another one goes on with it; SIGINT ends it as well', async t => {
  const { child, exited, until } = start('run', '--json')
  await until(/"generation":"g1".*"state":"fresh"/)
  child.kill('SIGINT')
  t.same(await exited, [0, null])
})
