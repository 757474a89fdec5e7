import type { HintSink } from '../../src/indexing/feed.js'
import { isConnected, notification, takeFrom, uuidOf } from './fixtures/bus.js'
import { withRabbit } from './fixtures/with-rabbit.js'

const at = Date.parse('2026-11-20T12:00:00Z')

await withRabbit('a feed of a real RabbitMQ', async (t, { open, run }) => {
  t.test('messages are applied, then acknowledged', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, { ...options, cell: 'cell1' })
    await running.until(isConnected)
    t.strictSame(running.gaps, ['the queue is new'])
    await publisher.publish(notification(uuidOf(1)))
    await publisher.publish(notification(uuidOf(2)), 'versioned_notifications.error')
    const status = await running.until(({ applied }) => applied === 2)
    t.strictSame(running.hints, [
      { uuid: uuidOf(1), at, cell: 'cell1' },
      { uuid: uuidOf(2), at, cell: 'cell1' },
    ])
    t.match(status, {
      name: 'cell1',
      cell: 'cell1',
      state: 'connected',
      received: 2,
      error: null,
      oldest: null,
    })
    await running.stop()
    t.equal(running.feed.status().state, 'stopped')
    t.equal(await publisher.waiting(options.queue), 0, 'the broker knows')
  })

  t.test('what was published while nobody ran is there', async t => {
    const { options, publisher } = await open(t)
    const first = run(t, options)
    await first.until(isConnected)
    await first.stop()
    await publisher.publish(notification(uuidOf(1)))
    const second = run(t, options)
    await second.until(({ applied }) => applied === 1)
    t.strictSame(second.gaps, ['connected'])
    t.strictSame(second.hints, [{ uuid: uuidOf(1), at }])
  })

  t.test('a feed runs again when it has stopped, and not at all when it is to stop before', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, options)
    await running.until(isConnected)
    await running.stop()
    const again = new AbortController()
    const hints: string[] = []
    const sink: HintSink = {
      hint: async ({ uuid }) => {
        hints.push(uuid)
        return 'applied'
      },
      gap: () => {},
    }
    const over = running.feed.run(sink, again.signal)
    await publisher.publish(notification(uuidOf(1)))
    await running.until(({ applied }) => applied === 1)
    again.abort()
    await over
    await running.feed.run(sink, again.signal)
    t.strictSame([hints, running.feed.status().state], [[uuidOf(1)], 'stopped'])
  })

  t.test('two on one queue share its messages', async t => {
    const { options, publisher } = await open(t)
    const both = [run(t, options), run(t, options)]
    for (const running of both) await running.until(isConnected)
    const total = 20
    for (let n = 0; n < total; n++) await publisher.publish(notification(uuidOf(n)))
    const all = () => both.flatMap(({ hints }) => hints.map(({ uuid }) => uuid))
    await both[0]!.until(() => all().length === total)
    t.strictSame(
      all().sort(),
      Array.from({ length: total }, (_, n) => uuidOf(n)),
    )
    t.ok(both.every(({ hints }) => hints.length > 0))
  })

  t.test('what nobody can read is kept, what nobody needs is not', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, options)
    await running.until(isConnected)
    await publisher.publish(Buffer.from('no JSON'))
    await publisher.publish(Buffer.from(JSON.stringify({ event_type: 'service.update', payload: {} })))
    await running.until(({ poison, ignored }) => poison === 1 && ignored === 1)
    await running.stop()
    const dead = await takeFrom(publisher.channel, `${options.queue}.dead`)
    t.equal(dead?.content.toString(), 'no JSON')
    t.match(dead?.properties, {
      contentType: 'application/json',
      headers: { 'x-crosscell-why': 'not-json', 'x-crosscell-exchange': options.exchange },
    })
    t.equal(await publisher.waiting(options.queue), 0)
  })

  t.test('dead letters are bounded', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, { ...options, maxDeadLetters: 2 })
    await running.until(isConnected)
    for (const text of ['one', 'two', 'three']) await publisher.publish(Buffer.from(text))
    await running.until(({ poison }) => poison === 3)
    t.equal(await publisher.waiting(`${options.queue}.dead`), 2)
    t.equal(
      (await takeFrom(publisher.channel, `${options.queue}.dead`))?.content.toString(),
      'two',
      'the newest',
    )
  })

  t.test('a hint that has to come again does so until it is applied', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, options)
    running.answer = () => (running.hints.length < 4 ? 'again' : 'applied')
    await running.until(isConnected)
    await publisher.publish(notification(uuidOf(1)))
    const status = await running.until(({ applied }) => applied === 1)
    t.match(status, { received: 1, requeued: 3 })
    t.equal(running.hints.length, 4)
    await running.stop()
    t.equal(await publisher.waiting(options.queue), 0)
  })

  t.test('a cell that is down keeps nobody waiting for the others', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, { ...options, prefetch: 4 })
    let isDown = true
    running.answer = ({ uuid }) => (isDown && uuid !== uuidOf(99) ? 'again' : 'applied')
    await running.until(isConnected)
    for (let n = 0; n < 10; n++) await publisher.publish(notification(uuidOf(n)))
    await publisher.publish(notification(uuidOf(99)))
    await running.until(({ applied }) => applied === 1)
    isDown = false
    await running.until(({ applied }) => applied === 11)
    await running.stop()
    t.equal(await publisher.waiting(options.queue), 0)
    t.strictSame([...new Set(running.hints.map(({ uuid }) => uuid))].length, 11)
  })

  t.test('no message stays for longer than a broker puts up with', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, options, { longestHold: 1 })
    running.answer = () => (running.hints.length < 4 ? 'again' : 'applied')
    await running.until(isConnected)
    await publisher.publish(notification(uuidOf(1)))
    const { received } = await running.until(({ applied }) => applied === 1)
    t.equal(received, 4, 'each time it went to the end of the queue')
  })

  t.test('the oldest of what is under way', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, options)
    const answers: (() => void)[] = []
    running.answer = () => new Promise(answer => answers.push(() => answer('applied')))
    await running.until(isConnected)
    await publisher.publish(notification(uuidOf(1), '2026-11-20 12:00:05'))
    await publisher.publish(notification(uuidOf(2), '2026-11-20 12:00:00'))
    await running.until(({ oldest }) => oldest === at)
    answers[1]!()
    await running.until(({ oldest }) => oldest === at + 5_000)
    answers[0]!()
    await running.until(({ oldest }) => oldest === null)
  })

  t.test('stopped, it waits for what is under way, and leaves the rest to the broker', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, options, { again: 60_000, longestAgain: 60_000 })
    let answer = (_: 'applied'): void => {}
    running.answer = ({ uuid }) =>
      uuid === uuidOf(1)
        ? 'again'
        : new Promise(resolve => {
            answer = resolve
          })
    await running.until(isConnected)
    for (const n of [1, 2]) await publisher.publish(notification(uuidOf(n)))
    await running.until(({ requeued, received }) => requeued === 1 && received === 2)
    const stopped = running.stop()
    t.equal(running.feed.status().state, 'connected')
    answer('applied')
    await stopped
    t.match(running.feed.status(), { state: 'stopped', applied: 1 })
    t.equal(await publisher.waiting(options.queue), 1)
  })

  t.test('a stop takes no longer than it may: what was not applied comes again', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, options, { stop: 10 })
    let answer = (_: 'applied'): void => {}
    running.answer = () =>
      new Promise(resolve => {
        answer = resolve
      })
    await running.until(isConnected)
    await publisher.publish(notification(uuidOf(1)))
    await running.until(({ received }) => received === 1)
    await running.stop()
    answer('applied')
    const next = run(t, options)
    await next.until(({ applied }) => applied === 1)
    t.equal(running.feed.status().applied, 0, 'too late')
  })
})
