import t from 'tap'
import { freePort } from '../../src/testing/free-port.js'
import { certificateFolder } from '../safety/fixtures/certificates.js'
import { isConnected, notification, openPublisher, uuidOf } from './fixtures/bus.js'
import { openWire } from './fixtures/wire.js'
import { withRabbit } from './fixtures/with-rabbit.js'

const folder = await certificateFolder()
t.teardown(() => folder.remove())
const authority = await folder.authority()
const certificate = await authority.issue('DNS:localhost,IP:127.0.0.1')
const tlsPort = await freePort()
const settings = `listeners.ssl.default = 127.0.0.1:${tlsPort}
ssl_options.cacertfile = ${authority.certFile}
ssl_options.certfile = ${certificate.certFile}
ssl_options.keyfile = ${certificate.keyFile}
`

/** What AMQP's methods begin with: class, method, and what is reserved. */
const CHANNEL_OPEN = Buffer.from([0, 20, 0, 10, 0])
const BASIC_CONSUME = Buffer.from([0, 60, 0, 20, 0, 0])

const faults: Parameters<typeof withRabbit>[1] = async (t, { node, apart, open, run }) => {
  t.test('a connection that the broker ends is made again, and what was under way comes again', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, options, { retry: 400 })
    running.answer = () => new Promise(() => {})
    await running.until(isConnected)
    for (const n of [1, 2, 3]) await publisher.publish(notification(uuidOf(n)))
    await running.until(({ received }) => received === 3)
    await node.closeConnections()
    t.match(await running.until(({ error }) => error !== null), {
      ...{ error: 'CONNECTION_FORCED', state: 'connecting', waiting: null, oldest: null },
    })
    running.answer = () => 'applied'
    t.match(await running.until(({ applied }) => applied === 3), { received: 6, error: null })
    t.strictSame(running.gaps, ['the queue is new', 'connected'])
  })

  t.test('one that is cut anywhere is made again', async t => {
    const { options, publisher } = await open(t)
    await using wire = await openWire(node.port)
    const running = run(t, { ...options, url: `amqp://127.0.0.1:${wire.port}` })
    await running.until(isConnected)
    for (let n = 0; n < 20; n++) {
      // As it connects, declares, consumes, acknowledges.
      wire.cut()
      wire.cutAfter(n * 60)
      await publisher.publish(notification(uuidOf(n)))
      await running.until(() => running.hints.some(({ uuid }) => uuid === uuidOf(n)))
    }
    await running.until(({ waiting, oldest }) => waiting === 0 && oldest === null)
    t.ok(running.gaps.length > 5)
    await running.stop()
    t.equal(await publisher.waiting(options.queue), 0)
  })

  t.test('a broker that is silent is given up', async t => {
    const { options, publisher } = await open(t)
    await using wire = await openWire(node.port)
    const running = run(t, { ...options, url: `amqp://127.0.0.1:${wire.port}`, heartbeat: 1 }, { retry: 1_000 })
    await running.until(isConnected)
    wire.halfOpen()
    await publisher.publish(notification(uuidOf(1)))
    t.match(await running.until(({ error }) => error !== null), { error: 'HEARTBEAT_TIMEOUT', applied: 0 })
    await running.until(({ applied }) => applied === 1)
    t.equal(wire.connections, 2)
  })

  t.test('one that never says hello is given up, be it to be stopped or not', async t => {
    await using wire = await openWire(node.port)
    wire.mute = true
    const running = run(t, { ...apart(), url: `amqp://127.0.0.1:${wire.port}` }, { connect: 50 })
    t.match(await running.until(({ error }) => error !== null), { error: 'ETIMEDOUT' })
    await running.until(() => wire.connections > 1)
    await running.stop()
    t.equal(running.feed.status().state, 'stopped')
  })

  t.test('stopped while it connects, prepares or waits, it leaves nothing behind', async t => {
    const { options } = await open(t)
    for (let turns = 0; turns < 12; turns++) {
      const running = run(t, options)
      for (let n = 0; n < turns; n++) await node.erlang('ok')
      await running.stop()
      t.equal(running.feed.status().state, 'stopped')
    }
    const port = await freePort()
    const refused = run(
      t,
      { ...options, url: `amqp://127.0.0.1:${port}` },
      { retry: 60_000, longestRetry: 60_000 },
    )
    t.match(await refused.until(({ error }) => error !== null), { error: 'ECONNREFUSED', gaps: 0 })
    await refused.stop()
    t.match(refused.feed.status(), { state: 'stopped', error: 'ECONNREFUSED' })
  })

  t.test('stopped while the broker says nothing about the queue, it is gone without a goodbye', async t => {
    const { options } = await open(t)
    for (const method of [CHANNEL_OPEN, BASIC_CONSUME]) {
      await using wire = await openWire(node.port)
      const struck = wire.halfOpenAt(method)
      const running = run(t, { ...options, url: `amqp://127.0.0.1:${wire.port}` }, { stop: 20 })
      await struck
      t.match(running.feed.status(), { state: 'connecting', oldest: null })
      await running.stop()
      t.match(running.feed.status(), { state: 'stopped', gaps: 0 })
    }
  })

  t.test('several nodes are tried in turn', async t => {
    const { options, publisher } = await open(t)
    const nobody = `amqp://127.0.0.1:${await freePort()}`
    const running = run(t, { ...options, url: [nobody, nobody, node.url] })
    await running.until(isConnected)
    await publisher.publish(notification(uuidOf(1)))
    await running.until(({ applied }) => applied === 1)
  })

  t.test('a wrong password is a reason, and is not shown', async t => {
    const url = node.url.replace('guest:guest', 'guest:s3cret')
    const running = run(t, { ...apart(), url })
    const status = await running.until(({ error }) => error !== null)
    t.equal(status.error, 'ACCESS_REFUSED')
    t.notMatch(JSON.stringify(status), /s3cret|guest|127/)
  })

  t.test('TLS, by an authority that is known', async t => {
    const { options, publisher } = await open(t)
    const url = `amqps://guest:guest@localhost:${tlsPort}`
    const running = run(t, { ...options, url, tls: { ca: authority.cert } })
    await running.until(isConnected)
    await publisher.publish(notification(uuidOf(1)))
    await running.until(({ applied }) => applied === 1)
    const reasonFor = async (how: object) => {
      const refused = run(t, { ...options, url, ...how })
      return (await refused.until(({ error }) => error !== null)).error
    }
    t.match(await reasonFor({}), /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN)$/)
    t.equal(
      await reasonFor({ tls: { ca: authority.cert, servername: 'other' } }),
      'ERR_TLS_CERT_ALTNAME_INVALID',
    )
    t.equal(await reasonFor({ url: `amqps://localhost:${node.port}` }), 'ERR_SSL_WRONG_VERSION_NUMBER')
    t.match(await reasonFor({ url: `amqp://localhost:${tlsPort}` }), /^(CLOSED|ECONNRESET)$/)
  })

  t.test('a broker that was killed has what it had when it is back', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, options)
    running.answer = () => new Promise(() => {})
    await running.until(isConnected)
    // What a broker has declared it writes some time later: killed before, it would have no queue.
    await node.erlang('mnesia:dump_log()')
    for (const n of [1, 2]) await publisher.publish(notification(uuidOf(n)))
    await running.until(({ received }) => received === 2)
    await node.kill()
    t.match(await running.until(({ error }) => error === 'ECONNREFUSED'), { state: 'connecting' })
    running.answer = () => 'applied'
    await node.restart()
    // The exchange was not durable: it is gone, until a publisher is back.
    await running.until(({ error }) => error === 'NO_EXCHANGE')
    const back = await openPublisher(node.url, options.exchange)
    t.teardown(() => back.close())
    await running.until(({ applied }) => applied === 2)
    await back.publish(notification(uuidOf(3)))
    await running.until(({ applied }) => applied === 3)
    t.strictSame(running.gaps, ['the queue is new', 'connected'])
  })
}

await withRabbit('a feed and what may happen to its broker', faults, settings)
