import { join } from 'node:path'
import t, { type Test as Asserting } from 'tap'
import { create } from '../../src/search/embedded/catalog.js'
import { openFiles } from '../../src/search/embedded/files.js'
import { find } from '../../src/search/embedded/find.js'
import { finish } from '../../src/search/embedded/finish.js'
import { type Generation, openGeneration } from '../../src/search/embedded/generation.js'
import { type Looking, look } from '../../src/search/embedded/looking.js'
import { CATALOG_TABLES } from '../../src/search/embedded/tables.js'
import { tally } from '../../src/search/embedded/tally.js'
import { write } from '../../src/search/embedded/write.js'
import type { IndexQuery, Term } from '../../src/search/search-index.js'
import type { Test } from '../../src/search/test.js'
import type { Sql } from '../../src/sql/fragment.js'
import { documentOf, SHAPE } from '../../src/testing/conformance/documents.js'

const { signal } = new AbortController()

async function* inParts<T>(all: readonly T[]): AsyncIterable<readonly T[]> {
  yield all
}
const COUNT = 3_000

/** Of all documents `all`, of four hundred `some`, of thirty `few`; each has a number, and one of three hosts. */
const documents = Array.from({ length: COUNT }, (_, id) =>
  documentOf(id, {
    keys: {
      id,
      made: `2026-01-01 ${String(id % 1_000).padStart(6, '0')}`,
      name: `name ${id}`,
      host: `host ${id % 3}`,
      size: id % 5,
    },
    owners: { project_id: id % 4 === 0 ? 'large' : `small ${id}` },
    members: {
      tags: ['all', ...(id % 8 === 0 ? ['some'] : []), ...(id % 100 === 0 ? ['few'] : [])],
      pairs: [],
    },
    texts: { name: [`name ${id}`], note: [id % 8 === 0 ? 'some words' : 'no'], labels: [] },
  }),
)

const open = async (): Promise<Generation> => {
  const files = openFiles(join(t.testdir(), 'index.db'), CATALOG_TABLES)
  const work = { files, signal, say: () => {} }
  const name = await create(work, { ...SHAPE, counts: [['host', 'size']] }, '{}', true)
  const generation = await openGeneration(files, name)
  const { all } = generation.columns
  const sent = documents.map(({ cell, uuid, version, digest, record, ...document }) => ({
    ...{ cell, uuid, version },
    document: {
      digest,
      record,
      values: all.map(column => column.of({ cell, uuid, version, digest, record, ...document })),
    },
  }))
  await write(generation, signal, inParts(sent))
  await finish(work, name)
  return generation
}

const generation = await open()

/** What SQLite does for the statements that look for documents. */
const plansOf = async (ask: (looking: Looking) => Promise<unknown>): Promise<string[]> => {
  const { connection, columns } = generation
  const sent: Sql[] = []
  await look(connection, columns, { signal, say: () => {} }, looking =>
    ask({
      ...looking,
      first: statement => {
        if (!statement.text.startsWith('SELECT count(*),')) sent.push(statement)
        return looking.first(statement)
      },
    }),
  )
  const plans: string[] = []
  for (const { text, values } of sent) {
    const rows = await connection.all({ text: `EXPLAIN QUERY PLAN ${text}`, values })
    plans.push(rows.map(row => row[3]).join('; '))
  }
  return plans
}

const MADE: Term[] = [
  { by: 'key', key: 'made', dir: 'desc' },
  { by: 'key', key: 'id', dir: 'desc' },
  { by: 'uuid' },
]
const DEEP = { sort: MADE, limit: 10, after: ['2026-01-01 000500', 1_500, documents[1_500]!.uuid] }
const tagged = (tag: string): Test => ({ member: 'tags', in: [tag] })
const plansOfPage = (query: IndexQuery): Promise<string[]> => plansOf(looking => find(looking, query))

/** Every statement goes through a part of an index of documents, and sorts no more than those with the same key. */
const walks = async (
  t: Asserting,
  query: IndexQuery,
  index: string,
  from: readonly string[],
): Promise<void> => {
  const plans = await plansOfPage(query)
  t.equal(plans.length, from.length)
  for (const [i, range] of from.entries()) {
    t.ok(plans[i]!.includes(` d USING INDEX ${index}${range}`), plans[i]!)
    t.notMatch(plans[i], /SCAN d(?! USING INDEX)|B-TREE FOR ORDER BY/)
  }
}

t.test('a page in the middle begins where it is, as a first page does', async t => {
  await walks(t, { where: [], sort: MADE, limit: 10 }, 'by_order_1', [''])
  await walks(t, { where: [], ...DEEP }, 'by_order_1', [
    ' (k4=? AND k0=?)',
    ' (k4=? AND k0<?)',
    ' (k4=? AND k0=?)',
    ' (k4<?)',
  ])
  const up = MADE.map((term): Term => (term.by === 'key' ? { ...term, dir: 'asc' } : term))
  await walks(t, { ...DEEP, where: [], sort: up }, 'by_order_1', [
    ' (k4=? AND k0=?)',
    ' (k4=? AND k0>?)',
    ' (k4>?)',
  ])
  await walks(t, { ...DEEP, where: [], sort: up, after: [null, 5, ''] }, 'by_order_1', [
    ' (k4=? AND k0=?)',
    ' (k4=? AND k0>?)',
    ' (k4>?)',
  ])
  await walks(t, { ...DEEP, where: [], after: [null, 5, ''] }, 'by_order_1', [
    ' (k4=? AND k0=?)',
    ' (k4=? AND k0<?)',
    ' (k4=? AND k0=?)',
  ])
})

t.test(
  'what many have is looked for on the way, what some have is looked up, what few have is sorted',
  async t => {
    const ranges = [' (k4=? AND k0=?', ' (k4=? AND k0<?)', ' (k4=? AND k0=?', ' (k4<?)']
    await walks(t, { where: [tagged('all')], ...DEEP }, 'by_order_1', ranges)
    await walks(t, { where: [tagged('some')], ...DEEP }, 'by_order_1', ranges)
    const text = { words: ['some words'], fields: ['note'] }
    await walks(t, { where: [], text, ...DEEP }, 'by_order_1', ranges)
    const some = await plansOfPage({ where: [tagged('some')], ...DEEP })
    t.ok(some.every(plan => plan.includes('d USING COVERING INDEX by_members_0 (m0=?)')))
    const many = await plansOfPage({ where: [tagged('all')], ...DEEP })
    t.notOk(many.some(plan => plan.includes('by_members_0')))
    const few = await plansOfPage({ where: [tagged('few')], ...DEEP })
    t.equal(few.length, 1)
    t.match(few[0], /by_members_0 \(m0=\?\).* d USING INTEGER PRIMARY KEY .*B-TREE FOR ORDER BY/)
  },
)

t.test('each test that an index has finds few documents by it', async t => {
  const name = documents[7]!.keys.name as string
  for (const [test, index] of [
    [{ owner: 'project_id', eq: 'small 7' }, 'by_owner_0 (o0=?)'],
    [{ key: 'id', is: 'eq', value: 7 }, 'by_order_0 (k0=?)'],
    [{ key: 'id', is: 'lt', value: 7 }, 'by_order_0 (k0<?)'],
    [{ key: 'name', in: [name] }, 'by_order_2 (k2=?)'],
    [{ key: 'made', isNull: true }, 'by_order_1 (k4=?)'],
    [{ address: { prefix: '10.' } }, 'addresses USING PRIMARY KEY (place>? AND place<?)'],
    [{ address: { first: '0a000000', last: '0a0000ff' } }, 'addresses USING PRIMARY KEY (place>? AND place<?)'],
    [{ cells: ['cell-z'] }, 'heads USING PRIMARY KEY (cell=?)'],
    [{ like: 'name', pattern: [{ literal: 'name 77' }, { any: 'more' }] }, 'SCAN json_each'],
    [
      { any: [[{ key: 'id', is: 'eq', value: 7 }], [{ key: 'name', is: 'eq', value: name }]] },
      'COMPOUND QUERY',
    ],
    [{ any: [] }, 'SCAN CONSTANT ROW'],
  ] as const) {
    const [plan, ...more] = await plansOfPage({ where: [test], ...DEEP })
    t.same(more, [])
    t.ok(plan!.includes(index), plan!)
    t.match(plan, /d USING INTEGER PRIMARY KEY/)
  }
  const unindexed: Test[] = [
    { key: 'host', is: 'eq', value: 'host 1' },
    { any: [[{ key: 'id', is: 'eq', value: 7 }], [{ key: 'host', is: 'eq', value: 'host 1' }]] },
    { not: { key: 'id', is: 'eq', value: 7 } },
    { any: Array.from({ length: 101 }, (_, value) => [{ key: 'id', is: 'eq', value }]) },
  ]
  for (const test of unindexed) await walks(t, { where: [test], sort: MADE, limit: 10 }, 'by_order_1', [''])
})

t.test('an owner’s documents in the most usual order are read off an index of their own', async t => {
  const where: Test[] = [{ owner: 'project_id', eq: 'large' }]
  const sort: Term[] = [{ by: 'key', key: 'id', dir: 'desc' }, { by: 'uuid' }]
  const page = { where, sort, limit: 10, after: [1_500, ''] }
  await walks(t, page, 'by_owner_0', [' (o0=? AND k0=?)', ' (o0=? AND k0<?)'])
  const all = await plansOfPage({ ...page, limit: 1_000 })
  t.equal(all.length, 1, 'where all of them are wanted they are sorted')
  t.match(all[0], /by_owner_0 \(o0=\?\).*B-TREE FOR ORDER BY/)
  await walks(t, { ...page, limit: 100 }, 'by_owner_0', [' (o0=? AND k0=?)', ' (o0=? AND k0<?)'])
})

t.test('a rank is looked for before the next', async t => {
  const sort: Term[] = [{ by: 'rank', of: [{ key: 'id', is: 'lt', value: 20 }], dir: 'asc' }, ...MADE]
  const plans = await plansOfPage({ where: [], sort, limit: 10 })
  t.equal(plans.length, 1, 'of the first there are enough')
  t.match(plans[0], /by_order_0 \(k0<\?\)/)
  const both = await plansOfPage({ where: [], sort, limit: 30 })
  t.equal(both.length, 2)
})

t.test('what has no index is scanned and sorted', async t => {
  const [plan] = await plansOfPage({
    where: [],
    sort: [{ by: 'key', key: 'host', dir: 'asc' }, { by: 'uuid' }],
    limit: 10,
  })
  t.match(plan, /SCAN d; USE TEMP B-TREE FOR ORDER BY/)
})

t.test(
  'groups are counted on an index that has all of it, or on few documents, or by looking at all',
  async t => {
    const size: Test = { key: 'size', is: 'eq', value: 1 }
    const planOf = async (
      where: readonly Test[],
      keys: readonly string[],
      text?: IndexQuery['text'],
    ): Promise<string> =>
      (await plansOf(looking => tally(looking, { where, ...(text && { text }) }, keys, 10)))[0]!
    const alone = /SCAN d USING COVERING INDEX by_count_0(?!.*B-TREE FOR GROUP BY)/
    for (const [where, keys] of [
      [[], ['host']],
      [[size, { not: { any: [[size], [{ key: 'host', in: ['x'] }]] } }, { cells: ['cell-a'] }], ['host']],
      [[size], ['host', 'size']],
      [[size], []],
    ] as const)
      t.match(await planOf(where, keys), alone)
    t.match(await planOf([size], ['size']), /SCAN d; /)
    t.match(await planOf([{ like: 'host', pattern: [] }], ['host']), /SCAN d; /)
    t.match(await planOf([], ['host'], { words: ['e'], fields: ['name'] }), /SCAN d; /)
    t.match(await planOf([tagged('few')], ['host']), /by_members_0.*d USING INTEGER PRIMARY KEY/)
    t.match(await planOf([tagged('some')], ['name']), /by_members_0.*d USING INTEGER PRIMARY KEY/)
  },
)
