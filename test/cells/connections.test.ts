import { execFile } from 'node:child_process'
import { channel } from 'node:diagnostics_channel'
import { getEventListeners, setMaxListeners } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { promisify } from 'node:util'
import type { ConnectionOptions } from 'mysql2'
import t from 'tap'
import { type Connection, connect, optionsFor } from '../../src/cells/connection.js'
import { type ConnectionsSettings, openConnections } from '../../src/cells/connections.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import type { Line } from '../../src/cells/line.js'
import { openPool, type PoolSettings } from '../../src/cells/pool.js'
import { atOnce, send } from '../../src/cells/send.js'
import { sql } from '../../src/sql/fragment.js'
import { startServer } from '../../src/testing/server.js'
import { sockets, until } from './fixtures/until.js'
import { openWire } from './fixtures/wire.js'

const certificates = t.testdir()
await promisify(execFile)('openssl', [
  ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
  ...['-subj', '/CN=localhost', '-keyout', `${certificates}/key.pem`, '-out', `${certificates}/cert.pem`],
])
const server = await startServer({
  tcp: true,
  args: [
    `--ssl-cert=${certificates}/cert.pem`,
    `--ssl-key=${certificates}/key.pem`,
    `--ssl-ca=${certificates}/cert.pem`,
  ],
})
t.teardown(() => server.stop())
await server.query('CREATE DATABASE d')
await server.query(`CREATE USER reader IDENTIFIED BY 'secret'`)
await server.query('GRANT SELECT ON d.* TO reader')
const address = { host: '127.0.0.1', port: server.port!, user: 'reader', password: 'secret', database: 'd' }
const { signal } = new AbortController()
setMaxListeners(0, signal)

const poolAt = (port: number, connections: number, settings: Partial<PoolSettings> = {}) =>
  openPool({ ...address, port }, { connections, ...settings })

let admin: Pick<Connection, 'query'> = server
const processes = (what: string) =>
  admin.query(`SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'reader' AND ${what}`)
const connected = async () => (await processes('TRUE')).length
const begun = (text: string) =>
  until(
    `${text} has begun`,
    async () => (await processes(`INFO LIKE '%${text}%' AND COMMAND = 'Query'`)).length > 0,
  )
const status = async (name: string) => Number((await server.query(`SHOW GLOBAL STATUS LIKE '${name}'`))[0]![1])

/** The connections alone. */
const lines = (port: number, settings: Partial<ConnectionsSettings> = {}, options: ConnectionOptions = {}) =>
  openConnections(
    { ...optionsFor({ ...address, port }), ...options },
    {
      most: 1,
      session: 'SET SESSION max_sort_length = 16384',
      patience: 10_000,
      idle: 60_000,
      now: () => performance.now(),
      ...settings,
    },
  )
type Lines = ReturnType<typeof lines>
const take = (connections: Lines): Promise<Line> =>
  new Promise((resolve, reject) => {
    connections.take((error, line) => (line ? resolve(line) : reject(error)))
  })
const ask = (connections: Lines, text: string) =>
  new Promise((resolve, reject) => {
    send(connections, { sql: text, rowsAsArray: true }, atOnce, (error, rows) => {
      if (error === null) resolve(rows)
      else reject(error)
    })
  })

/** A statement that both makes end with an error when it is interrupted: a SLEEP may be taken for one that is over. */
const ENDLESS = `SELECT COUNT(*) FROM ${Array.from(
  'abcdefghijklmnopqrst',
  name => `(SELECT 1 i UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) ${name}`,
).join()} WHERE a.i + t.i * RAND() > 0`

t.afterEach(() => until('every connection has ended', async () => (await connected()) === 0, 5_000))

t.test('after a restart of the server, the next statements find new connections', async t => {
  const pool = poolAt(server.port!, 8)
  t.teardown(() => pool.close())
  const eight = () =>
    Promise.all(
      Array.from({ length: 8 }, (_, n) => pool.query(sql`SELECT ${n}, CONNECTION_ID(), SLEEP(0.1)`, signal)),
    )
  const before = await eight()
  t.equal(new Set(before.map(([row]) => row![1])).size, 8)
  await server.restart()
  t.same(await pool.query(sql`SELECT 1`, signal), [[1]])
  t.same(
    (await eight()).map(([row]) => row![0]),
    [0, 1, 2, 3, 4, 5, 6, 7],
  )
})

t.test('connections that were lost without a word are found to be so by the next statement, once', async t => {
  const wire = await openWire(server.port!)
  const pool = poolAt(wire.port, 8)
  t.teardown(() => wire.close())
  t.teardown(() => pool.close())
  const fill = () => Promise.all(Array.from({ length: 8 }, (_, n) => pool.query(sql`SELECT ${n}`, signal)))
  for (const asked of ['a statement', 'a stream']) {
    await fill()
    const { seen } = wire
    // As a firewall does it that has forgotten them.
    wire.fromClient = (_, pass, client) => {
      if (wire.seen > seen) pass()
      else client.resetAndDestroy()
    }
    if (asked === 'a statement') t.same(await pool.query(sql`SELECT 1`, signal), [[1]])
    else t.same(await pool.stream(sql`SELECT 1`, signal).next(2, signal), [[1]])
    t.equal(wire.seen, seen + 1, 'the other seven are not even tried')
    wire.fromClient = (_, pass) => pass()
  }
})

t.test('a connection that is lost under a statement is the end of that statement', async t => {
  let time = 0
  const wire = await openWire(server.port!)
  const connections = lines(wire.port, { now: () => time })
  t.teardown(() => wire.close())
  t.teardown(() => connections.close())
  let cuts = 0
  const cutAll = () => {
    wire.fromClient = (data, pass, client) => {
      if (!data.includes('SELECT')) return pass()
      cuts++
      client.destroy()
    }
  }
  const rejected = () =>
    t.rejects(ask(connections, 'SELECT 1'), { code: 'PROTOCOL_CONNECTION_LOST' } as unknown as Error)
  await ask(connections, 'SELECT 1')
  cutAll()
  await rejected()
  t.equal(cuts, 2, 'it is sent again, but once')

  wire.fromClient = (_, pass) => pass()
  await ask(connections, 'SELECT 1')
  wire.fromClient = (_, __, client) => {
    cuts++
    time += 1_000
    client.destroy()
  }
  await rejected()
  t.equal(cuts, 3, 'after a second the statement itself may be why')
})

t.test('rows that have come do not come again', async t => {
  const wire = await openWire(server.port!)
  const pool = poolAt(wire.port, 1)
  t.teardown(() => wire.close())
  t.teardown(() => pool.close())
  await pool.query(sql`SELECT 1`, signal)
  const rows = pool.stream(
    {
      text: 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i, REPEAT(0, 1e5) FROM n',
      values: [],
    },
    signal,
  )
  t.equal((await rows.next(2, signal)).length, 2)
  await wire.cut()
  await t.rejects(rows.next(9, signal), { fatal: true } as unknown as Error)
  await t.rejects(rows.next(1, signal), { fatal: true } as unknown as Error, 'and it stays at its end')
})

t.test('a server that is killed under statements', async t => {
  const pool = poolAt(server.port!, 3)
  t.teardown(() => pool.close())
  const failed = Promise.all(
    [pool.query(sql`SELECT SLEEP(61)`, signal), pool.stream(sql`SELECT SLEEP(62)`, signal).next(1, signal)].map(
      one => t.rejects(one, { fatal: true } as unknown as Error),
    ),
  )
  await begun('SLEEP(61)')
  await begun('SLEEP(62)')
  await server.kill()
  await failed
  await t.rejects(pool.query(sql`SELECT 1`, signal), {
    code: 'ECONNREFUSED',
    fatal: true,
  } as unknown as Error)
  await server.restart()
  t.same(await pool.query(sql`SELECT 1`, signal), [[1]])
})

t.test('an administrator kills connections', async t => {
  const pool = poolAt(server.port!, 1)
  t.teardown(() => pool.close())
  const id = async () => Number((await pool.query(sql`SELECT CONNECTION_ID()`, signal))[0]![0])
  for (let n = 0; n < 10; n++) {
    const before = await id()
    await server.query(`KILL ${before}`)
    t.not(await id(), before, 'one that nobody uses: the next statement finds another')
  }
  // Over a new connection: one that was idle may have been lost before, as far as MySQL tells.
  const other = poolAt(server.port!, 1)
  t.teardown(() => other.close())
  const failed = t.rejects(
    other.query(sql`SELECT SLEEP(61)`, signal),
    'one that is at work: that statement fails',
  )
  const waiting = other.query(sql`SELECT CONNECTION_ID()`, signal)
  await begun('SLEEP(61)')
  const [[running]] = (await processes(`INFO LIKE '%SLEEP(61)%'`)) as [[number]]
  await server.query(`KILL ${running}`)
  await failed
  t.not((await waiting)[0]![0], running, 'and the next one has another')
})

t.test('a statement that an administrator ends', async t => {
  const pool = poolAt(server.port!, 1)
  t.teardown(() => pool.close())
  const failed = t.rejects(pool.query({ text: `${ENDLESS} AND 61`, values: [] }, signal), {
    code: 'ER_QUERY_INTERRUPTED',
  } as unknown as Error)
  await begun('AND 61')
  const [[id]] = (await processes(`INFO LIKE '%AND 61%'`)) as [[number]]
  await server.query(`KILL QUERY ${id}`)
  await failed
  t.same(await pool.query(sql`SELECT 1`, signal), [[1]])
})

t.test('the server ends a statement that takes longer than it may', async t => {
  const pool = poolAt(server.port!, 1, { statementTimeout: 50 })
  t.teardown(() => pool.close())
  const [[id]] = (await pool.query(sql`SELECT CONNECTION_ID()`, signal)) as [[number]]
  const error = await pool
    .query({ text: ENDLESS, values: [] }, signal)
    .catch((error: { code?: string; errno: number }) => error)
  t.match(error, server.kind === 'mariadb' ? { errno: 1969 } : { code: 'ER_QUERY_TIMEOUT' })
  t.same(await pool.query(sql`SELECT CONNECTION_ID()`, signal), [[id]], 'and its connection goes on')
})

t.test('a statement that can not be written leaves its connection', async t => {
  const pool = poolAt(server.port!, 1)
  t.teardown(() => pool.close())
  const [[id]] = (await pool.query(sql`SELECT CONNECTION_ID()`, signal)) as [[number]]
  const value = {
    toString: () => {
      throw new Error('no text')
    },
  }
  await t.rejects(pool.query({ text: 'SELECT ?', values: [value as never] }, signal), { message: 'no text' })
  t.same(await pool.query(sql`SELECT CONNECTION_ID()`, signal), [[id]])
})

t.test('a server that has stopped where it was', async t => {
  const before = sockets()
  const pool = poolAt(server.port!, 2)
  const reset = () => until('no socket is left', () => sockets() === before, 3_000)
  await server.pause()
  t.teardown(() => server.resume())
  const connecting = new AbortController()
  const given = Array.from({ length: 5 }, () => pool.query(sql`SELECT 1`, connecting.signal))
  await until('it connects', () => sockets() === before + 2)
  connecting.abort('enough')
  for (const one of given) await t.rejects(one, 'enough')
  await reset()
  server.resume()
  t.same(await pool.query(sql`SELECT 1`, signal), [[1]])
  await server.pause()
  const running = new AbortController()
  const asked = Array.from({ length: 5 }, () => pool.query(sql`SELECT 1`, running.signal))
  running.abort('enough')
  for (const one of asked) await t.rejects(one, 'enough')
  await reset()
  t.equal(getEventListeners(running.signal, 'abort').length, 0)
  server.resume()
  t.same(await pool.query(sql`SELECT 1`, signal), [[1]])
  await pool.close()
  await reset()
})

t.test('a server without room for one more', async t => {
  const others: Connection[] = []
  const kept = await connect(parseDatabaseUrl(server.url(), '/url'))
  admin = kept
  t.teardown(async () => {
    admin = server
    await kept.close()
  })
  const [[most]] = (await admin.query('SELECT @@GLOBAL.max_connections')) as [[number]]
  t.teardown(() => kept.query(`SET GLOBAL max_connections = ${most}`))
  await admin.query('SET GLOBAL max_connections = 10')
  const fill = async () => {
    for (;;) {
      const one = await connect(address).catch(() => undefined)
      if (one === undefined) return
      others.push(one)
    }
  }
  const leave = () => Promise.all(others.splice(0).map(one => one.close()))
  t.teardown(leave)
  await fill()
  const pool = poolAt(server.port!, 8)
  t.teardown(() => pool.close())
  await t.rejects(pool.query(sql`SELECT 1`, signal), {
    code: 'ER_CON_COUNT_ERROR',
    fatal: true,
  } as unknown as Error)
  await others.pop()!.close()
  await until('there is room', async () => (await connected()) === others.length)
  t.same(await pool.query(sql`SELECT 1`, signal), [[1]])
  const all = Array.from({ length: 20 }, (_, n) => pool.query(sql`SELECT ${n}, SLEEP(0.001)`, signal))
  t.same(
    (await Promise.all(all)).map(([row]) => row![0]),
    Array.from({ length: 20 }, (_, n) => n),
    'the one that is open serves all',
  )
  const asleep = new AbortController()
  const given = pool.query(sql`SELECT SLEEP(61)`, asleep.signal)
  const waiting = pool.query(sql`SELECT 2`, signal)
  await begun('SLEEP(61)')
  await leave()
  asleep.abort('enough')
  await t.rejects(given, 'enough')
  t.same(await waiting, [[2]], 'and who waits has another try when it is gone')
})

t.test('an attempt that takes too long is given up', async t => {
  const before = sockets()
  const mute = await openWire()
  const connections = lines(mute.port, { patience: 1 })
  await t.rejects(take(connections), { code: 'ETIMEDOUT', fatal: true } as unknown as Error)
  await connections.close()
  await mute.close()

  const wire = await openWire(server.port!)
  wire.fromClient = (data, pass) => {
    if (!data.includes('SET SESSION')) pass()
  }
  const half = lines(wire.port, { patience: 100 })
  await t.rejects(
    take(half),
    { code: 'ETIMEDOUT' } as unknown as Error,
    'also when it has got as far as the session',
  )
  await half.close()
  await wire.close()
  await until('no socket is left', () => sockets() === before)
})

t.test('an attempt that nobody waits for is given up, and the oldest is kept', async t => {
  const mute = await openWire()
  const connections = lines(mute.port, { most: 3 })
  const never = () => t.fail('nothing was ready')
  const uses = [1, 2, 3, 4].map(() => () => never())
  for (const use of uses) connections.take(use)
  await until('three are tried', () => mute.open === 3)
  connections.leave(uses[3]!)
  connections.leave(uses[3]!)
  await new Promise(setImmediate)
  t.equal(mute.open, 3)
  connections.leave(uses[0]!)
  await until('one is given up', () => mute.open === 2)
  connections.leave(uses[1]!)
  connections.leave(uses[2]!)
  await until('all are given up', () => mute.open === 0)
  await connections.close()
  await mute.close()
})

t.test('a connection that is ready too late for who waited serves the next', async t => {
  const connections = lines(server.port!, { most: 2 })
  const first = await take(connections)
  const waiting = take(connections)
  connections.giveBack(first)
  t.equal(await waiting, first, 'which is not yet the one that was begun for it')
  const second = await take(connections)
  t.not(second, first)
  connections.giveBack(second)
  connections.giveBack(first)
  t.equal(await connected(), 2)
  await connections.close()
})

t.test('one that is given up in the very moment in which it is ready', async t => {
  const connections = lines(server.port!)
  const use = () => t.fail('it has left')
  const answered = channel('tracing:mysql2:query:asyncStart')
  const leave = () => connections.leave(use)
  answered.subscribe(leave)
  t.teardown(() => answered.unsubscribe(leave))
  connections.take(use)
  await until('it connects', async () => (await connected()) > 0)
  await until('it is gone', async () => (await connected()) === 0)
  answered.unsubscribe(leave)
  await connections.close()
})

t.test('whoever comes first does so, and is one more than there may be', async t => {
  const connections = lines(server.port!, { most: 1 })
  const line = await take(connections)
  const sequence: string[] = []
  const waiting = take(connections).then(taken => {
    sequence.push('other')
    return taken
  })
  const more = await new Promise<Line>(resolve => connections.takeFirst((_, taken) => resolve(taken!)))
  t.not(more, line)
  t.equal(await connected(), 2)
  connections.giveBack(more)
  await until('it is one too many', async () => (await connected()) === 1)
  t.same(sequence, [], 'it does not serve the others')
  const first = new Promise<Line>(resolve =>
    connections.takeFirst((_, taken) => {
      sequence.push('first')
      resolve(taken!)
    }),
  )
  connections.giveBack(line)
  t.equal(await first, line)
  connections.giveBack(await first)
  connections.giveBack(await waiting)
  t.same(sequence, ['first', 'other'])
  const idle = await new Promise<Line>(resolve => connections.takeFirst((_, taken) => resolve(taken!)))
  t.ok(idle, 'also one that nobody uses')
  connections.discard(idle)
  await connections.close()
})

t.test('connections end when nobody has used them for a while, and say goodbye', async t => {
  const before = await status('Aborted_clients')
  let time = 0
  const connections = lines(server.port!, { most: 2, idle: 10, now: () => time })
  const both = await Promise.all([take(connections), take(connections)])
  connections.giveBack(both[0])
  time = 9
  connections.giveBack(both[1])
  time = 15
  await until('one has ended', async () => (await connected()) === 1)
  t.equal(await take(connections), both[1])
  connections.giveBack(both[1])
  time = 25
  await until('all have ended', async () => (await connected()) === 0)
  await connections.close()
  t.equal(await status('Aborted_clients'), before)
})

t.test('close', async t => {
  await t.test('while statements run, others wait, and others connect', async t => {
    const pool = poolAt(server.port!, 2, { patience: { idle: 60_000, rest: 60_000 } })
    const running = pool.query(sql`SELECT SLEEP(0.2)`, signal)
    const stream = pool.stream(sql`SELECT 2`, signal)
    const read = stream.next(1, signal)
    await begun('SLEEP(0.2)')
    const waiting = pool.query(sql`SELECT 3`, signal)
    const also = pool.query(sql`SELECT 4`, signal)
    t.same(await read, [[2]])
    const closed = Promise.all([pool.close(), pool.close()])
    await t.rejects(also, { code: 'CLOSED' } as unknown as Error)
    await t.rejects(waiting, { code: 'CLOSED' } as unknown as Error)
    t.same(await running, [[0]])
    t.same(await stream.next(1, signal), [])
    await closed
    t.equal(await connected(), 0)
    await t.rejects(pool.query(sql`SELECT 1`, signal), { code: 'CLOSED' } as unknown as Error)
    await t.rejects(pool.stream(sql`SELECT 1`, signal).next(1, signal), { code: 'CLOSED' } as unknown as Error)
  })

  await t.test('while a server does not answer', async t => {
    const before = sockets()
    const mute = await openWire()
    const pool = poolAt(mute.port, 2)
    const waiting = [1, 2, 3].map(() => pool.query(sql`SELECT 1`, signal))
    await until('it connects', () => mute.open === 2)
    await Promise.all([
      pool.close(),
      ...waiting.map(one => t.rejects(one, { code: 'CLOSED' } as unknown as Error)),
    ])
    await mute.close()
    await until('no socket is left', () => sockets() === before)
  })

  await t.test('when nothing was ever opened', async () => {
    await poolAt(server.port!, 2).close()
  })
})

t.test('an answer that can not be read', async t => {
  const said = t.capture(console, 'error')
  const wire = await openWire(server.port!)
  const pool = poolAt(wire.port, 1)
  t.teardown(() => wire.close())
  t.teardown(() => pool.close())
  const garbage = Buffer.alloc(4_096, Buffer.from([3, 0, 0, 77, 1, 2, 3]))
  const answerWith = (answer: Buffer) => {
    wire.fromClient = (data, pass, client) => {
      if (data.includes('SELECT')) client.write(answer)
      else pass()
    }
  }
  const rejected = (code: string) => ({ code, fatal: true }) as unknown as Error
  answerWith(garbage)
  await t.rejects(pool.query(sql`SELECT 1`, signal), rejected('PROTOCOL_PACKETS_OUT_OF_ORDER'))
  await t.rejects(pool.stream(sql`SELECT 2`, signal).next(1, signal), rejected('PROTOCOL_PACKETS_OUT_OF_ORDER'))
  t.equal(said().length, 2, 'the driver prints one line for each connection')

  // In order, and no answer to a statement: columns that no EOF follows.
  answerWith(Buffer.from([1, 0, 0, 1, 1, ...columnOf('x'), 1, 0, 0, 3, 1]))
  await t.rejects(pool.query(sql`SELECT 3`, signal), rejected('PROTOCOL_ERROR'))
  await t.rejects(pool.stream(sql`SELECT 4`, signal).next(1, signal), rejected('PROTOCOL_ERROR'))
  answerWith(Buffer.from([1, 0, 0, 1, 1, ...columnOf('x'), 5, 0, 0, 3, 0xfe, 0, 0, 2, 0, 9, 0, 0, 4, 200]))
  const endless = new AbortController()
  const cutOff = pool.query(sql`SELECT 5`, endless.signal)
  await new Promise(setImmediate)
  endless.abort('half a packet is waited for')
  await t.rejects(cutOff, 'half a packet is waited for')

  wire.fromClient = (_, pass) => pass()
  wire.fromServer = (_, __, client) => client.write(garbage)
  await t.rejects(
    pool.query(sql`SELECT 6`, signal),
    rejected('PROTOCOL_PACKETS_OUT_OF_ORDER'),
    'a server of another kind',
  )
  wire.fromServer = (_, pass) => pass()
  t.same(await pool.query(sql`SELECT 7`, signal), [[7]])

  // What nobody asked for.
  const { seen } = wire
  const clients: Socket[] = []
  wire.fromServer = (_, pass, client) => {
    pass()
    clients.push(client)
  }
  await pool.query(sql`SELECT 8`, signal)
  clients[0]!.write(garbage)
  await until('it is cut', () => wire.open === 0)
  t.same(await pool.query(sql`SELECT 9`, signal), [[9]])
  t.equal(wire.seen, seen + 1)
})

/** A packet that describes a column of this name. */
const columnOf = (name: string): number[] => {
  const text = (value: string) => [value.length, ...Buffer.from(value)]
  const body = [
    ...text('def'),
    ...['', '', '', name, name].flatMap(text),
    ...(server.kind === 'mariadb' ? text('') : []),
    ...[12, 45, 0, 1, 0, 0, 0, 253, 0, 0, 0, 0, 0],
  ]
  return [body.length, 0, 0, 2, ...body]
}

t.test('over TLS', async t => {
  const tls = { ca: await readFile(`${certificates}/cert.pem`, 'utf8') }
  const before = await status('Aborted_clients')
  const pool = poolAt(server.port!, 2, { tls })
  const [[name, cipher]] = (await pool.query(
    { text: `SHOW SESSION STATUS LIKE 'Ssl_cipher'`, values: [] },
    signal,
  )) as [[string, string]]
  t.match([name, cipher], ['Ssl_cipher', /./])
  t.equal((await pool.stream(sql`SELECT 1`, signal).next(2, signal)).length, 1)
  await pool.close()
  await until('it has ended', async () => (await connected()) === 0)
  t.equal(await status('Aborted_clients'), before, 'it says goodbye')

  const again = poolAt(server.port!, 2, { tls })
  const id = async () => Number((await again.query(sql`SELECT CONNECTION_ID()`, signal))[0]![0])
  for (let n = 0; n < 5; n++) {
    const lost = await id()
    await server.query(`KILL ${lost}`)
    t.not(await id(), lost, 'a connection that was lost is noticed')
  }
  const one = new AbortController()
  const asleep = again.query(sql`SELECT SLEEP(61)`, one.signal)
  const other = again.stream(sql`SELECT SLEEP(62)`, signal).next(1, signal)
  await begun('SLEEP(61)')
  await begun('SLEEP(62)')
  one.abort('enough')
  await t.rejects(asleep, 'enough')
  await until('it is killed', async () => (await processes(`INFO LIKE '%SLEEP(61)%'`)).length === 0)
  const [[running]] = (await processes(`INFO LIKE '%SLEEP(62)%'`)) as [[number]]
  await server.query(`KILL ${running}`)
  await t.rejects(other)
  await again.close()
  await t.rejects(poolAt(server.port!, 1, { tls: {} }).query(sql`SELECT 1`, signal), {
    code: 'HANDSHAKE_SSL_ERROR',
    fatal: true,
  } as unknown as Error)
})

t.test('ten thousand requests leave nothing behind', async t => {
  const pool = poolAt(server.port!, 4)
  const life = new AbortController()
  setMaxListeners(0, life.signal)
  await pool.query(sql`SELECT 1`, signal)
  const held = () => ({
    timers: process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length,
    listeners: getEventListeners(life.signal, 'abort').length,
  })
  const before = held()
  const outcomes = { answered: 0, left: 0, killed: 0, streamed: 0 }
  const request = async (n: number) => {
    const mine = new AbortController()
    const kind = n % 50 === 0 ? 'killed' : n % 3 === 0 ? 'left' : n % 3 === 1 ? 'answered' : 'streamed'
    if (kind === 'answered') await pool.query(sql`SELECT ${n}`, life.signal)
    else if (kind === 'streamed') {
      const rows = pool.stream(sql`SELECT ${n}`, life.signal)
      await rows.next(2, mine.signal)
    } else {
      const asked = pool.query(kind === 'left' ? sql`SELECT ${n}` : sql`SELECT SLEEP(0.01), ${n}`, mine.signal)
      queueMicrotask(() => mine.abort('enough'))
      await asked.catch(() => {})
    }
    outcomes[kind]++
  }
  for (let n = 0; n < 10_000; n += 50) await Promise.all(Array.from({ length: 50 }, (_, i) => request(n + i)))
  t.comment(outcomes)
  await until('nothing is left to be killed', () => held().timers <= before.timers)
  t.same(held().listeners, before.listeners)
  await until('there are no more connections than there may be', async () => (await connected()) <= 4)
  t.ok(sockets() <= 5)
  await pool.close()
})
