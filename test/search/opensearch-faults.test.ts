import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { inspect } from 'node:util'
import t from 'tap'
import { openSearchIndex } from '../../src/search/opensearch/index.js'
import { callsOf, signal } from '../../src/testing/conformance/case.js'
import { documentOf, SHAPE, uuidOf } from '../../src/testing/conformance/documents.js'
import { times } from '../../src/testing/conformance/random.js'
import { startBetween } from './opensearch-between.js'
import { failed, filled, open, own, prefix, rest, skip, url, uuids } from './opensearch-fixture.js'
import type { OpenSearchNode } from './opensearch-node.js'

t.test('a generation that is filled at once is copied and shown when it is whole', { skip }, async t => {
  await using between = await startBetween(url!)
  const index = openSearchIndex({ node: between.url, prefix, replicas: 1 })
  const generation = await index.create(SHAPE, '{}', true, signal)
  const settings = async () => {
    const [{ settings }] = Object.values(await rest('GET', `${prefix}-${generation}/_settings`)) as unknown as [
      { settings: { index: Record<string, string> } },
    ]
    return [settings.index.number_of_replicas, settings.index.refresh_interval]
  }
  t.same(await settings(), ['0', '-1'])
  await index.write(generation, [documentOf(1)], signal)
  between.answer = (asked, answer) => asked.url!.includes('_forcemerge') && !!answer.writeHead(503).end()
  await t.rejects(index.finish(generation, signal), failed('UNREACHABLE'))
  await t.rejects(index.switchTo(generation, signal), failed('REFUSED'))
  between.answer = () => false
  await index.finish(generation, signal)
  t.same(await settings(), ['1', undefined])
  t.same(await uuids(index, generation, []), [uuidOf(1)])
  await index.drop(generation, signal)
  await index.close()
})

t.test('what is broken off in the middle is not there', { skip }, async t => {
  await using between = await startBetween(url!)
  const index = openSearchIndex({ node: between.url, prefix, replicas: 0 })
  const names = async () => (await index.generations(signal)).map(({ name }) => name)
  const before = await names()
  between.answer = (asked, answer) =>
    asked.method === 'PUT' && asked.url!.includes('-documents-') && !!answer.writeHead(503).end()
  await t.rejects(index.create(SHAPE, '{}', false, signal), failed('UNREACHABLE'))
  between.answer = () => false
  t.same(await names(), before)
  const generation = await index.create(SHAPE, '{}', false, signal)
  between.answer = (asked, answer) => asked.url!.includes('_delete_by_query') && !!answer.writeHead(503).end()
  await t.rejects(index.drop(generation, signal), failed('UNREACHABLE'))
  between.answer = () => false
  t.same(await names(), before)
  await index.close()
})

t.test('a full disk, and an index that may not be written', { skip }, async t => {
  const index = open()
  const generation = await filled(index, [documentOf(1)])
  const block = (name: string, value: boolean | null) =>
    rest('PUT', `${prefix}-${generation}/_settings`, { [`index.blocks.${name}`]: value })
  for (const [name, reason] of [
    ['read_only_allow_delete', 'DISK_FULL'],
    ['write', 'DENIED'],
  ] as const) {
    await block(name, true)
    await t.rejects(index.write(generation, [documentOf(2)], signal), failed(reason))
    t.same(await uuids(index, generation, []), [uuidOf(1)], 'it still answers')
    await block(name, null)
  }
  t.same(await index.write(generation, [documentOf(2)], signal), ['written'])
  await index.drop(generation, signal)
})

t.test('an answer that is none', { skip }, async t => {
  await using between = await startBetween(url!)
  const index = openSearchIndex({ node: between.url.replace('//', '//reader:secret@'), prefix, replicas: 0 })
  const generation = await filled(index, [documentOf(1)])
  const json = 'application/json'
  const error = (type: string) => JSON.stringify({ error: { type, reason: 'a row', root_cause: [{ type }] } })
  let asked = 0
  for (const [status, type, body, reason] of [
    [429, json, error('rejected_execution_exception'), 'BUSY'],
    [503, json, error('cluster_block_exception'), 'UNREACHABLE'],
    [502, 'text/html', '<html>', 'UNREACHABLE'],
    [401, 'text/plain', 'Unauthorized', 'DENIED'],
    [500, json, error('null_pointer_exception'), 'null_pointer_exception'],
    [500, json, '{', undefined],
    [200, 'text/html', '<html>', 'GARBAGE'],
    [200, json, '{"took":1', 'GARBAGE'],
    [200, json, '{}', 'GARBAGE'],
    [200, json, 'null', 'GARBAGE'],
    [200, json, '{"timed_out":true,"_shards":{"failed":0},"hits":{"hits":[]}}', 'PARTIAL'],
    [200, json, '{"timed_out":false,"_shards":{"failed":1},"hits":{"hits":[]}}', 'PARTIAL'],
  ] as const) {
    between.answer = (_, answer) => {
      asked++
      return !!answer.writeHead(status, { 'content-type': type }).end(body)
    }
    const before = asked
    const thrown = await uuids(index, generation, [{ key: 'name', is: 'eq', value: 'hidden' }]).catch(
      error => error,
    )
    t.match(thrown, { code: 'index-failed', ...(reason && { reason }) }, `${status} ${body}`)
    t.equal(asked, before + 1, 'asked once')
    t.notMatch(`${inspect(thrown, { depth: 9 })}${thrown.stack}`, /127\.0\.0\.1|secret|hidden|a row|reader/)
  }
  between.answer = (_, answer) => {
    answer.writeHead(200, { 'content-length': 1_000 }).write('{"hits')
    setImmediate(() => answer.destroy())
    return true
  }
  await t.rejects(uuids(index, generation, []), failed('UNREACHABLE'), 'cut off')
  const said = (items: readonly object[]) => {
    between.answer = (_, answer) =>
      !!answer
        .writeHead(200, { 'content-type': json })
        .end(JSON.stringify({ items: items.map(index => ({ index })) }))
  }
  const items = [429, 503, 500, 409].map(status => ({
    status,
    error: { type: status === 409 ? 'version_conflict_engine_exception' : 'any_exception', reason: 'a row' },
  }))
  said([...items, { status: 200 }])
  const five = times(5, n => documentOf(n))
  t.same(await index.write(generation, five, signal), [
    'transient',
    'transient',
    'transient',
    'stale',
    'written',
  ])
  said(items)
  await t.rejects(index.write(generation, five, signal), failed('GARBAGE'), 'an outcome is missing')
  between.answer = () => false
  t.same(await uuids(index, generation, []), [uuidOf(1)], 'and goes on as if nothing had been')
  await index.drop(generation, signal)
  await index.close()
})

t.test('a server that hangs is left when the signal says so, and its connection is cut', { skip }, async t => {
  await using between = await startBetween(url!)
  const index = openSearchIndex({ node: between.url, prefix, replicas: 0 })
  const generation = await filled(index, [documentOf(1)])
  const hung = (): Promise<IncomingMessage> =>
    new Promise(resolve => {
      between.answer = asked => {
        resolve(asked)
        return true
      }
    })
  for (const what of Object.keys(callsOf(index, generation, signal))) {
    const there = hung()
    const controller = new AbortController()
    const waiting = callsOf(index, generation, controller.signal)[what]!()
    const { socket } = await there
    const cut = once(socket, 'close')
    controller.abort(new RangeError('enough'))
    await t.rejects(waiting, RangeError, what)
    await cut
  }
  const there = hung()
  const waiting = uuids(index, generation, [])
  const { socket } = await there
  const cut = once(socket, 'close')
  const closed = index.close()
  await t.rejects(waiting, failed('CLOSED'))
  await Promise.all([cut, closed])
  const other = open()
  await other.drop(generation, signal)
})

t.test('nobody there', { skip }, async t => {
  for (const where of ['http://127.0.0.1:1', 'http://nobody.invalid']) {
    const index = openSearchIndex({ node: where, prefix })
    for (let i = 0; i < 3; i++) await t.rejects(index.generations(signal), failed('UNREACHABLE'), where)
    await index.close()
  }
})

t.test(
  'a node that is down at the start, and dies later',
  { skip: own === undefined && (skip || 'not our node') },
  async t => {
    const { kill, restart } = own as OpenSearchNode
    const index = open()
    const generation = await filled(index, [documentOf(1)])
    await index.setNote(generation, 'as-of', { value: '1', revision: 0 }, signal)
    const asked = times(20, () => uuids(index, generation, []).catch((error: unknown) => error))
    await kill()
    for (const answer of await Promise.all(asked))
      if (Array.isArray(answer)) t.same(answer, [uuidOf(1)])
      else t.match(answer, failed('UNREACHABLE'))
    const early = open()
    for (const one of [index, early])
      for (const [what, call] of Object.entries(callsOf(one, generation, signal)))
        await t.rejects(call(), failed('UNREACHABLE'), what)
    await restart()
    for (const one of [index, early]) {
      t.same(await uuids(one, generation, []), [uuidOf(1)])
      t.equal((await one.notes(generation, '', signal)).get('as-of')!.value, '1')
    }
    t.same(await early.write(generation, [documentOf(1), documentOf(2)], signal), ['stale', 'written'])
  },
)
