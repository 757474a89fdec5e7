import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import t from 'tap'
import { connect } from '../../src/search/embedded/connection.js'
import { openFeed } from '../../src/search/embedded/feed.js'
import { type Answer, type Port, serve, type Told } from '../../src/search/embedded/serve.js'
import { openThread, startWorker, type Wire } from '../../src/search/embedded/thread.js'
import { openTurns } from '../../src/search/embedded/turns.js'
import type { IndexQuery, Term } from '../../src/search/search-index.js'
import { documentOf, randomDocument, SHAPE, valuesFrom } from '../../src/testing/conformance/documents.js'
import { randomFrom } from '../../src/testing/conformance/random.js'
import { memoryIndex } from '../../src/testing/memory-index.js'
import { seed } from '../fixtures/seed.js'
import { embeddedHere } from './fixtures/in-process.js'

const { signal } = new AbortController()
const failed = (reason: string) => ({ code: 'index-failed', reason })
const EVERYTHING: IndexQuery = { where: [], sort: [{ by: 'uuid' }], limit: 10_000 }

t.test('two that begin at once have one catalog', async t => {
  const path = join(t.testdir(), 'index.db')
  const both = [embeddedHere(path), embeddedHere(path)]
  const names = await Promise.all(both.map(index => index.create(SHAPE, '{}', false, signal)))
  t.same(names.sort(), ['g1', 'g2'])
  for (const index of both) t.equal((await index.generations(signal)).length, 2)
  await Promise.all(both.map(index => index.close()))
})

t.test('a file in which another process has not got far is nothing yet', async t => {
  const path = join(t.testdir(), 'index.db')
  const other = connect(path)
  await other.execute('PRAGMA journal_mode = WAL')
  t.ok(existsSync(path))
  const index = embeddedHere(path)
  t.same(await index.generations(signal), [])
  t.equal(await index.create(SHAPE, '{}', false, signal), 'g1')
  t.equal((await index.generations(signal)).length, 1)
  await index.close()
  other.close()
})

t.test('what a shape does not have, and what is too much, is refused', async t => {
  const index = embeddedHere(join(t.testdir(), 'index.db'))
  const name = await index.create(SHAPE, '{}', false, signal)
  await index.write(name, [documentOf(1, { keys: { host: 'a' } })], signal)
  const many = Array.from({ length: 1_000 }, (_, i) => i + 0.5)
  const deep = new Array(2_000).fill([{ key: 'size', is: 'eq', value: 1 }])
  for (const test of [
    { key: 'nothing', is: 'eq', value: 1 },
    { key: 'size', in: many },
    { any: deep },
    { like: 'host', pattern: [{ literal: 'x'.repeat(60_000) }] },
  ] as const)
    await t.rejects(index.find(name, { ...EVERYTHING, where: [test] }, signal), failed('REFUSED'))
  t.same(
    await index.find(name, { ...EVERYTHING, where: [{ key: 'size', in: many.slice(0, 300) }] }, signal),
    [],
  )
  await index.close()
})

t.test('a shape may be next to nothing', async t => {
  const index = embeddedHere(join(t.testdir(), 'index.db'))
  const name = await index.create(
    { keys: {}, owners: [], members: [], texts: [], orders: [] },
    '{}',
    true,
    signal,
  )
  const document = { ...documentOf(1), keys: {}, owners: {}, members: {}, texts: {} }
  t.same(await index.write(name, [document], signal), ['written'])
  await index.finish(name, signal)
  t.match(await index.find(name, EVERYTHING, signal), [{ uuid: document.uuid }])
  t.same(await index.find(name, { ...EVERYTHING, text: { words: ['abc'], fields: [] } }, signal), [])
  await index.close()
})

t.test('a rank need not come first', async t => {
  const random = randomFrom(seed)
  const values = valuesFrom(random)
  const documents = Array.from({ length: 60 }, (_, n) => randomDocument(random, values, n))
  const index = embeddedHere(join(t.testdir(), 'index.db'))
  const model = memoryIndex()
  const [name, own] = [
    await index.create(SHAPE, '{}', false, signal),
    await model.create(SHAPE, '{}', false, signal),
  ]
  await index.write(name, documents, signal)
  await model.write(own, documents, signal)
  for (const dir of ['asc', 'desc'] as const) {
    const sort: Term[] = [
      { by: 'key', key: 'made', dir: 'asc' },
      {
        by: 'rank',
        of: [
          { key: 'size', isNull: true },
          { key: 'size', is: 'gt', value: 1 },
        ],
        dir,
      },
      { by: 'uuid' },
    ]
    const whole = await model.find(own, { where: [], sort, limit: 100 }, signal)
    t.same(await index.find(name, { where: [], sort, limit: 100 }, signal), whole)
    for (const [i, { at }] of whole.entries())
      t.same(
        await index.find(name, { where: [], sort, limit: 5, after: at }, signal),
        whole.slice(i + 1, i + 6),
      )
  }
  await index.close()
})

t.test('what is no longer wanted is not sent to its end', async t => {
  const path = join(t.testdir(), 'index.db')
  const [index, other] = [embeddedHere(path), embeddedHere(path)]
  const name = await index.create(SHAPE, '{}', false, signal)
  await index.write(name, [documentOf(0)], signal)
  await other.drop(name, signal)
  const documents = Array.from({ length: 20_000 }, (_, n) => documentOf(n))
  await t.rejects(index.write(name, documents, signal), failed('NO_GENERATION'))

  const next = await index.create(SHAPE, '{}', false, signal)
  const controller = new AbortController()
  const writing = index.write(next, documents, controller.signal)
  await new Promise(resolve => setImmediate(resolve))
  controller.abort(new Error('enough'))
  await t.rejects(writing, new Error('enough'))
  t.same(await index.write(next, [documentOf(7)], signal), ['written'], 'all of a call is written, or nothing')
  t.equal((await index.find(next, EVERYTHING, signal)).length, 1)
  await Promise.all([index.close(), other.close()])
})

t.test('a thread that is ending does nothing more', async t => {
  const path = join(t.testdir({ 'index.db': 'no database, but long enough '.repeat(100) }), 'index.db')
  const { port1, port2 } = new MessageChannel()
  serve(port2 as Port, path)
  const told: Told[] = [1, 2].map(id => ({ id, verb: 'generations', args: [] }))
  const ask = (one: Told): Promise<Answer> =>
    new Promise(resolve => {
      port1.once('message', resolve)
      port1.postMessage(one)
    })
  t.same(await ask(told[0]!), { id: 1, ending: true, reason: 'CORRUPT' })
  t.same(await ask(told[1]!), { id: 2, ending: true, again: true })
  // Nobody waits for these any more.
  for (const late of [{ stop: 1 }, { of: 1, part: [] }, { of: 1 }]) port1.postMessage(late)
  const closed = new Promise(resolve => port1.once('close', resolve))
  port1.ref()
  port1.postMessage('end')
  await closed
})

t.test('a thread that is lost fails what it had, and the next call begins another', async t => {
  const begun: { lose: (reason: string) => void; hear: (answer: Answer) => void }[] = []
  const start = (): Wire => {
    let hear = (_: Answer): void => {}
    let lose = (_: string): void => {}
    const ended = new Promise<string>(resolve => {
      lose = resolve
    })
    begun.push({ lose, hear: answer => hear(answer) })
    return {
      ended,
      postMessage: told => told === 'end' && lose('THREAD_LOST'),
      on: (_, heard) => {
        hear = heard
      },
      ref: () => {},
      unref: () => {},
    }
  }
  const thread = openThread(start)
  const jobs = [1, 2].map(() => thread.ask('generations', [], signal))
  begun[0]!.lose('ERR_WORKER_OUT_OF_MEMORY')
  for (const { said, over } of jobs) {
    await t.rejects(said, failed('ERR_WORKER_OUT_OF_MEMORY'))
    await over
  }
  const next = thread.ask('generations', [], signal)
  t.equal(begun.length, 2)
  begun[1]!.hear({ id: 3, said: [], ending: false })
  t.same(await next.said, [])
  await thread.close()
})

t.test('whoever sets the number of the driver’s threads has it', async t => {
  process.env.TOKIO_WORKER_THREADS = '3'
  t.teardown(() => delete process.env.TOKIO_WORKER_THREADS)
  const thread = openThread(() => startWorker(join(t.testdir(), 'index.db')))
  t.same(await thread.ask('generations', [], signal).said, [])
  t.equal(process.env.TOKIO_WORKER_THREADS, '3')
  await thread.close()
})

t.test('who waits for a place may leave', async t => {
  const turns = openTurns(['a'])
  let finish = (): void => {}
  const over = new Promise<void>(resolve => {
    finish = resolve
  })
  const work = (place: string) => ({ said: Promise.resolve(place), over })
  t.equal(await turns.run(signal, work), 'a')
  const controller = new AbortController()
  const left = t.rejects(turns.run(controller.signal, work), new Error('enough'))
  const waits = turns.run(signal, work)
  controller.abort(new Error('enough'))
  await left
  finish()
  t.equal(await waits, 'a')
})

t.test('a feed gives its parts as they come', async t => {
  const feed = openFeed<number>(signal)
  feed.push(1)
  const all: number[] = []
  const reading = (async () => {
    for await (const part of feed) all.push(part)
  })()
  await new Promise(resolve => setImmediate(resolve))
  feed.push(2)
  feed.push(3)
  feed.end()
  await reading
  t.same(all, [1, 2, 3])
  const controller = new AbortController()
  const stopped = openFeed<number>(controller.signal)[Symbol.asyncIterator]().next()
  controller.abort(new Error('enough'))
  await t.rejects(stopped, new Error('enough'))
})
