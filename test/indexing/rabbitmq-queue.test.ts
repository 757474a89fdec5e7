import { isConnected, notification, openPublisher, takeFrom, uuidOf } from './fixtures/bus.js'
import { withRabbit } from './fixtures/with-rabbit.js'

const STATES =
  'lists:append([rabbit_networking:connection_info(P, [state]) || P <- rabbit_networking:connections()])'

await withRabbit('the queues of a feed', async (t, { node, apart, open, run }) => {
  t.test('a queue that was full is a gap: before it connects, and while it is', async t => {
    const { options, publisher } = await open(t)
    const small = { ...options, maxLength: 5, prefetch: 1 }
    const first = run(t, small)
    await first.until(isConnected)
    await first.stop()
    for (let n = 0; n < 8; n++) await publisher.publish(notification(uuidOf(n)))
    const second = run(t, small, { stop: 10 })
    second.answer = () => new Promise(() => {})
    await second.until(({ waiting }) => waiting === 4)
    t.equal(second.gaps[0], 'the queue was full')
    t.equal(second.hints[0]?.uuid, uuidOf(3), 'the oldest are gone')
    const before = second.gaps.length
    for (let n = 0; n < 8; n++) await publisher.publish(notification(uuidOf(n)))
    await second.until(({ gaps }) => gaps > before)
    t.equal(second.gaps.at(-1), 'the queue was full')
  })

  t.test('a queue that fills and empties between two looks is a gap as well', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, { ...options, maxLength: 5 })
    await running.until(isConnected)
    for (let n = 0; n < 5; n++) await publisher.publish(notification(uuidOf(n)))
    await running.until(({ gaps }) => gaps === 2)
    t.strictSame(running.gaps, ['the queue is new', 'the queue was full'], 'as many were taken as it holds')
  })

  t.test('deleted, the queue is made anew', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, options)
    await running.until(isConnected)
    await publisher.channel.deleteQueue(options.queue)
    await running.until(({ gaps }) => gaps === 2)
    t.strictSame(running.gaps, ['the queue is new', 'the queue is new'])
    await publisher.publish(notification(uuidOf(1)))
    t.match(await running.until(({ applied }) => applied === 1), { error: null })
  })

  t.test('a queue that somebody else has made stays as it is, and status says so', async t => {
    const { options, publisher } = await open(t)
    await publisher.channel.assertQueue(options.queue, { durable: true, messageTtl: 60_000 })
    const running = run(t, options)
    t.match(await running.until(isConnected), { notice: 'QUEUE_DIFFERS' })
    await publisher.publish(notification(uuidOf(1)))
    await running.until(({ applied }) => applied === 1)
  })

  t.test('who may not make queues uses those that are there', async t => {
    const { options, publisher } = await open(t)
    const name = options.queue
    const arguments_ = { 'x-queue-type': 'classic' }
    await publisher.channel.assertQueue(name, { durable: true, arguments: arguments_ })
    await publisher.channel.assertQueue(`${name}.dead`, { durable: true, arguments: arguments_ })
    await node.erlang(`rabbit_auth_backend_internal:add_user(<<"${name}">>, <<"pw">>, <<"test">>)`)
    // A binding is written to the queue.
    const may = `<<"^$">>, <<"^${name}|amq.default$">>, <<".*">>`
    await node.erlang(
      `rabbit_auth_backend_internal:set_permissions(<<"${name}">>, <<"/">>, ${may}, <<"test">>)`,
    )
    const url = node.url.replace('guest:guest', `${name}:pw`)
    const running = run(t, { ...options, url })
    t.match(await running.until(isConnected), { notice: 'QUEUE_DIFFERS' })
    await publisher.publish(notification(uuidOf(1)))
    await publisher.publish(Buffer.from('poison'))
    await running.until(({ applied, poison }) => applied === 1 && poison === 1)

    const other = run(t, { ...options, url, queue: `${name}.other` })
    t.match(await other.until(({ error }) => error !== null), { state: 'connecting', error: 'ACCESS_REFUSED' })
  })

  t.test('without an exchange it asks again until there is one', async t => {
    const options = apart()
    const running = run(t, options)
    t.match(await running.until(({ error }) => error !== null), { state: 'connecting', error: 'NO_EXCHANGE' })
    const publisher = await openPublisher(node.url, options.exchange, true)
    t.teardown(() => publisher.close())
    t.match(await running.until(isConnected), { error: null })
    await publisher.publish(notification(uuidOf(1)))
    await running.until(({ applied }) => applied === 1)
    t.match(running.gaps, ['connected'])
  })

  t.test('an exchange that was made anew is bound again', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, options)
    await running.until(isConnected)
    await publisher.channel.deleteExchange(options.exchange)
    await publisher.channel.assertExchange(options.exchange, 'topic', { durable: false })
    let published = 0
    await new Promise<void>(resolve => {
      const publish = async (): Promise<void> => {
        if (running.hints.length > 0) return resolve()
        await publisher.publish(notification(uuidOf(published++)))
        setImmediate(() => void publish())
      }
      void publish()
    })
    t.ok(running.hints.length > 0)
  })

  t.test('the queue that publishers declare is emptied where that is wanted', async t => {
    const { options, publisher } = await open(t)
    const topics = [`${options.queue}.topic`]
    const key = `${topics[0]}.info`
    const other = `${topics[0]}.error`
    for (const queue of [key, other]) {
      await publisher.channel.assertQueue(queue, { durable: false })
      await publisher.channel.bindQueue(queue, options.exchange, queue)
    }
    // Somebody else's: what they have not had yet is theirs.
    const { consumerTag } = await publisher.channel.consume(other, () => {})
    await publisher.channel.prefetch(1)
    t.ok(consumerTag)
    const running = run(t, { ...options, topics, drain: 'purge' })
    await running.until(isConnected)
    for (const to of [key, other]) await publisher.publish(notification(uuidOf(1)), to)
    await running.until(({ applied }) => applied === 2)
    const empty = async (): Promise<void> => {
      if ((await publisher.waiting(key)) > 0) return empty()
    }
    await empty()
    await publisher.channel.deleteQueue(key)
    await publisher.publish(notification(uuidOf(2)), key)
    t.match(await running.until(({ applied }) => applied === 3), { state: 'connected' }, 'it need not be there')
  })

  t.test('where dead letters have no place any more, one is made, and nothing is lost', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, options)
    await running.until(isConnected)
    const dead = `${options.queue}.dead`
    await publisher.channel.deleteQueue(dead)
    await publisher.publish(Buffer.from('poison'))
    await running.until(({ poison }) => poison === 1)
    t.equal((await takeFrom(publisher.channel, dead))?.content.toString(), 'poison')
    t.strictSame(running.gaps, ['the queue is new', 'connected'])
  })

  t.test('a dead letter that the broker refuses stays in the queue', async t => {
    const { options, publisher } = await open(t)
    const dead = `${options.queue}.dead`
    await publisher.channel.assertQueue(dead, { durable: true, maxLength: 0, overflow: 'reject-publish' })
    const running = run(t, options)
    await running.until(isConnected)
    await publisher.publish(Buffer.from('poison'))
    t.match(await running.until(({ error }) => error !== null), { error: 'PUBLISH_REFUSED', poison: 0 })
    await running.stop()
    t.equal(await publisher.waiting(options.queue), 1)
  })

  t.test('a broker that is short of memory takes no dead letters until it has some again', async t => {
    const { options, publisher } = await open(t)
    const running = run(t, { ...options, prefetch: 1 })
    let answer = (_: 'applied'): void => {}
    running.answer = () =>
      new Promise(resolve => {
        answer = resolve
      })
    await running.until(isConnected)
    await publisher.publish(notification(uuidOf(1)))
    await publisher.publish(Buffer.from('poison'))
    await running.until(({ received }) => received === 1)
    const alarm = '{resource_limit, memory, node()}'
    await node.erlang(`rabbit_alarm:set_alarm({${alarm}, []})`)
    // Each connection hears of it in its own time.
    while ((await node.erlang(STATES)).includes('running'));
    answer('applied')
    t.match(await running.until(({ notice }) => notice !== null), { notice: 'BLOCKED', state: 'connected' })
    await node.erlang(`rabbit_alarm:clear_alarm(${alarm})`)
    t.match(await running.until(({ poison }) => poison === 1), { applied: 1 })
    await running.until(({ notice }) => notice === null)
  })
})
