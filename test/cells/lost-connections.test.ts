import { execFile } from 'node:child_process'
import { getEventListeners, setMaxListeners } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { promisify } from 'node:util'
import t from 'tap'
import { sql } from '../../src/sql/fragment.js'
import { sockets, until } from './fixtures/until.js'
import { signal, startWatchedServer } from './fixtures/watched-server.js'
import { openWire } from './fixtures/wire.js'

const folder = t.testdir()
await promisify(execFile)('openssl', [
  ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
  ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'],
  ...['-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`],
])
const { server, poolAt, processes, connected, begun, gone, status } = await startWatchedServer({
  args: [`--ssl-cert=${folder}/cert.pem`, `--ssl-key=${folder}/key.pem`, `--ssl-ca=${folder}/cert.pem`],
})
t.teardown(() => server.stop())

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
  const fill = () =>
    Promise.all(Array.from({ length: 8 }, (_, n) => pool.query(sql`SELECT ${n}, SLEEP(0.1)`, signal)))
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
    t.equal(wire.seen, seen + 1)
    await until('the other seven are not tried, but ended', () => wire.open === 1)
    wire.fromClient = (_, pass) => pass()
  }
})

t.test('rows that have come do not come again', async t => {
  const wire = await openWire(server.port!)
  const pool = poolAt(wire.port, 1)
  t.teardown(() => wire.close())
  t.teardown(() => pool.close())
  await pool.query(sql`SELECT 1`, signal)
  const rows = pool.stream(
    {
      text: 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i, REPEAT(0, 1e5) FROM n',
      values: [],
    },
    signal,
  )
  t.equal((await rows.next(2, signal)).length, 2)
  wire.cut()
  await t.rejects(rows.next(890, signal), { fatal: true } as unknown as Error)
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
  const [running] = await processes(`INFO LIKE '%SLEEP(61)%'`)
  await server.query(`KILL ${running!.id}`)
  await failed
  t.not((await waiting)[0]![0], running!.id, 'and the next one has another')
})

t.test('a statement that an administrator ends', async t => {
  const pool = poolAt(server.port!, 1)
  t.teardown(() => pool.close())
  const failed = t.rejects(pool.query({ text: `${ENDLESS} AND 61`, values: [] }, signal), {
    code: 'ER_QUERY_INTERRUPTED',
  } as unknown as Error)
  await begun('AND 61')
  const [running] = await processes(`INFO LIKE '%AND 61%'`)
  await server.query(`KILL QUERY ${running!.id}`)
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
  const pool = poolAt(server.port!, 2)
  const reset = () => until('no socket is left', () => sockets() === 0, 3_000)
  await server.pause()
  t.teardown(() => server.resume())
  const connecting = new AbortController()
  const given = Array.from({ length: 5 }, () => pool.query(sql`SELECT 1`, connecting.signal))
  await until('it connects', () => sockets() === 2)
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
  const tls = { ca: await readFile(`${folder}/cert.pem`, 'utf8') }
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
  const failed = t.rejects(again.stream(sql`SELECT SLEEP(62)`, signal).next(1, signal))
  await begun('SLEEP(61)')
  await begun('SLEEP(62)')
  one.abort('enough')
  await t.rejects(asleep, 'enough')
  await gone('SLEEP(61)')
  const [running] = await processes(`INFO LIKE '%SLEEP(62)%'`)
  await server.query(`KILL ${running!.id}`)
  await failed
  await again.close()
  await until('no socket is left', () => sockets() === 0)
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
  t.ok(sockets() <= 4)
  await pool.close()
})
