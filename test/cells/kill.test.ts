import t from 'tap'
import { optionsFor } from '../../src/cells/connection.js'
import { openConnections } from '../../src/cells/connections.js'
import { openKiller } from '../../src/cells/kill.js'
import { openPool } from '../../src/cells/pool.js'
import { sql } from '../../src/sql/fragment.js'
import { sockets, until } from './fixtures/until.js'
import { signal, startWatchedServer } from './fixtures/watched-server.js'
import { openWire } from './fixtures/wire.js'

const { server, address, poolAt, processes, begun, gone } = await startWatchedServer()
t.teardown(() => server.stop())
await server.query('CREATE TABLE d.locked (id INT)')

/** What the server is at. */
const at = async (text: string) => (await processes(`COMMAND = 'Query'`)).find(one => one.text.includes(text))

const openPoolThatKills = (connections: number, port = server.port!) => {
  let kills = 0
  const pool = poolAt(port, connections, { killed: () => kills++ })
  return { pool, kills: () => kills }
}

t.test('a statement that is given up is gone from the server, and no other', async t => {
  const { pool, kills } = openPoolThatKills(4)
  t.teardown(() => pool.close())
  const [one, other] = [new AbortController(), new AbortController()]
  const first = pool.query(sql`SELECT SLEEP(61)`, one.signal)
  const second = pool.query(sql`SELECT SLEEP(62)`, other.signal)
  await begun('SLEEP(61)')
  await begun('SLEEP(62)')
  one.abort('enough')
  await t.rejects(first, 'enough')
  await gone('SLEEP(61)')
  t.ok(await at('SLEEP(62)'))
  await until('it is told', () => kills() === 1)
  other.abort('enough')
  await t.rejects(second, 'enough')
  await gone('SLEEP(62)')
  await until('it is told', () => kills() === 2)
})

t.test('also when no connection is left to ask over, and others wait for one', async t => {
  const { pool } = openPoolThatKills(2)
  t.teardown(() => pool.close())
  const rest = new AbortController()
  const one = new AbortController()
  const given = pool.query(sql`SELECT SLEEP(61)`, one.signal)
  const others = [1, 2, 3].map(n => pool.query(sql`SELECT SLEEP(62), ${n}`, rest.signal))
  await begun('SLEEP(61)')
  await begun('SLEEP(62)')
  one.abort('enough')
  await t.rejects(given, 'enough')
  await gone('SLEEP(61)')
  rest.abort('enough')
  for (const other of others) await t.rejects(other, 'enough')
  await gone('SLEEP(62)')
  t.same(await pool.query(sql`SELECT 1`, signal), [[1]])
})

t.test('a stream is killed when its reader gives up, and when its request is over', async t => {
  const { pool } = openPoolThatKills(2)
  t.teardown(() => pool.close())
  /** It sends its first rows, and then nothing. */
  const slow = (n: number) => ({
    text: `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
      SELECT i, REPEAT('x', 100000), IF(i = 6, SLEEP(${n}), 0) FROM n`,
    values: [],
  })
  const reader = new AbortController()
  const read = pool.stream(slow(61), signal)
  t.equal((await read.next(2, reader.signal)).length, 2)
  const asleep = read.next(9, reader.signal)
  await begun('SLEEP(61)')
  reader.abort('enough')
  await t.rejects(asleep, 'enough')
  await gone('SLEEP(61)')

  const life = new AbortController()
  const unread = pool.stream(slow(62), life.signal)
  t.equal((await unread.next(2, signal)).length, 2)
  await begun('SLEEP(62)')
  life.abort('over')
  await gone('SLEEP(62)')
  await t.rejects(unread.next(1, signal), 'over')
})

t.test('a statement that waits for a lock is killed', async t => {
  const { pool } = openPoolThatKills(1)
  t.teardown(() => pool.close())
  const locking = openPool({ ...address, user: 'root', password: '' }, { connections: 1 })
  t.teardown(() => locking.close())
  await locking.query(sql`LOCK TABLES locked WRITE`, signal)
  const one = new AbortController()
  const waiting = pool.query(sql`SELECT * FROM locked`, one.signal)
  await begun('FROM locked')
  one.abort('enough')
  await t.rejects(waiting, 'enough')
  await gone('FROM locked')
})

t.test('a statement that is given up while the pool closes is killed, and then it is closed', async t => {
  const { pool, kills } = openPoolThatKills(1)
  const one = new AbortController()
  const asleep = pool.query(sql`SELECT SLEEP(61)`, one.signal)
  await begun('SLEEP(61)')
  const closed = pool.close()
  one.abort('enough')
  await t.rejects(asleep, 'enough')
  await closed
  t.equal(kills(), 1)
  t.notOk(await at('SLEEP(61)'))
})

const openKillerOver = (user = address) => {
  const connections = openConnections(optionsFor(user), {
    most: 1,
    session: 'SET SESSION max_sort_length = 16384',
    patience: 10_000,
    idle: 60_000,
    now: () => performance.now(),
  })
  let kills = 0
  return { connections, killer: openKiller(connections, () => kills++), kills: () => kills }
}

t.test('a connection that has the number, but is at something else, is not touched', async t => {
  const { pool } = openPoolThatKills(2)
  t.teardown(() => pool.close())
  const { connections, killer, kills } = openKillerOver()
  const one = new AbortController()
  const others = pool.query(sql`SELECT SLEEP(61)`, one.signal)
  await begun('SLEEP(61)')
  const other = await at('SLEEP(61)')
  killer.kill({ thread: other!.id, tag: '/* crosscell of a server that was */ ' })
  const mine = pool.query(sql`SELECT SLEEP(62)`, signal)
  await begun('SLEEP(62)')
  const { id, text } = (await at('SLEEP(62)'))!
  killer.kill({ thread: id, tag: text.slice(0, text.indexOf('*/')) })
  // MySQL takes a SLEEP that is interrupted for one that is over.
  await mine.catch(() => {})
  await killer.close()
  t.equal(kills(), 1)
  t.ok(await at('SLEEP(61)'))
  one.abort()
  await t.rejects(others)
  await connections.close()
})

t.test('what has ended by itself is not looked for any longer', async t => {
  const { connections, killer, kills } = openKillerOver()
  killer.kill({ thread: 999_999_999, tag: 'SELECT' })
  await killer.close()
  t.equal(kills(), 0)
  await connections.close()
})

t.test('a server that refuses is not asked again', async t => {
  await server.query(`CREATE USER looker IDENTIFIED BY 'secret'`)
  await server.query('GRANT PROCESS ON *.* TO looker')
  await server.query('GRANT SELECT ON d.* TO looker')
  const { connections, killer, kills } = openKillerOver({ ...address, user: 'looker' })
  const { pool } = openPoolThatKills(2)
  t.teardown(() => pool.close())
  const one = new AbortController()
  const others = pool.query(sql`SELECT SLEEP(61)`, one.signal)
  await begun('SLEEP(61)')
  const { id, text } = (await at('SLEEP(61)'))!
  const start = performance.now()
  killer.kill({ thread: id, tag: text.slice(0, 20) })
  await killer.close()
  t.ok(performance.now() - start < 2_000, 'it takes not all of its time')
  t.equal(kills(), 0)
  t.ok(await at('SLEEP(61)'))
  one.abort()
  await t.rejects(others)
  await connections.close()
})

t.test('a killer whose connection is lost tries another one', async t => {
  const wire = await openWire(server.port!)
  const { pool, kills } = openPoolThatKills(2, wire.port)
  const one = new AbortController()
  await pool.query(sql`SELECT 1`, signal)
  const asleep = pool.query(sql`SELECT SLEEP(61)`, one.signal)
  await begun('SLEEP(61)')
  const cuts: string[] = []
  wire.fromClient = (data, pass, client) => {
    const what = /SHOW PROCESSLIST|KILL QUERY/.exec(data.toString('latin1'))?.[0]
    if (what === undefined || cuts.includes(what)) return pass()
    cuts.push(what)
    client.destroy()
  }
  one.abort('enough')
  await t.rejects(asleep, 'enough')
  await gone('SLEEP(61)')
  t.same(cuts, ['SHOW PROCESSLIST', 'KILL QUERY'])
  await until('it is told', () => kills() === 1)
  await pool.close()
  await wire.close()
})

t.test('a server that does not answer is given up, and the pool closes', async t => {
  const { pool, kills } = openPoolThatKills(2)
  const one = new AbortController()
  const asleep = pool.query(sql`SELECT SLEEP(61)`, one.signal)
  await begun('SLEEP(61)')
  await server.pause()
  t.teardown(() => server.resume())
  one.abort('enough')
  await t.rejects(asleep, 'enough')
  await pool.close()
  t.equal(kills(), 0)
  await until('no socket is left', () => sockets() === 0)
})

t.test('a server that is gone is given up as well', async t => {
  await server.restart()
  const { pool, kills } = openPoolThatKills(2)
  const one = new AbortController()
  const asleep = pool.query(sql`SELECT SLEEP(61)`, one.signal)
  await begun('SLEEP(61)')
  await server.pause()
  one.abort('enough')
  await t.rejects(asleep, 'enough')
  await server.kill()
  await pool.close()
  t.equal(kills(), 0)
  await until('no socket is left', () => sockets() === 0)
})
