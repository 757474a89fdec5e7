import type { IncomingMessage } from 'node:http'
import { Client } from '@opensearch-project/opensearch'
import t from 'tap'
import { openSearchIndex } from '../../src/search/opensearch/index.js'
import type { Term } from '../../src/search/search-index.js'
import type { Test } from '../../src/search/test.js'
import { callsOf, signal } from '../../src/testing/conformance/case.js'
import { documentOf, PARTS, SHAPE, uuidOf } from '../../src/testing/conformance/documents.js'
import { times } from '../../src/testing/conformance/random.js'
import { type Between, startBetween } from './opensearch-between.js'
import { BY_UUID, failed, filled, open, prefix, rest, skip, url, uuids } from './opensearch-fixture.js'

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
    await t.rejects(uuids(index, generation, [test]), failed('REFUSED'), what)
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
      await t.rejects(call(), failed('NO_GENERATION'), `${what} of ${name}`)
  await index.drop(generation, signal)
  await t.rejects(index.write(generation, [documentOf(2)], signal), failed('NO_GENERATION'))
  const there = await rest('GET', `_cat/indices/${prefix}-documents-${generation}?format=json`)
  t.equal(there.status, 404, 'writing makes no index')
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
  await t.rejects(other.generations(signal), failed('CLOSED'))
  t.equal((await client.ping()).statusCode, 200)
  await client.close()
})
