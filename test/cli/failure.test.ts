import { Writable } from 'node:stream'
import t from 'tap'
import { connect } from '../../src/cells/connection.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import { startLocalCells } from '../../src/testing/index.js'
import { command, screen, until } from './fixtures/command.js'

const local = await startLocalCells({
  cells: 2,
  cell0: false,
  servers: 'own',
  instances: [300, 200],
  relations: false,
  bufferPoolMB: 16,
})
t.teardown(local.stop)
const env = { CROSSCELL_API_DB: local.apiDatabase }

/** Locks a cell's instances, so that who asks for them waits. */
const lock = async (cell: string) => {
  const connection = await connect(parseDatabaseUrl(local.cells.find(it => it.name === cell)!.database, '/'))
  await connection.query('LOCK TABLES instances WRITE')
  return connection
}

const waiting = async (cell: string): Promise<boolean> => {
  const [[count]] = (await local.query(
    cell,
    "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table%'",
  )) as [[number]]
  return count > 0
}

/** A stream whose writes all fail. */
const broken = (code: string) =>
  new Writable({
    write: (_chunk, _encoding, done) =>
      done(Object.assign(new Error(`write ${code}`), { code, syscall: 'write' })),
  })

t.test('a cell that is too slow: a partial answer, a warning, and 3', async t => {
  const connection = await lock('cell2')
  const result = await command(['list', '--format', 'ndjson', '--fields', 'uuid', '--deadline', '700'], { env })
  await connection.close()
  t.equal(result.code, 3)
  t.ok(result.stdout.split('\n').length > 1)
  t.match(result.stderr, /\ncrosscell: warning: partial answer, .*cell2 timed-out \(DEADLINE\)\n$/)
})

t.test('an interrupt ends the wait and the statement on the server', async t => {
  const connection = await lock('cell2')
  for (const argv of [['list'], ['list', '--all']]) {
    const interrupt = new AbortController()
    const result = command(argv, { env, signal: interrupt.signal })
    await until(() => waiting('cell2'))
    interrupt.abort()
    t.match(await result, { code: 130, stdout: '', stderr: '' })
    await until(async () => !(await waiting('cell2')))
  }
  await connection.close()
  t.match(await command(['list'], { env, signal: AbortSignal.abort() }), { code: 130, stdout: '', stderr: '' })
})

t.test('an interrupt does not wait for a reader that takes nothing', async t => {
  const interrupt = new AbortController()
  const stdout = new Writable({ write: () => interrupt.abort() })
  t.match(await command(['list'], { env, stdout, signal: interrupt.signal }), { code: 130, stderr: '' })
})

t.test('a reader that has had enough is no failure, and nothing more is read for it', async t => {
  for (const argv of [['list'], ['list', '--all', '--format', 'csv']])
    t.match(await command(argv, { env, stdout: broken('EPIPE') }), { code: 0, stderr: '' })
  t.match(await command(['list', '--help'], { env, stdout: broken('EPIPE') }), { code: 0, stderr: '' })
})

t.test('any other failure of the output is one', async t => {
  t.match(await command(['list'], { env, stdout: broken('ENOSPC') }), {
    code: 1,
    stderr: 'crosscell: ENOSPC: write ENOSPC\n',
  })
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done(new Error('unheard of')) })
  await t.rejects(command(['list'], { env, stdout }), { message: 'unheard of' })
})

t.test('without a reader of stderr the answer and the code are the same', async t => {
  const stdout = screen()
  const stderr = broken('EPIPE')
  t.match(await command(['list', '--format', 'csv'], { env, stdout, stderr }), { code: 0 })
  t.equal(stdout.text().split('\n').length, 102, 'header, 100 rows, and the end of the last line')
})

t.test('a cell that is down', async t => {
  await local.stopCell('cell2')
  const warning = /crosscell: warning: partial answer, without cell2 failed \((ECONNREFUSED|ENOENT)\)\n$/

  t.test('leaves a page partial: rows, a warning, and 3', async t => {
    t.match(await command(['list', '--limit', '5'], { env }), {
      code: 3,
      stdout: /^uuid .*\n(.* cell1\n){5}$/,
      stderr: warning,
    })
    const json = await command(['list', '--limit', '5', '--format', 'json'], { env })
    t.match(json, { code: 3, stderr: warning })
    t.match(JSON.parse(json.stdout), { complete: false, cells: [{ state: 'ok' }, { state: 'failed' }] })
  })

  t.test('is a failure of --all and of --down-cells fail', async t => {
    for (const argv of [['--all'], ['--all', '--format', 'json'], ['--down-cells', 'fail']])
      t.match(await command(['list', ...argv], { env }), {
        code: 1,
        stdout: '',
        stderr: /^crosscell: cells-unavailable: no complete answer: cell2 \((ECONNREFUSED|ENOENT)\)\n$/,
      })
  })

  t.test('leaves --all --down-cells omit partial', async t => {
    t.match(await command(['list', '--all', '--down-cells', 'omit', '--format', 'csv'], { env }), {
      code: 3,
      stderr: warning,
    })
  })
})

t.test('passwords: right or wrong, they are in no output', async t => {
  const server = local.server('cell1')
  await server.query("CREATE USER reader@localhost IDENTIFIED BY 's3cret-pa55'")
  await server.query('GRANT SELECT ON nova_cell1.* TO reader@localhost')
  const url = (password: string) =>
    `cell1=mysql://reader:${password}@localhost/nova_cell1?unix_socket=${server.socketPath}`
  for (const format of ['table', 'json', 'ndjson', 'csv'])
    for (const more of [['--limit', '2'], ['--all'], ['--sort', 'x']]) {
      const result = await command(['list', '--cell', url('s3cret-pa55'), '--format', format, ...more])
      t.equal(result.code, more[0] === '--sort' ? 2 : 0)
      t.notMatch(result.stdout + result.stderr, 's3cret')
    }
  const wrong = await command(['list', '--all', '--cell', url('s3cret-wrong')])
  t.match(wrong, { code: 1, stdout: '', stderr: /cells-unavailable: .*cell1 \(ER_ACCESS_DENIED/ })
  t.notMatch(wrong.stderr, 's3cret')
})

t.test('an API database that is down is a failure', async t => {
  await local.stopCell('api')
  t.match(await command(['list'], { env }), {
    code: 1,
    stdout: '',
    stderr: /^crosscell: directory-unavailable: the API database .*\((ECONNREFUSED|ENOENT)\)\n$/,
  })
})
