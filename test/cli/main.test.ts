import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { connect } from '../../src/cells/connection.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import { startLocalCells } from '../../src/testing/index.js'
import { until } from './fixtures/command.js'

const local = await startLocalCells({
  cells: 1,
  cell0: false,
  instances: 20_000,
  relations: false,
  bufferPoolMB: 64,
})
t.teardown(local.stop)

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

const start = (...argv: string[]) => {
  const child = spawn(process.execPath, [...process.execArgv, main, ...argv], {
    env: { ...process.env, CROSSCELL_API_DB: local.apiDatabase },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return { child, exited: once(child, 'exit'), stderr: text(child.stderr) }
}

t.test('the command reads arguments and environment, and leaves with the code', async t => {
  const { child, exited } = start(
    'list',
    '--all',
    '--format',
    'ndjson',
    '--filter',
    'id:lte=3',
    '--filter',
    'deleted=any',
  )
  const [[count]] = (await local.query(
    'cell1',
    `SELECT COUNT(*) FROM instances WHERE id <= 3 AND COALESCE(vm_state, '') <> 'soft-delete' AND COALESCE(hidden, 0) = 0`,
  )) as [[number]]
  t.equal((await text(child.stdout)).split('\n').length, count + 1)
  t.same(await exited, [0, null])
  t.same(await start('list', '--limit', '-1').exited, [2, null])
})

t.test('| head: it ends as soon as its reader has, quietly', async t => {
  const { child, exited, stderr } = start('list', '--all', '--format', 'ndjson')
  await once(child.stdout, 'data')
  child.stdout.destroy()
  t.same(await exited, [0, null])
  t.equal(await stderr, '')
})

t.test('Ctrl-C: 130, and nothing goes on at the server', async t => {
  const connection = await connect(parseDatabaseUrl(local.cells[0]!.database, '/'))
  await connection.query('LOCK TABLES instances WRITE')
  const waiting = async () => {
    const [[count]] = (await local.query(
      'cell1',
      "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table%'",
    )) as [[number]]
    return count > 0
  }
  const { child, exited, stderr } = start('list', '--all')
  await until(waiting)
  child.kill('SIGINT')
  t.same(await exited, [130, null])
  t.equal(await stderr, '')
  await until(async () => !(await waiting()))
  await connection.close()
})
