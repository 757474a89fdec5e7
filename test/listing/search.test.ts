import t from 'tap'
import { openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { memoryIndex } from '../../src/testing/memory-index.js'
import { fill } from './fixtures/filled-index.js'

const local = await startLocalCells({ cells: 2, cell0: false, instances: [40, 30] })
t.teardown(() => local.stop())

/** Names of a tenant's own, in two cells, and another tenant's that are alike. */
const OWN = ['web', 'web-1', 'my web', 'cobweb', 'Wéb-2', 'db "web"', 'w%b', '*?[web]', 'WEB AND db', 'mail']
const rows: { uuid: string; name: string; project: string; cell: string; host: string }[] = []
for (const [project, names] of [
  ['mine', OWN],
  ['theirs', [...OWN, 'theirs-alone']],
] as const)
  for (const [i, name] of names.entries()) {
    const cell = i % 2 === 0 ? 'cell1' : 'cell2'
    const uuid = `${project === 'mine' ? '1' : '2'}0000000-0000-4000-8000-${String(i).padStart(12, '0')}`
    rows.push({ uuid, name, project, cell, host: `host-of-${project}` })
    await local.query(
      cell,
      `INSERT INTO instances (created_at, uuid, project_id, user_id, display_name, host, vm_state, deleted, hidden, locked, progress)
       VALUES ('2026-01-01 00:00:00', ?, ?, 'u', ?, ?, ?, 0, 0, 0, 0)`,
      [uuid, project, name, `host-of-${project}`, i === 3 ? 'error' : 'active'],
    )
    await local.query(cell, 'INSERT INTO tags (resource_id, tag) VALUES (?, ?)', [uuid, `tag-${i}`])
    await local.query(
      cell,
      'INSERT INTO instance_metadata (instance_uuid, `key`, value, deleted) VALUES (?, ?, ?, 0)',
      [uuid, 'owner', `${project}-secret-${i}`],
    )
    await local.query(
      'api',
      `INSERT INTO instance_mappings (created_at, instance_uuid, cell_id, project_id, queued_for_delete)
       SELECT '2026-01-01 00:00:00', ?, id, ?, 0 FROM cell_mappings WHERE name = ?`,
      [uuid, project, cell],
    )
  }
const index = memoryIndex()
const cells = await openCells({ apiDatabase: local.apiDatabase!, index })
t.teardown(() => cells.close())
await fill(index, local.apiDatabase!)

const mine = { scope: { project_id: 'mine' }, fields: ['display_name'] } as const
const names = async (text: string, more: object = {}): Promise<string[]> =>
  (await cells.instances.search({ ...mine, text, ...more })).items.map(({ display_name }) => display_name!)

t.test('words are found wherever they stand, and as they are', async t => {
  const all = async (text: string): Promise<string[]> => (await names(text)).sort()
  const sorted = (...some: string[]): string[] => some.sort()
  t.same(
    await all('web'),
    sorted('web', 'web-1', 'my web', 'cobweb', 'Wéb-2', 'db "web"', '*?[web]', 'WEB AND db'),
  )
  t.same(await all('db web'), sorted('db "web"', 'WEB AND db'), 'each of the words')
  t.same(await all('"my web"'), ['my web'], 'what stands in quotes is one')
  t.same(await all('w%b'), ['w%b'])
  t.same(await all('*?['), ['*?[web]'])
  t.same(await all('AND'), ['WEB AND db'])
  t.same(await all('we'), await all('web'), 'short words, too')
  t.same(await all('tag-4'), ['Wéb-2'], 'tags')
  t.same(await all('mine-secret-5'), ['db "web"'], 'metadata')
  t.same(await all('mine-secret-5 web db'), ['db "web"'], 'each word in another field')
  t.same(await all('nothing'), [])
  t.same((await all('')).length, OWN.length)
})

t.test('what fits best comes first', async t => {
  t.same(
    (await names('web', { sort: 'relevance' })).slice(0, 3),
    ['web', 'WEB AND db', 'Wéb-2'],
    'called so; then called nearly so, the newest first',
  )
  t.same((await names('web', { sort: ['display_name'] })).at(0), '*?[web]', 'or by any order')
})

t.test('pages', async t => {
  for (const sort of ['relevance', ['display_name:desc'], undefined] as const) {
    const whole = await names('web', { ...(sort && { sort }) })
    for (const limit of [1, 3, 8, 9]) {
      const query = { ...mine, text: 'web', limit, ...(sort && { sort }) } as const
      const found: string[] = []
      let cursor: string | undefined
      do {
        const page = await cells.instances.search({ ...query, ...(cursor && { cursor }) })
        found.push(...page.items.map(({ display_name }) => display_name!))
        t.ok(page.items.length <= limit)
        cursor = page.next ?? undefined
      } while (cursor)
      t.same(found, whole, `${limit} at a time`)
    }
  }
  const { next } = await cells.instances.search({ ...mine, text: 'web', limit: 1 })
  await t.rejects(cells.instances.search({ ...mine, text: 'mail', cursor: next! }), { code: 'invalid-cursor' })
  await t.rejects(cells.instances.list({ ...mine, cursor: next! }), { code: 'invalid-cursor' })
  await t.rejects(cells.instances.search({ scope: { project_id: 'theirs' }, text: 'web', cursor: next! }), {
    code: 'invalid-cursor',
  })
})

t.test('facets count all that is found, not the page', async t => {
  const { facets } = await cells.instances.search({
    ...mine,
    text: 'web',
    limit: 1,
    facets: ['vm_state', 'cell'],
  })
  t.same(facets.vm_state, [
    { value: 'active', count: 7 },
    { value: 'error', count: 1 },
  ])
  const own = rows.filter(({ project, name }) => project === 'mine' && /w[eé]b/i.test(name))
  const of = (cell: string) => ({
    value: local.cells.find(({ name }) => name === cell)!.uuid,
    count: own.filter(row => row.cell === cell).length,
  })
  t.same(
    facets.cell,
    [of('cell1'), of('cell2')].sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)),
  )
})

t.test('where the words stand', async t => {
  const { items } = await cells.instances.search({ ...mine, text: 'wéb we', highlight: true, limit: 100 })
  for (const { display_name, highlights } of items) {
    const { text, marks } = highlights!.display_name![0]!
    t.equal(text, display_name)
    t.match(
      marks.map(([from, to]) => text.slice(from, to)),
      [/^w[eé]b$/i],
    )
  }
})

t.test('nothing of another tenant can be fished for', async t => {
  const of = (scope: object, text: string) =>
    cells.instances.search({ scope, text, facets: ['display_name', 'vm_state'], highlight: true } as never)
  for (const text of [
    'theirs',
    'theirs-alone',
    'theirs-secret-3',
    'host-of',
    'host-of-theirs',
    'theirs-alone web',
  ]) {
    const said = await of({ project_id: 'mine' }, text)
    const none = await of({ project_id: 'mine' }, 'no such thing at all')
    t.same({ ...said, cells: 0 }, { ...none, cells: 0 }, `${text} is as nothing`)
  }
  t.equal((await cells.instances.search({ scope: 'all', text: 'host-of-theirs' })).items.length, OWN.length + 1)
  for (const facet of ['host', 'node', 'project_id', 'user_id'] as const)
    await t.rejects(cells.instances.search({ ...mine, facets: [facet] }), {
      code: 'invalid-option',
      path: '/facets/0',
    })
  await t.resolves(cells.instances.search({ scope: 'all', facets: ['host'] }))
  const { facets } = await cells.instances.search({ ...mine, facets: ['display_name'] })
  t.notOk(facets.display_name.some(({ value }) => value === 'theirs-alone'))
  const marker = rows.find(({ project }) => project === 'theirs')!.uuid
  await t.rejects(cells.instances.list({ ...mine, marker, sort: ['display_name'] }), {
    code: 'marker-not-found',
  })
})

t.test('what is wrong is said', async t => {
  const search = (query: object) => cells.instances.search({ scope: 'all', ...query } as never)
  await t.rejects(search({ text: 7 }), { code: 'invalid-option', path: '/text' })
  await t.rejects(search({ text: 'x'.repeat(256) }), { code: 'invalid-option', path: '/text' })
  await t.rejects(search({ text: 'a b c d e f g h i j k' }), { code: 'invalid-option', path: '/text' })
  await t.rejects(search({ facets: ['user_data'] }), { code: 'invalid-option', path: '/facets/0' })
  await t.rejects(search({ highlight: 1 }), { code: 'invalid-option', path: '/highlight' })
  await t.rejects(search({ marker: 'x' }), { code: 'unknown-option', path: '/marker' })
  await t.rejects(search({ sort: 'best' }), { code: 'invalid-sort' })
  const relevance = { scope: 'all', sort: 'relevance' } as never
  await t.rejects(cells.instances.list(relevance), { code: 'invalid-sort' })
  await t.rejects(cells.instances.explain(relevance), { code: 'invalid-sort' })
  await t.rejects(search({ filters: { display_name: { regexp: 'x' } } }), {
    code: 'index-unavailable',
    reason: 'unserved',
  })
  await t.rejects(cells.instances.list({ scope: 'all', text: 'x' } as never), {
    code: 'unknown-option',
    path: '/text',
  })
  t.equal((cells.migrations as unknown as Record<string, unknown>).search, undefined, 'no index keeps these')
})

t.test('how old it may be', async t => {
  await t.rejects(cells.instances.search({ scope: 'all' }, { maxStaleness: 0 }), {
    code: 'index-unavailable',
    reason: 'index-stale',
  })
  const page = await cells.instances.search({ scope: 'all' }, { maxStaleness: 3_600_000 })
  for (const { asOf } of page.cells.filter(({ name }) => name !== 'nova_api')) t.match(asOf, /Z$/)
})
