import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net'
import t from 'tap'
import { reasonOf, type SqlRow } from '../../src/cells/connection.js'
import { openPool } from '../../src/cells/pool.js'
import { sql } from '../../src/sql/fragment.js'
import { startServer } from '../../src/testing/server.js'

const server = await startServer({ tcp: true })
t.teardown(() => server.stop())
await server.query('CREATE DATABASE d')
const address = { host: '127.0.0.1', port: server.port!, user: 'root', database: 'd' }
const { signal } = new AbortController()

/** How many connections the server has beside the one that asks. */
const connected = async () =>
  Number((await server.query(`SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = 'd'`))[0]![0])

/** Resolves when the server has no connection left. */
const nobody = async () => {
  while ((await connected()) > 0) await new Promise(setImmediate)
}

t.test('values are read exactly, in UTC and under a known sql_mode', async t => {
  await server.query(`SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES', time_zone = '+05:00'`)
  const pool = openPool(address, { connections: 1 })
  const [row] = await pool.query(
    sql`SELECT ${`\\' OR 1=1 -- "`}, CAST('9007199254740993' AS UNSIGNED), CAST('0.10' AS DECIMAL(5, 2)),
        FROM_UNIXTIME(0), CAST('2026-01-01 00:00:00.123456' AS DATETIME(6)), "text"`,
    signal,
  )
  t.same(row, [
    `\\' OR 1=1 -- "`,
    '9007199254740993',
    '0.10',
    '1970-01-01 00:00:00',
    '2026-01-01 00:00:00.123456',
    'text',
  ])
  await pool.close()
  await server.query(`SET GLOBAL sql_mode = DEFAULT, time_zone = DEFAULT`)
})

t.test('what went wrong has a symbol, and never a message', async t => {
  const message = 'secret'
  t.equal(reasonOf({ code: 'ECONNREFUSED', errno: -111, message }), 'ECONNREFUSED')
  t.equal(reasonOf({ errno: 1969, message }), 'ER_STATEMENT_TIMEOUT')
  t.equal(reasonOf({ errno: 1927, message }), 'ER_CONNECTION_KILLED')
  t.equal(reasonOf({ errno: 4_321, message }), 'ERRNO_4321', 'one that the driver has no name for')
  t.equal(reasonOf({ message }), 'UNKNOWN')
})

t.test('an object can not become SQL', async t => {
  const pool = openPool(address, { connections: 1 })
  t.teardown(() => pool.close())
  const evil = { text: 'SELECT ?', values: [{ a: 1 }] } as never
  t.same(await pool.query(evil, signal), [['[object Object]']])
})

t.test('a statement that fails leaves its connection to the next', async t => {
  const pool = openPool(address, { connections: 1 })
  t.teardown(() => pool.close())
  await t.rejects(pool.query(sql`SELECT nothing`, signal), { code: 'ER_BAD_FIELD_ERROR' })
  t.same(await pool.query(sql`SELECT 1`, signal), [[1]])
  t.equal(await connected(), 1)
})

t.test('an aborted statement takes its connection with it, and the pool goes on', async t => {
  const pool = openPool(address, { connections: 1 })
  t.teardown(() => pool.close())
  const controller = new AbortController()
  await pool.query(sql`SELECT 1`, signal)
  const asleep = pool.query(sql`SELECT SLEEP(60)`, controller.signal)
  const waiting = pool.query(sql`SELECT 2`, signal)
  const impatient = new AbortController()
  const given = pool.query(sql`SELECT 3`, impatient.signal)
  impatient.abort('no patience')
  await t.rejects(given, 'no patience')
  controller.abort('enough')
  await t.rejects(asleep, 'enough')
  t.same(await waiting, [[2]])
  await t.rejects(pool.query(sql`SELECT 4`, AbortSignal.abort('before')), 'before')
  t.same(
    await pool.query(sql`SELECT 5`, signal),
    [[5]],
    'the connection that nobody waited for any more was given back',
  )
})

/** A server does not see at once that nobody waits for its answer. */
const wakeUp = async () => {
  const asleep = await server.query(
    `SELECT ID FROM information_schema.PROCESSLIST WHERE DB = 'd' AND COMMAND = 'Query'`,
  )
  for (const [id] of asleep) await server.query(`KILL ${id}`)
}

/** Ten rows that are too long for the server to keep; it takes a minute before the sixth. */
const long = sql`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
  SELECT i, REPEAT('x', 100000), IF(i = 6, SLEEP(60), 0) FROM n`
const quick = { text: long.text.replace('SLEEP(60)', '0'), values: [] }
const numbers = (rows: readonly SqlRow[]) => rows.map(([i]) => i)

t.test('rows come as they are wanted', async t => {
  const pool = openPool(address, { connections: 1 })
  t.teardown(() => pool.close())
  const rows = pool.stream(quick, signal)
  t.same(numbers(await rows.next(3, signal)), [1, 2, 3])
  t.same(numbers(await rows.next(1, signal)), [4])
  t.same(numbers(await rows.next(6, signal)), [5, 6, 7, 8, 9, 10])
  t.same(await rows.next(6, signal), [])
  t.same(await rows.next(6, signal), [], 'and it stays at its end')
  t.same(await pool.query(sql`SELECT 1`, signal), [[1]])
  t.equal(await connected(), 1)
})

t.test('rows that nobody reads do not keep a connection', async t => {
  const pool = openPool(address, { connections: 1, patience: { idle: 0, rest: 60_000 } })
  t.teardown(() => pool.close())
  const rows = pool.stream(quick, signal)
  t.same(numbers(await rows.next(2, signal)), [1, 2])
  t.same(await pool.query(sql`SELECT 1`, signal), [[1]], 'there is only one, and it was free again')
  t.same(numbers(await rows.next(3, signal)), [3, 4, 5])
  t.same(numbers(await rows.next(9, signal)), [6, 7, 8, 9, 10])
})

t.test('a reader that gives up before it asks does not keep a connection either', async t => {
  const pool = openPool(address, { connections: 1, patience: { idle: 0, rest: 60_000 } })
  t.teardown(() => pool.close())
  const rows = pool.stream(quick, signal)
  await rows.next(2, signal)
  await t.rejects(rows.next(1, AbortSignal.abort('enough')), 'enough')
  t.same(await pool.query(sql`SELECT 1`, signal), [[1]])
})

t.test('a server that does not send the rest is not waited for', async t => {
  const pool = openPool(address, { connections: 1, patience: { idle: 0, rest: 0 } })
  t.teardown(() => pool.close())
  const rows = pool.stream(long, signal)
  t.same(numbers(await rows.next(2, signal)), [1, 2])
  t.same(await pool.query(sql`SELECT 1`, signal), [[1]])
  await t.rejects(rows.next(9, signal), { code: 'DEADLINE' } as unknown as Error)
  await wakeUp()
})

t.test('a stream that fails leaves its connection to the next', async t => {
  const pool = openPool(address, { connections: 1 })
  t.teardown(() => pool.close())
  const connection = await pool.query(sql`SELECT CONNECTION_ID()`, signal)
  await t.rejects(pool.stream(sql`SELECT nothing`, signal).next(1, signal), { code: 'ER_BAD_FIELD_ERROR' })
  t.same(await pool.query(sql`SELECT CONNECTION_ID()`, signal), connection)
})

t.test('an aborted stream takes its connection with it', async t => {
  const pool = openPool(address, { connections: 1 })
  t.teardown(() => pool.close())
  const rows = pool.stream(long, signal)
  t.same(numbers(await rows.next(5, signal)), [1, 2, 3, 4, 5])
  const controller = new AbortController()
  const asleep = rows.next(1, controller.signal)
  const waiting = pool.query(sql`SELECT 2`, signal)
  controller.abort('enough')
  await t.rejects(asleep, 'enough')
  t.same(await waiting, [[2]])
  await t.rejects(pool.stream(long, signal).next(1, AbortSignal.abort('before')), 'before')
  const begun = pool.stream(quick, signal)
  await begun.next(1, signal)
  await t.rejects(begun.next(1, AbortSignal.abort('between')), 'between')
  t.same(numbers(await begun.next(1, signal)), [2], 'what was not asked goes on')
  await wakeUp()
})

t.test('giving up while connecting', async t => {
  const mute = createServer(() => {}).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  const pool = openPool({ ...address, port: (mute.address() as AddressInfo).port }, { connections: 1 })
  const controller = new AbortController()
  const sockets: Socket[] = []
  const arrived = once(mute, 'connection').then(([socket]) => sockets.push(socket as Socket))
  const asked = pool.query(sql`SELECT 1`, controller.signal)
  await arrived
  controller.abort('enough')
  await t.rejects(asked, 'enough')
  // The attempt ends later, and nobody is there to hear it.
  sockets[0]!.destroy()
  await pool.close()
  mute.close()
  await once(mute, 'close')
})

t.test('a connection that breaks in its greeting is not used', async t => {
  const sockets = new Set<Socket>()
  const proxy = createServer(client => {
    const upstream = dial(server.port!, '127.0.0.1')
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}))
    upstream.on('data', data => client.write(data))
    client.on('data', data => {
      if (data.includes('SET SESSION')) client.destroy()
      else upstream.write(data)
    })
    client.on('close', () => upstream.destroy())
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const pool = openPool({ ...address, port: (proxy.address() as AddressInfo).port }, { connections: 1 })
  await t.rejects(pool.query(sql`SELECT 1`, signal), { fatal: true } as unknown as Error)
  await pool.close()
  for (const socket of sockets) socket.destroy()
  proxy.close()
})

t.test('close ends every connection', async t => {
  const pool = openPool(address, { connections: 3 })
  await Promise.all([1, 2, 3].map(n => pool.query(sql`SELECT ${n}`, signal)))
  await pool.close()
  await nobody()
  t.equal(await connected(), 0)
})
