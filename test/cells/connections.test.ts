import { channel } from 'node:diagnostics_channel'
import fc from 'fast-check'
import t from 'tap'
import { type Connection, connect, optionsFor } from '../../src/cells/connection.js'
import {
  type Connections,
  type ConnectionsSettings,
  openConnections,
  type Use,
} from '../../src/cells/connections.js'
import type { Line } from '../../src/cells/line.js'
import { atOnce, send } from '../../src/cells/send.js'
import { sql } from '../../src/sql/fragment.js'
import { seed } from '../fixtures/seed.js'
import { sockets, until } from './fixtures/until.js'
import { signal, startWatchedServer } from './fixtures/watched-server.js'
import { openWire } from './fixtures/wire.js'

const { server, address, poolAt, connected, begun, status, keepOne } = await startWatchedServer()
t.teardown(() => server.stop())

/** The connections alone. */
const lines = (port: number, settings: Partial<ConnectionsSettings> = {}) =>
  openConnections(optionsFor({ ...address, port }), {
    most: 1,
    session: 'SET SESSION max_sort_length = 16384',
    patience: 10_000,
    idle: 60_000,
    now: () => performance.now(),
    ...settings,
  })
const take = (connections: Connections): Promise<Line> =>
  new Promise((resolve, reject) => {
    connections.take((error, line) => (line ? resolve(line) : reject(error)))
  })
const takeFirst = (connections: Connections): Promise<Line> =>
  new Promise(resolve => {
    connections.takeFirst((_, line) => resolve(line!))
  })
const ask = (connections: Connections, text: string) =>
  new Promise((resolve, reject) => {
    send(connections, { sql: text, rowsAsArray: true }, atOnce, (error, rows) => {
      if (error === null) resolve(rows)
      else reject(error)
    })
  })

t.afterEach(() => until('every connection has ended', async () => (await connected()) === 0, 5_000))

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

t.test('a server without room for one more', async t => {
  const others: Connection[] = []
  const kept = await keepOne()
  t.teardown(() => kept.close())
  const [[most]] = (await kept.query('SELECT @@GLOBAL.max_connections')) as [[number]]
  t.teardown(() => kept.query(`SET GLOBAL max_connections = ${most}`))
  await kept.query('SET GLOBAL max_connections = 10')
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
  const wire = await openWire(server.port!)
  t.teardown(() => wire.close())
  const pool = poolAt(wire.port, 8)
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
  await begun('SLEEP(61)')
  await until('all others were refused', () => wire.open === 1)
  const { seen } = wire
  const waiting = pool.query(sql`SELECT 2`, signal)
  await until('it is refused', () => wire.seen > seen && wire.open === 1)
  await leave()
  await until('there is room', async () => (await connected()) === 1)
  asleep.abort('enough')
  await t.rejects(given, 'enough')
  t.same(await waiting, [[2]], 'and who waits has another try when it is gone')
})

t.test('an attempt that takes too long is given up', async t => {
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
  await until('no socket is left', () => sockets() === 0)
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
  const wire = await openWire(server.port!)
  const connections = lines(wire.port)
  const use = () => t.fail('it has left')
  const answered = channel('tracing:mysql2:query:asyncStart')
  const leave = () => connections.leave(use)
  answered.subscribe(leave)
  connections.take(use)
  await until('it has connected, and is gone', () => wire.seen === 1 && wire.open === 0)
  answered.unsubscribe(leave)
  await connections.close()
  await wire.close()
})

t.test('whoever comes first does so, and is one more than there may be', async t => {
  const connections = lines(server.port!, { most: 1 })
  const line = await take(connections)
  const sequence: string[] = []
  const waiting = take(connections).then(taken => {
    sequence.push('other')
    return taken
  })
  const more = await takeFirst(connections)
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
  const idle = await takeFirst(connections)
  t.ok(idle, 'also one that nobody uses')
  connections.discard(idle)
  await connections.close()
})

t.test('while it has one more, the others go on', async t => {
  const connections = lines(server.port!, { most: 1 })
  const line = await take(connections)
  const more = await takeFirst(connections)
  const waiting = take(connections)
  connections.giveBack(line)
  t.equal(await waiting, line)
  connections.giveBack(line)
  t.equal(await take(connections), line)
  connections.giveBack(more)
  await until('it is one too many', async () => (await connected()) === 1)
  connections.giveBack(line)
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
    await until('every connection has ended', async () => (await connected()) === 0)
    await t.rejects(pool.query(sql`SELECT 1`, signal), { code: 'CLOSED' } as unknown as Error)
    await t.rejects(pool.stream(sql`SELECT 1`, signal).next(1, signal), { code: 'CLOSED' } as unknown as Error)
  })

  await t.test('while a server does not answer', async t => {
    const mute = await openWire()
    const pool = poolAt(mute.port, 2)
    const waiting = [1, 2, 3].map(() => pool.query(sql`SELECT 1`, signal))
    await until('it connects', () => mute.open === 2)
    await Promise.all([
      pool.close(),
      ...waiting.map(one => t.rejects(one, { code: 'CLOSED' } as unknown as Error)),
    ])
    await mute.close()
    await until('no socket is left', () => sockets() === 0)
  })

  await t.test('when nothing was ever opened', async () => {
    await poolAt(server.port!, 2).close()
  })
})

const steps = fc.array(
  fc.record({
    do: fc.constantFrom(
      ...(['take', 'take', 'take', 'takeFirst', 'leave', 'giveBack', 'giveBack', 'discard'] as const),
      ...(['pass', 'pass', 'refuse', 'hang', 'cut'] as const),
    ),
    which: fc.nat(),
    turns: fc.constantFrom(0, 1, 5, 50),
  }),
  { maxLength: 60 },
)

t.test('whatever happens, and whenever', async () => {
  const wire = await openWire(server.port!)
  let mode: 'pass' | 'refuse' | 'hang' = 'pass'
  wire.fromClient = (_, pass, client) => {
    if (mode === 'pass') pass()
    else if (mode === 'refuse') client.destroy()
  }
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), async (steps, most) => {
      const connections = lines(wire.port, { most, patience: 100, idle: 1 })
      const waiting: Use[] = []
      const held: Line[] = []
      const wrong: string[] = []
      let first: Use | Line | undefined
      const release = (line: Line, how: 'giveBack' | 'discard') => {
        held.splice(held.indexOf(line), 1)
        if (first === line) first = undefined
        connections[how](line)
      }
      const wait = (how: 'take' | 'takeFirst') => {
        const use: Use = (_, line) => {
          if (!waiting.includes(use)) wrong.push('used twice, or after it had left')
          waiting.splice(waiting.indexOf(use), 1)
          if (first === use) first = line
          if (line === undefined) return
          if (held.includes(line)) wrong.push('lent twice')
          held.push(line)
          if (held.length > most + (first === undefined ? 0 : 1)) wrong.push('more than there may be')
          line.lost = () => release(line, 'discard')
        }
        waiting.push(use)
        if (how === 'takeFirst') first = use
        connections[how](use)
      }
      mode = 'pass'
      for (const { do: step, which, turns } of steps) {
        const line = held[which % held.length]
        const use = waiting[which % waiting.length]
        if (step === 'take') wait('take')
        else if (step === 'takeFirst' && first === undefined) wait('takeFirst')
        else if (step === 'leave' && use !== undefined) {
          waiting.splice(waiting.indexOf(use), 1)
          if (first === use) first = undefined
          connections.leave(use)
        } else if ((step === 'giveBack' || step === 'discard') && line !== undefined) release(line, step)
        else if (step === 'cut') wire.cut()
        else if (step === 'pass' || step === 'refuse' || step === 'hang') mode = step
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
        if (wire.open > 2 * most + 20) wrong.push('connections pile up')
      }
      mode = 'pass'
      await until(
        'whoever waits is served or told',
        () => {
          for (const line of [...held]) release(line, 'giveBack')
          return waiting.length + held.length === 0
        },
        5_000,
      )
      await connections.close()
      await until('no connection is left', () => wire.open === 0 && sockets() === 0, 5_000)
      if (wrong.length > 0) throw new Error(wrong.join())
    }),
    { numRuns: 200, seed },
  )
  await wire.close()
})
