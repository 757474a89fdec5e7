import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { connect } from '../../src/cells/connection.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import { startMariaDB } from '../../src/testing/mariadb.js'
import { startMySQL } from '../../src/testing/mysql.js'
import { startServer } from '../../src/testing/server.js'
import { defaultKind } from '../../src/testing/server-kind.js'
import { privateTmpdir, processState, until } from './fixtures/private-tmpdir.js'

const kind = defaultKind(process.env)
const tmp = await privateTmpdir()
t.teardown(tmp.restore)

t.test('a server starts, serves over its socket, and is gone without a trace after stop()', async t => {
  const server = await startServer({ bufferPoolMB: 32 })
  const pid = server.pid!
  t.equal(server.kind, kind)
  t.same(await server.query('SELECT 1 + ?, @@innodb_buffer_pool_size', [1]), [[2, 32 * 2 ** 20]])
  t.equal(server.url('shop'), `mysql+pymysql://root@localhost/shop?unix_socket=${server.socketPath}`)
  t.ok(server.socketPath.length < 100)
  t.equal(server.port, undefined)
  t.same(await tmp.contents(), [dirname(server.socketPath).split('/').at(-1)])
  t.same(await server.query('SELECT @@tmpdir'), [[`${dirname(server.socketPath)}/tmp`]])
  await server.stop()
  await server.stop()
  t.equal(server.pid, undefined)
  t.equal(await processState(pid), '')
  t.same(await tmp.contents(), [])
})

t.test('with tcp it listens on 127.0.0.1 as well, and takes more options', async t => {
  await using server = await startServer({ bufferPoolMB: 16, tcp: true, args: ['--max-connections=17'] })
  const connection = await connect(parseDatabaseUrl(`mysql://root@127.0.0.1:${server.port}/mysql`, '/url'))
  t.same(await connection.query('SELECT @@max_connections, @@bind_address'), [[17, '127.0.0.1']])
  await connection.close()
})

t.test('pause() holds the process where it is and resume() lets it go on', async t => {
  await using server = await startServer({ bufferPoolMB: 16 })
  await server.pause()
  t.equal(await processState(server.pid!), 'T')
  const answer = server.query("SELECT 'late'")
  server.resume()
  t.same(await answer, [['late']])
})

t.test('kill() breaks it, restart() brings the same data back at the same socket', async t => {
  const server = await startServer({ bufferPoolMB: 16 })
  const first = server.pid!
  await server.query('CREATE DATABASE shop')
  await server.query('CREATE TABLE shop.goods (id INT PRIMARY KEY) SELECT 7 AS id')
  await server.kill()
  t.equal(server.pid, undefined)
  t.equal(await processState(first), '')
  t.ok(existsSync(dirname(server.socketPath)), 'the folder is kept')
  await t.rejects(server.query('SELECT 1'), { code: /ECONNREFUSED|ENOENT/ })
  await server.kill()

  await server.restart()
  t.same(await server.query('SELECT id FROM shop.goods'), [[7]])
  const second = server.pid!
  await server.restart()
  t.not(server.pid, second)
  t.equal(await processState(second), '')
  t.same(await server.query('SELECT id FROM shop.goods'), [[7]])

  const last = server.pid!
  await Promise.all([server.kill(), server.stop()])
  t.equal(await processState(last), '')
  t.same(await tmp.contents(), [])
})

t.test('a paused server can be stopped', async t => {
  const server = await startServer({ bufferPoolMB: 16 })
  await server.pause()
  await server.stop()
  t.same(await tmp.contents(), [])
})

t.test('a start that fails says what the server logged and leaves nothing', async t => {
  await t.rejects(startServer({ args: ['--no-such-option'] }), {
    code: `${kind}-failed`,
    message: /no-such-option/,
  })
  t.same(await tmp.contents(), [])
})

t.test('each make is started by its own function, whatever the environment says', async t => {
  const before = { ...process.env }
  process.env.CROSSCELL_MYSQLD = '/nowhere/mysqld'
  process.env.CROSSCELL_MARIADBD = '/nowhere/mariadbd'
  t.teardown(() => {
    for (const name of ['CROSSCELL_MYSQLD', 'CROSSCELL_MARIADBD'])
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
  })
  await t.rejects(startMySQL(), { code: 'mysql-not-found', message: /CROSSCELL_MYSQLD \(\/nowhere\/mysqld\)/ })
  await t.rejects(startMariaDB(), { code: 'mariadb-not-found' })
  t.same(await tmp.contents(), [])
})

t.test('the environment names the make, or is refused', async t => {
  t.equal(defaultKind({}), 'mariadb')
  t.equal(defaultKind({ CROSSCELL_TEST_SERVER: '' }), 'mariadb')
  t.equal(defaultKind({ CROSSCELL_TEST_SERVER: 'mysql' }), 'mysql')
  t.throws(() => defaultKind({ CROSSCELL_TEST_SERVER: 'toString' }), {
    code: 'invalid-option',
    path: '/kind',
    expected: 'mariadb or mysql',
  })
})

t.test('a server that does not answer in time is given up', async t => {
  await t.rejects(startServer({ timeout: 1 }), { code: `${kind}-failed` })
  t.same(await tmp.contents(), [])
})

t.test('a temporary folder that is not there is an error, not a hang', async t => {
  process.env.TMPDIR = `${tmp.folder}/missing`
  t.teardown(() => {
    process.env.TMPDIR = tmp.folder
  })
  await t.rejects(startServer(), { code: `${kind}-failed`, message: /no folder in/ })
})

const startChild = async (fixture: string) => {
  const file = fileURLToPath(new URL(`./fixtures/${fixture}.ts`, import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const [pid] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, exited, pid: Number(pid) }
}

for (const signal of ['SIGKILL', 'SIGINT', 'SIGTERM'] as const)
  t.test(`nothing is left when the process that started it gets ${signal}`, async t => {
    const { child, exited, pid } = await startChild('hold-server')
    t.not(await processState(pid), '')
    child.kill(signal)
    t.same(await exited, [null, signal])
    t.ok(await until(async () => (await tmp.contents()).length === 0), 'no folder')
    t.equal(await processState(pid), '', 'no process')
  })

t.test('a server that nobody stopped does not keep the process, and ends with it', async t => {
  const { exited, pid } = await startChild('forget-server')
  t.same(await exited, [0, null])
  t.ok(await until(async () => (await tmp.contents()).length === 0), 'no folder')
  t.equal(await processState(pid), '', 'no process')
})
