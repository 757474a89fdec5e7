import t, { type Test } from 'tap'
import { IndexError } from '../../src/errors.js'
import { type Cells, type CellsConfig, openCells, type SearchIndex } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { memoryIndex } from '../../src/testing/memory-index.js'
import { switches } from './fixtures/away.js'
import { fill } from './fixtures/filled-index.js'

const local = await startLocalCells({ cells: 3, cell0: false, instances: [60, 50, 40] })
t.teardown(() => local.stop())
const { only } = switches(local)

/** Sorted by what no cell has an index for. */
const query = {
  scope: 'all',
  sort: ['display_name'],
  limit: 20,
  fields: ['uuid', 'display_name'],
  include: ['tags'],
} as const

/** An index whose every question goes through what a test says. */
const faulty = (index: SearchIndex) => {
  let fault: ((signal: AbortSignal) => Promise<void>) | undefined
  const asked: string[] = []
  const through =
    (name: string, ask: (...given: never[]) => Promise<unknown>) =>
    async (...given: never[]): Promise<unknown> => {
      asked.push(name)
      await fault?.(given.at(-1)! as AbortSignal)
      return ask(...given)
    }
  const proxy = new Proxy(index, {
    get: (target, name: keyof SearchIndex) =>
      name === 'name' || name === 'close' ? target[name] : through(name, target[name] as never),
  })
  return {
    index: proxy,
    asked,
    set: (next: typeof fault): void => {
      fault = next
    },
  }
}

const never = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))

const opened = async (
  t: Test,
  config: Partial<CellsConfig> = {},
): Promise<{ cells: Cells } & ReturnType<typeof faulty>> => {
  const fault = faulty(memoryIndex())
  const cells = await openCells({ apiDatabase: local.apiDatabase!, index: fault.index, ...config })
  t.teardown(() => cells.close())
  await fill(fault.index, local.apiDatabase!)
  return { cells, ...fault }
}

for (const [what, fault] of [
  ['fails', async () => Promise.reject(new IndexError('UNREACHABLE'))],
  ['is busy', async () => Promise.reject(new IndexError('BUSY'))],
  ['hangs', never],
] as const)
  t.test(`an index that ${what}`, async t => {
    const { cells, set, asked } = await opened(t)
    const truth = await cells.instances.list(query, { source: 'cells' })
    t.equal((await cells.instances.list(query)).source, 'index')
    set(fault)
    for (let i = 0; i < 4; i++) {
      const page = await cells.instances.list(query, { deadline: 1_000 })
      t.match(page, { source: 'cells', complete: true })
      t.same(page.items, truth.items, 'the cells answer in its place')
    }
    await t.rejects(cells.instances.list(query, { source: 'index', deadline: 1_000 }), {
      code: 'index-unavailable',
      reason: 'index-down',
    })
    await t.rejects(cells.instances.search({ scope: 'all', text: 'web' }, { deadline: 1_000 }), {
      code: 'index-unavailable',
    })
    const before = asked.length
    await cells.instances.list(query)
    t.equal(asked.length, before, 'it is left alone')
  })

t.test('an index that answers again is asked again', async t => {
  const { cells, set } = await opened(t)
  set(async () => Promise.reject(new IndexError('UNREACHABLE')))
  for (let i = 0; i < 4; i++) await cells.instances.list(query)
  set(undefined)
  let page = await cells.instances.list(query)
  while (page.source === 'cells') page = await cells.instances.list(query)
  t.same(page.items, (await cells.instances.list(query, { source: 'cells' })).items)
})

t.test('the records of a cell that is down come from the index', async t => {
  const { cells } = await opened(t, { breaker: false })
  const truth: unknown[] = []
  for await (const { items } of cells.instances.pages(query, { source: 'cells' })) truth.push(...items)
  await only(['cell2'])
  const found: unknown[] = []
  let old = 0
  for await (const page of cells.instances.pages(query, { downCells: 'stub' })) {
    t.match(page, { source: 'index', complete: false, missed: null })
    t.match(
      page.cells.find(({ name }) => name === 'cell2'),
      { state: 'failed', asOf: /^\d{4}-.*\d{6}Z$/ },
    )
    for (const { asOf, ...item } of page.items) {
      t.equal(asOf !== undefined, item.cell.name === 'cell2', 'each says for itself how old it is')
      if (asOf !== undefined) old++
      found.push(item)
    }
  }
  t.same(found, truth)
  t.ok(old > 10, `${old} of a cell that is down`)
  await only([])
})

t.test('what only the cells can say', async t => {
  const { cells } = await opened(t)
  const regexp = { ...query, filters: { display_name: { regexp: '^w' } } } as const
  t.equal((await cells.instances.list(regexp)).source, 'cells')
  await t.rejects(cells.instances.list(regexp, { source: 'index' }), {
    code: 'index-unavailable',
    reason: 'unserved',
    unserved: ['display_name regexp'],
  })
  await t.rejects(cells.instances.list({ ...query, include: ['pci_devices'] }, { source: 'index' }), {
    code: 'index-unavailable',
    unserved: ['pci_devices'],
  })
  t.match(await cells.instances.explain(regexp), {
    decision: { from: 'cells', reason: 'unserved', unserved: ['display_name regexp'] },
  })
  t.match(await cells.instances.explain(query), {
    decision: { from: 'index', overlay: true, reason: 'cells-are-slow' },
  })
  t.match(await cells.instances.explain({ scope: 'all' }), {
    decision: { from: 'cells', reason: 'cells-are-cheap' },
  })
  // One of several conditions is as dear as the dearest of them.
  t.match(await cells.instances.explain({ scope: 'all', filters: { not_tags: ['blue', 'red'] } }), {
    decision: { from: 'index', overlay: true, reason: 'cells-are-slow' },
  })
  const only = { source: 'index' } as const
  const refused = { code: 'invalid-option', path: '/source' }
  await t.rejects(cells.instances.get('x', { scope: 'all' }, only), refused)
  await t.rejects(cells.instances.catchUp({ scope: 'all', cursor: 'x' }, only), refused)
  t.throws(() => cells.instances.iterate({ scope: 'all' }, only), refused)
})

t.test('without an index', async t => {
  const cells = await openCells({ apiDatabase: local.apiDatabase! })
  t.teardown(() => cells.close())
  t.equal((await cells.instances.list(query)).source, 'cells')
  await t.rejects(cells.instances.list(query, { source: 'index' }), {
    code: 'index-unavailable',
    reason: 'no-index',
  })
  await t.rejects(cells.instances.search({ scope: 'all' }), { code: 'index-unavailable', reason: 'no-index' })
  await t.rejects(cells.instances.count({ scope: 'all' }, { source: 'index' }), {
    code: 'index-unavailable',
    reason: 'no-index',
  })
})

t.test('an index with nothing in it', async t => {
  const cells = await openCells({ apiDatabase: local.apiDatabase!, index: memoryIndex() })
  t.teardown(() => cells.close())
  t.equal((await cells.instances.list(query)).source, 'cells')
  await t.rejects(cells.instances.search({ scope: 'all' }), {
    code: 'index-unavailable',
    reason: 'index-empty',
  })
})

t.test('cursors and markers are good for both', async t => {
  const { cells } = await opened(t)
  const truth = (await cells.instances.list({ ...query, limit: 60 }, { source: 'cells' })).items
  for (const [first, second] of [
    ['index', 'cells'],
    ['cells', 'index'],
    ['index', 'index'],
  ] as const) {
    const one = await cells.instances.list(query, { source: first })
    const two = await cells.instances.list({ ...query, cursor: one.next! }, { source: second })
    t.equal(two.source, second)
    t.same([...one.items, ...two.items], truth.slice(0, 40), `${first}, then ${second}`)
    const marker = truth[29]!.uuid
    const three = await cells.instances.list({ ...query, marker }, { source: second })
    t.same(three.items, truth.slice(30, 50), `behind a marker, ${second}`)
  }
  const none = '00000000-0000-4000-8000-000000000000'
  await t.rejects(cells.instances.list({ ...query, marker: none }, { source: 'index' }), {
    code: 'index-unavailable',
  })
  await t.rejects(cells.instances.list({ ...query, marker: none }), { code: 'marker-not-found' })
})

t.test('counts', async t => {
  const { cells } = await opened(t)
  for (const group_by of [[], ['vm_state'], ['display_name'], ['vm_state', 'locked_by']] as const) {
    const counted = { scope: 'all', filters: { deleted: 'any' }, group_by } as const
    const truth = await cells.instances.count(counted, { source: 'cells' })
    const found = await cells.instances.count(counted, { source: 'index' })
    t.equal(found.source, 'index')
    t.equal(found.count, truth.count)
    const shape = (groups: readonly { count: number }[]): string[] =>
      groups.map(group => JSON.stringify(group).toLowerCase()).sort()
    t.equal(found.groups.length, truth.groups.length)
    if (!(group_by as readonly string[]).includes('display_name'))
      t.same(shape(found.groups), shape(truth.groups))
  }
})

t.test('an index that holds what is not understood', async t => {
  const index = memoryIndex()
  const { signal } = new AbortController()
  const shape = { keys: {}, owners: [], members: [], texts: [], orders: [] }
  for (const layout of ['{', 'null', '{"form":0}', '{"form":1,"resource":"things"}']) {
    const generation = await index.create(shape, layout, false, signal)
    await index.finish(generation, signal)
    await index.switchTo(generation, signal)
    const cells = await openCells({ apiDatabase: local.apiDatabase!, index })
    t.equal((await cells.instances.list(query)).source, 'cells', layout)
    await t.rejects(cells.instances.search({ scope: 'all' }), {
      code: 'index-unavailable',
      reason: 'index-empty',
    })
  }
})

t.test('an index that does not say how new it is', async t => {
  for (const value of ['{', '{}', '{"asOf":"x"}']) {
    const { cells, index } = await opened(t)
    const { signal } = new AbortController()
    const [generation] = await index.generations(signal)
    for (const [key, { revision }] of await index.notes(generation!.name, 'as-of ', signal))
      await index.setNote(generation!.name, key, { value, revision }, signal)
    const other = await openCells({ apiDatabase: local.apiDatabase!, index })
    t.equal((await other.instances.list(query)).source, 'cells', value)
    const page = await other.instances.list(query, { source: 'index' })
    t.same(page.items, (await cells.instances.list(query, { source: 'cells' })).items)
    t.notOk(page.cells.some(({ asOf }) => asOf))
  }
})

t.test('more has changed than an overlay takes', async t => {
  const { cells } = await opened(t)
  const now = 'UTC_TIMESTAMP()'
  const rows = Array.from(
    { length: 2_001 },
    (_, i) =>
      `('90000000-0000-4000-8000-${String(i).padStart(12, '0')}', ${now}, ${now}, 'many', 'x', 'active', 1, 0, 0, 0)`,
  )
  await local.query(
    'cell1',
    `INSERT INTO instances (uuid, created_at, updated_at, project_id, display_name, vm_state, deleted, hidden, locked, progress)
     VALUES ${rows.join(', ')}`,
  )
  const page = await cells.instances.list(query)
  t.equal(page.source, 'cells')
  t.equal(
    (await cells.instances.list({ ...query, scope: { project_id: 'other' } })).source,
    'index',
    'of another tenant',
  )
  await local.query('cell1', `DELETE FROM instances WHERE project_id = 'many'`)
})

t.test('a cursor of another order', async t => {
  const cursorSecrets = ['one of sixteen characters']
  const { cells, index } = await opened(t, { cursorSecrets })
  const { next } = await cells.instances.list(query, { source: 'index' })
  const search = { scope: 'all', sort: ['display_name'], limit: 3 } as const
  const found = await cells.instances.search(search)
  const { signal } = new AbortController()
  const [current] = await index.generations(signal)
  const other = await index.create(
    { keys: { cell: 'text' }, owners: [], members: [], texts: [], orders: [] },
    current!.layout
      .replaceAll('utf8mb3_general_ci', 'latin1_swedish_ci')
      .replaceAll('utf8_general_ci', 'latin1_swedish_ci'),
    false,
    signal,
  )
  await index.finish(other, signal)
  await index.switchTo(other, signal)
  const again = await openCells({
    apiDatabase: local.apiDatabase!,
    index,
    cursorSecrets,
  })
  t.teardown(() => again.close())
  await t.rejects(again.instances.list({ ...query, cursor: next! }, { source: 'index' }), {
    code: 'index-unavailable',
  })
  await t.rejects(again.instances.search({ ...search, cursor: found.next! }), { code: 'index-unavailable' })
})

t.test('what the index refuses, the cells answer, and it is asked again', async t => {
  const { cells, set, asked } = await opened(t)
  set(async () => Promise.reject(new IndexError('REFUSED')))
  for (let i = 0; i < 5; i++) t.equal((await cells.instances.list(query)).source, 'cells')
  t.ok(asked.filter(name => name === 'generations').length >= 5)
  await t.rejects(cells.instances.count({ scope: 'all' }, { source: 'index' }), { code: 'index-unavailable' })
  const reason = new Error('enough')
  const controller = new AbortController()
  set(async () => controller.abort(reason))
  await t.rejects(cells.instances.list(query, { signal: controller.signal }), { message: 'enough' })
})
