import t, { type Test } from 'tap'
import { type Cells, type CellsConfig, observe, openCells, type SearchIndex } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { memoryIndex } from '../../src/testing/memory-index.js'
import { switches } from './fixtures/away.js'
import { fill } from './fixtures/filled-index.js'

const local = await startLocalCells({ cells: 3, cell0: false, instances: [40, 30, 20] })
t.teardown(() => local.stop())
const { only } = switches(local)
const { signal } = new AbortController()

const query = { scope: 'all', sort: ['display_name'], limit: 20, fields: ['uuid', 'display_name'] } as const
const counted = { scope: 'all', group_by: ['vm_state'] } as const

// A copy that is not, or no longer, the current one.
const [[columns]] = (await local.query(
  'cell1',
  `SELECT GROUP_CONCAT(COLUMN_NAME) FROM information_schema.COLUMNS
   WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'instances' AND COLUMN_NAME NOT IN ('id', 'hidden', 'deleted', 'display_name')`,
)) as [[string]]
await local.query(
  'cell2',
  `INSERT INTO instances (${columns}, hidden, deleted, display_name) SELECT ${columns}, 0, 0, 'the copy' FROM nova_cell1.instances ORDER BY id LIMIT 1`,
)
await local.query(
  'cell1',
  `UPDATE instances SET hidden = 0, deleted = 0, vm_state = 'active', display_name = 'the copy' ORDER BY id LIMIT 1`,
)
await local.query('cell2', `UPDATE instances SET vm_state = 'active' WHERE display_name = 'the copy'`)
// A document that nobody can read.
await local.query('cell3', `UPDATE instance_info_caches SET network_info = '{' WHERE deleted = 0`)

const given = local.cells.map(({ uuid, name }) => ({
  uuid,
  name,
  database: local.server(name).url(`nova_${name}`),
}))

const opened = async (
  t: Test,
  config: Partial<CellsConfig> = {},
): Promise<{ readonly cells: Cells; readonly index: SearchIndex }> => {
  const index = config.index ?? memoryIndex()
  const { cells: own, ...rest } = config
  const cells = await openCells({
    ...(own ? { cells: own } : { apiDatabase: local.apiDatabase! }),
    index,
    ...rest,
  })
  t.teardown(() => cells.close())
  await fill(index, local.apiDatabase!)
  return { cells, index }
}

/** An index some of whose answers are others. */
const instead = (index: SearchIndex, changes: Partial<SearchIndex>): SearchIndex => ({ ...index, ...changes })

/** One more generation that answers, without documents, whose layout is another one. */
const laidOut = async (index: SearchIndex, change: (layout: string) => string): Promise<void> => {
  const [before] = (await index.generations(signal)).filter(({ current }) => current)
  const keys = { cell: 'text', display_name: 'text', id: 'number' } as const
  const shape = { keys, owners: ['project_id', 'user_id'], members: [], texts: [], orders: [] }
  const made = await index.create(shape, change(before!.layout), false, signal)
  for (const [key, { value }] of await index.notes(before!.name, 'as-of ', signal))
    await index.setNote(made, key, { value, revision: 0 }, signal)
  await index.finish(made, signal)
  await index.switchTo(made, signal)
}

t.test('who watches is told that the index answered', async t => {
  const { cells } = await opened(t)
  const sources: string[] = []
  t.teardown(
    observe({
      'crosscell:request:end': ({ source, request }) => {
        sources.push(`${request.verb} ${source}`)
      },
    }),
  )
  await cells.instances.list(query)
  await cells.instances.list({ scope: 'all' })
  await cells.instances.search({ scope: 'all', text: 'web' })
  await cells.instances.count(counted, { source: 'index' })
  t.same(sources, ['list index', 'list cells', 'search index', 'count index'])
})

t.test('an instance that is in two cells comes once', async t => {
  const { cells } = await opened(t)
  const { items } = await cells.instances.search({ scope: 'all', text: '"the copy"' })
  t.same(
    items.map(({ cell }) => cell.name),
    ['cell1'],
  )
  const copies = { ...query, filters: { display_name: 'the copy' } } as const
  t.equal((await cells.instances.list(copies, { source: 'index' })).items.length, 1)
})

t.test('what can’t be read is null, and said', async t => {
  const { cells } = await opened(t)
  const asked = { ...query, limit: 100, include: ['addresses', 'tags'] } as const
  const truth = await cells.instances.list(asked, { source: 'cells' })
  for (const source of ['auto', 'index'] as const) {
    const page = await cells.instances.list(asked, { source })
    t.equal(page.source, 'index')
    t.same(page.items, truth.items)
    t.ok(page.items.some(({ undecodable }) => undecodable?.includes('addresses')))
    const unread = ({ cells }: typeof page): unknown =>
      cells.map(({ name, undecodable = 0 }) => [name, undecodable])
    t.same(unread(page), unread(truth))
  }
})

t.test('a column that the index can’t compare', async t => {
  const { cells, index } = await opened(t)
  await laidOut(index, layout => layout.replace(/"display_name":\d+,?/, ''))
  const { cells: other } = {
    cells: await openCells({
      apiDatabase: local.apiDatabase!,
      index: instead(index, { close: async () => {} }),
    }),
  }
  t.teardown(() => other.close())
  await t.rejects(other.instances.list(query, { source: 'index' }), {
    code: 'index-unavailable',
    unserved: ['sort'],
  })
  t.equal((await other.instances.list(query)).source, 'cells')
  await t.rejects(other.instances.count({ scope: 'all', group_by: ['display_name'] }, { source: 'index' }), {
    code: 'index-unavailable',
    unserved: ['display_name'],
  })
  const options = { maxStaleness: 3_600_000 }
  t.equal((await other.instances.count({ scope: 'all', group_by: ['display_name'] }, options)).source, 'cells')
  t.same((await other.instances.search({ scope: 'all', text: 'web', sort: 'relevance' })).items, [])
  t.ok(cells)
})

t.test('cells that compare otherwise than when the index was filled', async t => {
  const { index } = await opened(t)
  await laidOut(index, layout => layout.replace(/"collation":"[^"]*"/g, '"collation":"latin1_swedish_ci"'))
  const cells = await openCells({
    apiDatabase: local.apiDatabase!,
    index: instead(index, { close: async () => {} }),
  })
  t.teardown(() => cells.close())
  t.equal((await cells.instances.list(query)).source, 'cells')
})

t.test('more values than anybody looks at', async t => {
  const many = Array.from({ length: 10_001 }, (_, i) => ({
    values: [`${i}`],
    count: 1,
    record: '{"c":[],"r":{}}',
  }))
  const index = memoryIndex()
  const { cells } = await opened(t, { index: instead(index, { tally: async () => many }) })
  const tooMany = { code: 'too-many-groups', limit: 10_000 }
  await t.rejects(cells.instances.search({ scope: 'all', facets: ['host'] }), tooMany)
  await t.rejects(cells.instances.count(counted, { source: 'index' }), tooMany)
})

t.test('a count that the index can’t give', async t => {
  const index = memoryIndex()
  const fails: SearchIndex['tally'] = async (generation, ...rest) => index.tally(`not ${generation}`, ...rest)
  const { cells } = await opened(t, { index: instead(index, { tally: fails }) })
  const truth = await cells.instances.count(counted, { source: 'cells' })
  const found = await cells.instances.count(
    { ...counted, filters: { display_name: { contains: '' } } },
    { maxStaleness: 3_600_000 },
  )
  t.match(found, { source: 'cells', count: truth.count })
  await t.rejects(cells.instances.count(counted, { source: 'index' }), {
    code: 'index-unavailable',
    reason: 'index-down',
  })
  await t.rejects(cells.instances.search({ scope: 'all', facets: ['host'] }), {
    code: 'index-unavailable',
    reason: 'index-down',
  })
})

t.test('cells that are given, without an API database', async t => {
  const { cells } = await opened(t, { cells: given })
  const asked = { ...query, filters: { display_name: { ne: 'the copy' } } } as const
  const truth = await cells.instances.list(asked, { source: 'cells' })
  t.same((await cells.instances.list(asked)).items, truth.items)
  const page = await cells.instances.list(asked, { source: 'index' })
  t.match(page, { source: 'index', complete: true })
  t.same(page.items, truth.items)
  const next = await cells.instances.list({ ...asked, marker: page.items[4]!.uuid }, { source: 'index' })
  t.same(next.items.slice(0, 15), truth.items.slice(5))
  t.equal((await cells.instances.count(counted, { source: 'index' })).source, 'index')
  const found = await cells.instances.search({ scope: 'all', text: 'the copy', limit: 10 })
  t.equal(found.items.length, 2, 'nobody says which copy counts')
  t.match(await cells.instances.list(query, { downCells: 'stub' }), { complete: true })
})

t.test('a cell that is down, and an index that can’t stand for it', async t => {
  const index = memoryIndex()
  let knows = true
  const notes: SearchIndex['notes'] = async (...args) => (knows ? index.notes(...args) : new Map())
  const { cells } = await opened(t, { breaker: false, index: instead(index, { notes }) })
  knows = false
  await only(['cell2'])
  const page = await cells.instances.list({ scope: 'all', limit: 50 }, { downCells: 'stub' })
  t.match(page, { source: 'cells', complete: false })
  t.ok(
    page.items.some(({ stub }) => stub),
    'its mappings do',
  )
  const regexp = { scope: 'all', filters: { display_name: { regexp: '.' } } } as const
  t.match(await cells.instances.list(regexp, { downCells: 'stub' }), { source: 'cells', complete: false })
  await only([])
})
