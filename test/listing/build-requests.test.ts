import t from 'tap'
import { API_DATABASE, defineResource, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { insertBuildRequest, serialized, type Waiting } from './fixtures/build-requests.js'

const local = await startLocalCells({ cells: 2, cell0: false, instances: [3, 3], seed: 4, servers: 'own' })
t.teardown(() => local.stop())
for (const { name } of local.cells)
  await local.query(
    name,
    `UPDATE instances SET deleted = 0, hidden = 0, vm_state = 'active', project_id = 'mine', user_id = 'me',
     created_at = CONCAT('2024-01-0', id, ' 00:00:00'), display_name = CONCAT('${name}-', id), uuid = CONCAT('${name.slice(-1)}000000', id, '-0000-4000-8000-000000000000')`,
  )
await local.query('api', 'DELETE FROM instance_mappings')
const apiDatabase = local.apiDatabase!
const cells = await openCells({ apiDatabase, breaker: false })
t.teardown(() => cells.close())

const uuid = (n: number) => `b000000${n}-0000-4000-8000-000000000000`
const waiting = (n: number, more: object = {}): Waiting => ({
  uuid: uuid(n),
  project_id: 'mine',
  user_id: 'me',
  created_at: `2024-01-0${n} 12:00:00`,
  vm_state: 'building',
  task_state: 'scheduling',
  display_name: `waiting-${n}`,
  ...more,
})
const clear = async () => {
  await local.query('api', 'DELETE FROM build_requests')
  await local.query('api', 'DELETE FROM instance_mappings')
}
const make = async (...all: Waiting[]) => {
  await clear()
  for (const one of all) await insertBuildRequest(local, one, serialized(one))
}
const mine = { scope: { project_id: 'mine' } } as const
const names = (page: { items: readonly { display_name: string | null }[] }) =>
  page.items.map(item => item.display_name)

t.test('in their place in the order, with where they are', async t => {
  await make(waiting(1), waiting(2, { display_name: 'CELL1-2b' }))
  const page = await cells.instances.list({ ...mine, sort: ['created_at:asc'], limit: 5 })
  t.same(names(page), ['cell1-1', 'cell2-1', 'waiting-1', 'cell1-2', 'cell2-2'])
  const [, , item] = page.items
  t.match(item, {
    uuid: uuid(1),
    vm_state: 'building',
    task_state: 'scheduling',
    host: null,
    hidden: false,
    deleted: 0,
    created_at: '2024-01-01T12:00:00Z',
    cell: API_DATABASE,
  })
  t.notOk('undecodable' in item!)
  t.same(
    page.cells.map(({ name, state, rows }) => [name, state, rows]),
    [
      ['cell1', 'ok', 2],
      ['cell2', 'ok', 2],
      ['nova_api', 'ok', 1],
    ],
  )
  const byName = await cells.instances.list({ ...mine, sort: ['display_name:asc'], fields: ['display_name'] })
  t.same(names(byName), [
    ...['cell1-1', 'cell1-2', 'CELL1-2b', 'cell1-3', 'cell2-1', 'cell2-2', 'cell2-3'],
    'waiting-1',
  ])
})

t.test('another tenant’s do not show, nor serve as markers', async t => {
  await make(waiting(1, { project_id: 'theirs' }), waiting(2, { project_id: 'MINE' }), waiting(3))
  t.same(names(await cells.instances.list({ ...mine, filters: { vm_state: 'building' } })), ['waiting-3'])
  t.same(await cells.instances.get(uuid(1), mine), null)
  await t.rejects(cells.instances.list({ ...mine, marker: uuid(1) }), { code: 'marker-not-found' })
  t.same((await cells.instances.get(uuid(1), { scope: 'all' }))?.display_name, 'waiting-1')
  t.same((await cells.instances.get(uuid(3), { scope: { user_id: 'me' } }))?.cell, API_DATABASE)
  t.same(names(await cells.instances.list({ ...mine, sort: ['created_at:asc'], marker: uuid(3) })), [])
})

t.test('before all cells, as in Nova, with pages in both parts', async t => {
  await make(waiting(1), waiting(2), waiting(3))
  const first = await openCells({ apiDatabase, buildRequests: 'first' })
  t.teardown(() => first.close())
  const want = ['waiting-3', 'waiting-2', 'waiting-1', 'cell1-3', 'cell2-3']
  for (const by of ['cursor', 'marker'])
    for (const limit of [1, 2, 3, 5]) {
      const got: (string | null)[] = []
      // A fresh one has no remembered markers.
      const asked = by === 'marker' ? await openCells({ apiDatabase, buildRequests: 'first' }) : first
      for (let start = {}; got.length < 5; ) {
        const page = await asked.instances.list({ ...mine, ...start, limit })
        got.push(...names(page))
        start = by === 'marker' ? { marker: page.items.at(-1)!.uuid } : { cursor: page.next! }
      }
      if (asked !== first) await asked.close()
      t.same(got.slice(0, 5), want, `${by} ${limit}`)
    }
  const secret = { apiDatabase, cursorSecrets: ['0123456789abcdef'] }
  const one = await openCells({ ...secret, buildRequests: 'first' })
  t.teardown(() => one.close())
  const other = await openCells(secret)
  t.teardown(() => other.close())
  const { next } = await one.instances.list({ ...mine, limit: 1 })
  await t.rejects(other.instances.list({ ...mine, cursor: next! }), { code: 'invalid-cursor' })
})

t.test('not at all, when they are not wanted', async t => {
  await make(waiting(1))
  await insertBuildRequest(local, { uuid: '10000001-0000-4000-8000-000000000000', project_id: 'mine' }, '{}')
  const none = await openCells({ apiDatabase, buildRequests: 'none' })
  t.teardown(() => none.close())
  t.same(names(await none.instances.list({ ...mine, limit: 2, sort: ['created_at:asc'] })), [
    'cell1-1',
    'cell2-1',
  ])
  t.same((await none.instances.count(mine)).count, 6)
})

t.test('one that has just become a row in a cell comes once', async t => {
  const there = waiting(1, { uuid: '10000001-0000-4000-8000-000000000000' })
  await make(there, waiting(2))
  const all = { ...mine, sort: ['created_at:asc'], fields: ['display_name'] } as const
  // The row is there, the mapping names no cell yet: it is a build request still.
  const before = ['cell2-1', 'waiting-1', 'cell1-2', 'cell2-2', 'waiting-2', 'cell1-3', 'cell2-3']
  t.same(names(await cells.instances.list(all)), before)
  t.same((await cells.instances.count(mine)).count, 7)
  const seen: (string | null)[] = []
  for await (const page of cells.instances.pages({ ...all, limit: 1 })) seen.push(...names(page))
  t.same(seen, before)
  t.same((await cells.instances.get(there.uuid, mine))?.display_name, 'waiting-1')
  const fresh = await openCells({ apiDatabase })
  t.teardown(() => fresh.close())
  t.same(names(await fresh.instances.list({ ...all, marker: there.uuid })), before.slice(2))
  // The mapping names the cell, the build request is not gone yet: it is the cell's.
  await local.query(
    'api',
    `UPDATE instance_mappings SET cell_id = (SELECT id FROM cell_mappings WHERE name = 'cell1') WHERE instance_uuid = ?`,
    [there.uuid],
  )
  t.same(names(await cells.instances.list(all)), ['cell1-1', ...before.filter(name => name !== 'waiting-1')])
  t.same((await cells.instances.count(mine)).count, 7)
  t.same((await cells.instances.get(there.uuid, mine))?.display_name, 'cell1-1')
  // Without a build request nothing is known of the row but that it is there.
  await clear()
  t.same((await cells.instances.list(all)).items.length, 6)
})

t.test('one that gets its cell while it is listed comes once', async t => {
  const there = waiting(1, { uuid: '10000003-0000-4000-8000-000000000000' })
  await make(there)
  const rows = cells.instances.iterate({ ...mine, sort: ['created_at:asc'], fields: ['display_name'] })
  const seen: (string | null)[] = []
  for await (const { display_name } of rows) seen.push(display_name)
  t.same(seen, ['cell1-1', 'cell2-1', 'waiting-1', 'cell1-2', 'cell2-2', 'cell2-3'])
})

t.test('what can not be decoded comes with a note, and is counted', async t => {
  await clear()
  const good = waiting(1)
  const documents = [
    serialized(good),
    '{"nova_object.name": "Inst',
    null,
    '[]',
    '"text"',
    serialized(waiting(6), { version: '3.0' }),
    serialized(waiting(7), { version: '2.99' }).replace('Instance', 'Flavor'),
    serialized(waiting(8, { unheard_of: { deep: [1] } }), { version: '2.99' }),
  ]
  for (const [i, document] of documents.entries()) await insertBuildRequest(local, waiting(i + 1), document)
  const page = await cells.instances.list({ ...mine, sort: ['created_at:asc'], filters: { host: null } })
  const found = page.items.filter(({ cell }) => cell.name === 'nova_api')
  t.same(
    found.map(item => [item.uuid, item.display_name, (item as { undecodable?: unknown }).undecodable]),
    [1, 2, 3, 4, 5, 6, 7, 8].map(n => [
      uuid(n),
      n === 1 || n === 8 ? `waiting-${n}` : null,
      n === 1 || n === 8 ? undefined : ['instance'],
    ]),
  )
  t.match(found[1], { project_id: 'mine', created_at: '2024-01-02T12:00:00Z', vm_state: null })
  t.match(page.cells.at(-1), { name: 'nova_api', state: 'ok', rows: 8, undecodable: 6 })
  t.equal(page.complete, true)
})

t.test('tags and metadata, as filters and as relations', async t => {
  await clear()
  const hard = { 'it\'s "quoted" \\ % 😀': 'ünï 😀', role: 'web', empty: '' }
  const one = waiting(1)
  await insertBuildRequest(
    local,
    one,
    serialized(one, { metadata: hard, system: { image_os_distro: 'debian', nothing: null } }),
    ['blue', 'größe'],
  )
  await insertBuildRequest(local, waiting(2), serialized(waiting(2), { metadata: { role: 'db' } }))
  const include = ['tags', 'metadata', 'system_metadata', 'addresses', 'fault'] as const
  for (const filters of [
    { tags: ['blue', 'GRÖßE'] },
    { metadata: hard },
    { system_metadata: { image_os_distro: 'debian' }, vm_state: 'building' },
    { not_tags_any: ['red'], metadata: { role: ['web', 'none'] } },
  ]) {
    const page = await cells.instances.list({ ...mine, filters, include })
    const [item] = page.items.filter(({ cell }) => cell.name === 'nova_api')
    t.equal(item?.uuid, uuid(1), JSON.stringify(page.cells))
    t.same(item?.tags, ['blue', 'größe'])
    t.same(item?.metadata, hard)
    t.same(item?.system_metadata, { image_os_distro: 'debian', nothing: null })
    t.equal(item?.fault, null)
  }
  const { items } = await cells.instances.list({
    ...mine,
    filters: { address: '10.0.0.0/8', vm_state: 'building' },
  })
  t.same(items, [])
})

t.test('an emoji that no cell could hold is shown as it is', async t => {
  await make(waiting(1, { display_name: 'x 😀' }))
  const page = await cells.instances.list({ ...mine, sort: ['display_name:desc'], limit: 1 })
  t.same(names(page), ['x 😀'])
  t.same(names(await cells.instances.list({ ...mine, filters: { display_name: 'X 😀' } })), ['x 😀'])
  const others = ['cell1-1', 'cell1-2', 'cell1-3', 'cell2-1', 'cell2-2', 'cell2-3']
  for (const [name, want] of [
    ['cell1-😀', [...others.slice(0, 3), 'cell1-😀', ...others.slice(3)]],
    ['😀', [...others, '😀']],
  ] as const) {
    await make(waiting(1, { display_name: name }))
    for (const dir of ['asc', 'desc'] as const) {
      const seen: (string | null)[] = []
      const query = { ...mine, sort: [`display_name:${dir}`], limit: 1 } as const
      for await (const page of cells.instances.pages(query)) {
        t.equal(page.complete, true)
        seen.push(...names(page))
      }
      t.same(seen, dir === 'asc' ? want : want.toReversed())
    }
  }
})

t.test('an ENUM sorts by its ordinal there too', async t => {
  await make(
    waiting(1, { locked_by: 'admin' }),
    waiting(2, { locked_by: 'owner' }),
    waiting(3, { locked_by: null }),
  )
  const query = { ...mine, filters: { vm_state: 'building' }, fields: ['display_name', 'locked_by'] } as const
  for (const [sort, want] of [
    ['locked_by:asc', ['waiting-3', 'waiting-2', 'waiting-1']],
    ['locked_by:desc', ['waiting-1', 'waiting-2', 'waiting-3']],
  ] as const) {
    const seen: (string | null)[] = []
    for await (const page of cells.instances.pages({ ...query, sort: [sort], limit: 1 }))
      seen.push(...names(page))
    t.same(seen, want)
  }
  const { groups } = await cells.instances.count({
    ...query,
    fields: undefined,
    group_by: ['locked_by'],
  } as never)
  t.same(groups, [
    { locked_by: null, count: 1 },
    { locked_by: 'owner', count: 1 },
    { locked_by: 'admin', count: 1 },
  ])
})

t.test('a resource of one’s own, over what it wants to know of instances', async t => {
  await make(waiting(1), waiting(2, { vm_state: 'error' }))
  const names = defineResource({
    name: 'instances',
    columns: {
      id: { kind: 'int' },
      uuid: { kind: 'text' },
      display_name: { kind: 'text', nullable: true },
      vm_state: { kind: 'text', nullable: true },
    },
    mapped: 'uuid',
    sortKeys: ['display_name'],
    relations: {
      tags: {
        shape: 'labels',
        relation: { table: 'tags', column: 'resource_id', references: 'uuid' },
        label: 'tag',
      },
    },
  })
  const page = await cells.of(names).list({
    scope: 'all',
    filters: { vm_state: ['building', 'error'] },
    sort: ['display_name:desc'],
    include: ['tags'],
  })
  t.match(page.items, [
    { display_name: 'waiting-2', vm_state: 'error', tags: [], cell: API_DATABASE },
    { display_name: 'waiting-1', vm_state: 'building', tags: [], cell: API_DATABASE },
  ])
})

t.test('they compare by the collation that the cells have', async t => {
  t.teardown(async () => {
    for (const { name } of local.cells)
      await local.query(
        name,
        'ALTER TABLE instances CONVERT TO CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci',
      )
  })
  const sorted = async (collation: string) => {
    for (const { name } of local.cells) {
      await local.query(
        name,
        `ALTER TABLE instances CONVERT TO CHARACTER SET ${collation.split('_')[0]} COLLATE ${collation}`,
      )
      await local.query(
        name,
        `UPDATE instances SET display_name = CONCAT('straße-', id) WHERE uuid LIKE '_000000%'`,
      )
    }
    const other = await openCells({ apiDatabase })
    const seen: (string | null)[] = []
    for await (const page of other.instances.pages({ ...mine, sort: ['display_name', 'id'], limit: 1 })) {
      t.equal(page.complete, true)
      seen.push(...names(page))
    }
    await other.close()
    return seen
  }
  await make(waiting(1, { display_name: 'strasse-1' }), waiting(2, { display_name: 'straße-2b' }))
  const rest = ['straße-2', 'straße-2', 'straße-2b', 'straße-3', 'straße-3']
  // ß is ss there, so that three names are equal; and s here, which comes before ss.
  const [one, two, three, ...others] = await sorted('utf8mb4_unicode_ci')
  t.same([one, two, three].sort(), ['strasse-1', 'straße-1', 'straße-1'])
  t.same(others, rest)
  t.same(await sorted('latin1_german1_ci'), ['straße-1', 'straße-1', ...rest, 'strasse-1'])
})

t.test('a collation that only they can have heard of, and no cell to say so', async t => {
  for (const { name } of local.cells)
    await local.query(name, 'ALTER TABLE instances CONVERT TO CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci')
  const other = await openCells({ apiDatabase })
  t.teardown(() => other.close())
  await local.stopCell('api')
  const page = await other.instances.list({ ...mine, sort: ['display_name'] })
  t.equal(page.items.length, 6)
  t.match(page.cells.at(-1), { name: 'nova_api', state: 'failed' })
  await local.startCell('api')
  for (const { name } of local.cells) {
    await local.query(name, 'ALTER TABLE instances CONVERT TO CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci')
    await local.stopCell(name)
  }
  const fresh = await openCells({ apiDatabase })
  t.teardown(() => fresh.close())
  const alone = await fresh.instances.list({ ...mine, sort: ['display_name'] })
  t.same(names(alone), ['straße-2b', 'strasse-1'], 'in an order of their own, when there are no others')
  t.equal(alone.complete, false)
  for (const { name } of local.cells) await local.startCell(name)
})

t.test('an API database that is down is missed, and said to be', async t => {
  await make(waiting(1))
  t.same((await cells.instances.list(mine)).items.length, 7)
  await local.stopCell('api')
  const page = await cells.instances.list(mine)
  t.equal(page.items.length, 6)
  t.equal(page.complete, false)
  t.match(page.cells.at(-1), { name: 'nova_api', state: 'failed', rows: 0, error: { code: 'cell-failed' } })
  const count = await cells.instances.count(mine)
  t.match([count.count, count.complete], [6, false])
  t.equal((await cells.instances.get('10000001-0000-4000-8000-000000000000', mine))?.cell.name, 'cell1')
  await t.rejects(cells.instances.get(uuid(1), mine), { code: 'cells-unavailable' })
  await t.rejects(cells.instances.list({ ...mine, marker: uuid(1) }), { code: 'cells-unavailable' })
  t.equal((await cells.services.list({ scope: 'all' })).complete, true, 'it has no part in other resources')
  await local.startCell('api')
  t.equal((await cells.instances.list(mine)).complete, true)
})

t.test('an abort while the API database hangs ends the request with its reason', async t => {
  await local.server('api').pause()
  t.teardown(() => local.server('api').resume())
  const controller = new AbortController()
  const reason = new Error('the client went away')
  const got = cells.instances.get(uuid(9), mine, { signal: controller.signal })
  controller.abort(reason)
  await t.rejects(got, reason)
})
