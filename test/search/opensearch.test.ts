import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { inspect } from 'node:util'
import { Client } from '@opensearch-project/opensearch'
import t from 'tap'
import { openSearchIndex } from '../../src/search/opensearch/index.js'
import type { IndexDocument, SearchIndex, Term } from '../../src/search/search-index.js'
import type { Test } from '../../src/search/test.js'
import { callsOf, signal } from '../../src/testing/conformance/case.js'
import { documentOf, PARTS, SHAPE, uuidOf } from '../../src/testing/conformance/documents.js'
import { times } from '../../src/testing/conformance/random.js'
import { conformanceOf } from '../../src/testing/index-conformance.js'
import { seed } from '../fixtures/seed.js'
import { type Between, startBetween } from './opensearch-between.js'
import { type OpenSearchNode, startOpenSearch } from './opensearch-node.js'

const given = process.env.OPENSEARCH_URL
const node = given === undefined ? await startOpenSearch().catch((error: Error) => error) : undefined
const own = node instanceof Error ? undefined : node
const url = given ?? own?.url
const skip = node instanceof Error ? `no OpenSearch here: ${node.message}` : false
t.comment(url ?? skip)

const prefix = `crosscell-${randomBytes(4).toString('hex')}`
const rest = async (method: string, path: string, body?: object): Promise<Record<string, never>> => {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  return (await answer.json()) as Record<string, never>
}
t.teardown(async () => {
  if (own !== undefined) return own.stop()
  for (const { index } of (await rest('GET', `_cat/indices/${prefix}*?format=json`)) as unknown as {
    index: string
  }[])
    await rest('DELETE', index)
})

type Options = { readonly prefix?: string; readonly shards?: number; readonly replicas?: number }
const open = (options: Options = {}): SearchIndex => {
  const index = openSearchIndex({ node: url!, prefix, replicas: 0, ...options })
  t.teardown(() => index.close())
  return index
}
const filled = async (
  index: SearchIndex,
  documents: readonly IndexDocument[],
  shape = SHAPE,
): Promise<string> => {
  const generation = await index.create(shape, '{}', false, signal)
  await index.write(generation, documents, signal)
  await index.refresh(generation, signal)
  return generation
}
const BY_UUID: readonly Term[] = [{ by: 'uuid' }]
const uuids = async (index: SearchIndex, generation: string, where: readonly Test[]): Promise<string[]> =>
  (await index.find(generation, { where, sort: BY_UUID, limit: 10_000 }, signal)).map(({ uuid }) => uuid)

t.test('the conformance suite', { skip }, async t => {
  const index = open()
  for (const { name, run } of conformanceOf(seed)) await t.test(name, () => run(index, open))
})

t.test('the conformance suite, three shards', { skip }, async t => {
  const again = () => open({ prefix: `${prefix}-3`, shards: 3 })
  const index = again()
  for (const { name, run } of conformanceOf(seed + 1))
    if (/find|page|sort|count|scan|bucket|null/.test(name)) await t.test(name, () => run(index, again))
})

t.test(
  '100,000 documents and as many members: the mapping stays as it was, pages go to the end',
  { skip },
  async t => {
    const COUNT = 100_100
    const index = open({ prefix: `${prefix}-many` })
    const generation = await index.create(SHAPE, '{}', true, signal)
    const mapping = async () => JSON.stringify(await rest('GET', `${prefix}-many-${generation}/_mapping`))
    const before = await mapping()
    for (let from = 0; from < COUNT; from += 10_010) {
      const some = times(10_010, i =>
        documentOf(from + i, {
          keys: { id: from + i, made: `${(from + i) % 977}` },
          members: { tags: [`tag ${from + i}`], pairs: [`key ${from + i}\u0001value`] },
          record: '',
        }),
      )
      const outcomes = await index.write(generation, some, signal)
      if (outcomes.some(outcome => outcome !== 'written')) t.fail('not all written')
    }
    await index.finish(generation, signal)
    t.equal(await mapping(), before)
    for (const n of [0, 54_321, COUNT - 1]) {
      t.same(await uuids(index, generation, [{ member: 'tags', in: [`tag ${n}`] }]), [uuidOf(n)])
      t.same(await uuids(index, generation, [{ member: 'pairs', in: [`key ${n}\u0001value`] }]), [uuidOf(n)])
    }

    const sort: readonly Term[] = [
      { by: 'key', key: 'made', dir: 'desc' },
      { by: 'key', key: 'id', dir: 'desc' },
      ...BY_UUID,
    ]
    const expected = times(COUNT, id => ({ id, made: `${id % 977}` })).sort((a, b) =>
      a.made === b.made ? b.id - a.id : a.made < b.made ? 1 : -1,
    )
    let at: readonly (string | number | null)[] | undefined
    for (let passed = 0; passed < COUNT; passed += 10_000) {
      const page = await index.find(
        generation,
        { where: [], sort, limit: 10_000, ...(at && { after: at }) },
        signal,
      )
      const want = expected.slice(passed, passed + 10_000).map(({ id }) => id)
      t.strictSame(
        page.map(hit => hit.at[1]),
        want,
        `from ${passed} on`,
      )
      at = page.at(-1)?.at
    }
    t.same(await index.find(generation, { where: [], sort, limit: 1, after: at! }, signal), [])
    const everyone = await index.tally(generation, { where: [] }, [], 1, signal)
    t.equal(everyone[0]!.count, COUNT)
    const made = await index.tally(generation, { where: [] }, ['made'], 2_000, signal)
    t.equal(made.length, 977)
    t.equal(
      made.reduce((sum, { count }) => sum + count, 0),
      COUNT,
    )
    const few = await index.tally(generation, { where: [] }, ['id'], 1_500, signal)
    t.equal(few.length, 1_501)
    await index.drop(generation, signal)
  },
)

t.test('one document that can’t be held spoils no other', { skip }, async t => {
  const index = open()
  const generation = await index.create(SHAPE, '{}', false, signal)
  const unknown = { ...documentOf(1), keys: { ...documentOf(1).keys, unknown: 1 } }
  const huge = documentOf(2, { keys: { name: 'x'.repeat(40_000) } })
  // The server refuses the whole request for this one.
  const nameless = documentOf(3, { uuid: 'y'.repeat(600) })
  const all = [documentOf(10), unknown, documentOf(11), huge, nameless, documentOf(12), documentOf(10)]
  t.same(await index.write(generation, all, signal), [
    'written',
    'poison',
    'written',
    'poison',
    'poison',
    'written',
    'stale',
  ])
  await index.refresh(generation, signal)
  t.same(await uuids(index, generation, []), [10, 11, 12].map(uuidOf).sort())
  await index.drop(generation, signal)
})

t.test('requests are cut to a size', { skip }, async t => {
  await using between = await startBetween(url!)
  const index = openSearchIndex({ node: between.url, prefix, replicas: 0 })
  const generation = await index.create(SHAPE, '{}', false, signal)
  const sizes: number[] = []
  const limit = (most: number) => (asked: IncomingMessage, answer: Parameters<Between['answer']>[1]) => {
    if (!asked.url!.includes('_bulk')) return false
    const size = Number(asked.headers['content-length'])
    sizes.push(size)
    if (size <= most) return false
    asked.resume().on('end', () => answer.writeHead(413).end())
    return true
  }
  const documents = times(24, n => documentOf(n, { record: 'r'.repeat(500_000) }))
  between.answer = limit(2 ** 30)
  t.ok((await index.write(generation, documents, signal)).every(outcome => outcome === 'written'))
  t.ok(sizes.length > 2 && sizes.every(size => size < 2 ** 22 + 10_000), `${sizes}`)
  // What is between takes less.
  between.answer = limit(2_000_000)
  const later = documents.map((document, n) => ({
    ...document,
    version: 2_000,
    record: 'r'.repeat(n === 7 ? 2_100_000 : 500_000),
  }))
  const outcomes = await index.write(generation, later, signal)
  t.same(
    outcomes,
    documents.map((_, n) => (n === 7 ? 'poison' : 'written')),
  )
  await index.drop(generation, signal)
  await index.close()
})

t.test('what is too much for the server is refused, and nothing else suffers', { skip }, async t => {
  const index = open()
  const generation = await filled(index, [documentOf(1, { keys: { name: 'a' } })])
  const long = 'x'.repeat(2_000)
  const wild = [...times(30, () => ({ any: 'one' }) as const), { literal: 'a' }]
  for (const [what, test] of Object.entries({
    'a range that begins with a long text': { key: 'name', is: 'gt', value: long },
    'a pattern of a long text': { like: 'name', pattern: [{ any: 'more' }, { literal: long }] },
    'a pattern of too many states': { like: 'name', pattern: [{ any: 'more' }, { literal: 'a' }, ...wild] },
    'too many tests': { any: times(2_000, value => [{ key: 'id', is: 'eq', value }]) },
  } satisfies Record<string, Test>))
    await t.rejects(uuids(index, generation, [test]), { code: 'index-failed', reason: 'REFUSED' }, what)
  t.same(await uuids(index, generation, [{ key: 'name', in: [long, 'a'] }]), [uuidOf(1)])
  await index.drop(generation, signal)
})

t.test('no text of a query is anything but a text: a tenant stays in its own records', { skip }, async t => {
  const index = open()
  const hostile = [
    ...PARTS,
    '"}},{"match_all":{}},{"term":{"owner.project_id":"p2',
    '{"query":{"match_all":{}}}',
    '*:*',
    'project_id:p2 OR true',
    '{{#toJson}}x{{/toJson}}',
    "doc['owner.project_id'].value == 'p2'",
    '../_search',
    '<script>ctx._source.clear()</script>',
  ]
  const of = (n: number, project_id: string) =>
    documentOf(n, {
      keys: { name: hostile[n % hostile.length]! },
      owners: { project_id, user_id: 'u' },
      texts: { name: [hostile[n % hostile.length]!], note: [], labels: [] },
    })
  const generation = await filled(
    index,
    times(2 * hostile.length, n => of(n, n < hostile.length ? 'p1' : 'p2')),
  )
  const mine = new Set(times(hostile.length, uuidOf))
  for (const text of hostile) {
    const like = [{ any: 'more' }, { literal: text }, { any: 'more' }] as const
    const any: Test[] = [
      { key: 'name', is: 'eq', value: text },
      { key: 'name', is: 'gte', value: text },
      { key: 'name', in: [text] },
      { like: 'name', pattern: like },
      { owner: 'user_id', eq: text },
      { member: 'tags', in: [text] },
      { address: { prefix: text } },
      { cells: [text] },
    ]
    const sort: readonly Term[] = [
      { by: 'rank', of: any, dir: 'asc' },
      { by: 'key', key: 'name', dir: 'asc' },
      ...BY_UUID,
    ]
    for (const tests of [[{ any: any.map(one => [one]) }], any.map(not => ({ not }))]) {
      const where: Test[] = [{ owner: 'project_id', eq: 'p1' }, ...tests]
      const hits = await index.find(generation, { where, sort, limit: 1_000, after: [0, text, text] }, signal)
      if (!hits.every(({ uuid }) => mine.has(uuid))) t.fail(`${text} gets out`)
      const [group] = await index.tally(generation, { where }, [], 1, signal)
      if ((group?.count ?? 0) > mine.size) t.fail(`${text} counts others`)
    }
    const fields = SHAPE.texts
    const word = text.replaceAll('\u0001', '') || 'a'
    const where: Test[] = [{ owner: 'project_id', eq: 'p1' }]
    const found = await index.find(
      generation,
      { where, text: { words: [word], fields }, sort: BY_UUID, limit: 1_000 },
      signal,
    )
    if (!found.every(({ uuid }) => mine.has(uuid))) t.fail(`${text} gets out`)
    if (found.length === 0) t.fail(`${text} is not found`)
    t.same(await uuids(index, generation, [{ owner: 'project_id', eq: text }]), [])
  }
  await index.drop(generation, signal)
})

t.test('names that nobody was given are no generations', { skip }, async t => {
  const index = open()
  const generation = await filled(index, [documentOf(1)])
  await index.setNote(generation, 'a', { value: '', revision: 0 }, signal)
  for (const name of [
    '*',
    '_all',
    generation.slice(0, 8),
    `${generation},*`,
    `${generation} a`,
    '',
    '../x',
    'ffffffffffff',
  ])
    for (const [what, call] of Object.entries(callsOf(index, name, signal)))
      await t.rejects(call(), { reason: 'NO_GENERATION' }, `${what} of ${name}`)
  await index.drop(generation, signal)
  await t.rejects(index.write(generation, [documentOf(2)], signal), { reason: 'NO_GENERATION' })
  const there = await rest('GET', `_cat/indices/${prefix}-documents-${generation}?format=json`)
  t.equal(there.status, 404, 'writing makes no index')
})

t.test('a generation that is filled at once is copied and shown when it is whole', { skip }, async t => {
  await using between = await startBetween(url!)
  const index = openSearchIndex({ node: between.url, prefix, replicas: 1 })
  const generation = await index.create(SHAPE, '{}', true, signal)
  const settings = async () => {
    const [{ settings }] = Object.values(await rest('GET', `${prefix}-${generation}/_settings`)) as [
      { settings: { index: Record<string, string> } },
    ]
    return [settings.index.number_of_replicas, settings.index.refresh_interval]
  }
  t.same(await settings(), ['0', '-1'])
  await index.write(generation, [documentOf(1)], signal)
  between.answer = (asked, answer) => asked.url!.includes('_forcemerge') && !!answer.writeHead(503).end()
  await t.rejects(index.finish(generation, signal), { reason: 'UNREACHABLE' })
  await t.rejects(index.switchTo(generation, signal), { reason: 'REFUSED' })
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
  await t.rejects(index.create(SHAPE, '{}', false, signal), { reason: 'UNREACHABLE' })
  between.answer = () => false
  t.same(await names(), before)
  const generation = await index.create(SHAPE, '{}', false, signal)
  between.answer = (asked, answer) => asked.url!.includes('_delete_by_query') && !!answer.writeHead(503).end()
  await t.rejects(index.drop(generation, signal), { reason: 'UNREACHABLE' })
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
    await t.rejects(index.write(generation, [documentOf(2)], signal), { reason })
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
  await t.rejects(uuids(index, generation, []), { reason: 'UNREACHABLE' }, 'cut off')
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
  await t.rejects(index.write(generation, five, signal), { reason: 'GARBAGE' }, 'an outcome is missing')
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
  for (const [what, call] of Object.entries(callsOf(index, generation, signal))) {
    const there = hung()
    const controller = new AbortController()
    const waiting = callsOf(index, generation, controller.signal)[what]!()
    const { socket } = await there
    const cut = once(socket, 'close')
    controller.abort(new RangeError('enough'))
    await t.rejects(waiting, RangeError, what)
    await cut
    t.type(call, 'function')
  }
  const there = hung()
  const waiting = uuids(index, generation, [])
  const { socket } = await there
  const cut = once(socket, 'close')
  const closed = index.close()
  await t.rejects(waiting, { reason: 'CLOSED' })
  await Promise.all([cut, closed])
  const other = open()
  await other.drop(generation, signal)
})

t.test('the client’s own options, or a client that stays open', { skip }, async t => {
  await using between = await startBetween(url!)
  const auth = { username: 'reader', password: 'secret' }
  const headers: (string | undefined)[] = []
  between.answer = ({ headers: { authorization } }) => {
    headers.push(authorization)
    return false
  }
  const index = openSearchIndex({ node: [between.url], options: { auth }, prefix })
  await index.generations(signal)
  t.same(new Set(headers), new Set([`Basic ${Buffer.from('reader:secret').toString('base64')}`]))
  await index.close()
  const client = new Client({ node: url! })
  const other = openSearchIndex({ client, prefix })
  await other.generations(signal)
  await other.close()
  await t.rejects(other.generations(signal), { reason: 'CLOSED' })
  t.equal((await client.ping()).statusCode, 200)
  await client.close()
})

t.test('nobody there', { skip }, async t => {
  for (const where of ['http://127.0.0.1:1', 'http://nobody.invalid']) {
    const index = openSearchIndex({ node: where, prefix })
    for (let i = 0; i < 3; i++) await t.rejects(index.generations(signal), { reason: 'UNREACHABLE' }, where)
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
    await kill()
    const early = open()
    for (const one of [index, early])
      for (const [what, call] of Object.entries(callsOf(one, generation, signal)))
        await t.rejects(call(), { reason: 'UNREACHABLE' }, what)
    await restart()
    for (const one of [index, early]) {
      t.same(await uuids(one, generation, []), [uuidOf(1)])
      t.equal((await one.notes(generation, '', signal)).get('as-of')!.value, '1')
    }
    t.same(await early.write(generation, [documentOf(1), documentOf(2)], signal), ['stale', 'written'])
  },
)
