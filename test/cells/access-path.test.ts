import t from 'tap'
import { type HeldColumns, orderIndex, wayIn, waysIn } from '../../src/cells/access-path.js'
import type { SortColumn } from '../../src/cells/key-plan.js'

const indexes = [
  { name: 'PRIMARY', columns: ['id'] },
  { name: 'deleted_created', columns: ['deleted', 'created_at'] },
  { name: 'project_alone', columns: ['project_id'] },
  { name: 'project', columns: ['project_id', 'deleted'] },
  { name: 'host_node', columns: ['host', 'node', 'deleted'] },
  { name: 'uuid', columns: ['uuid'], unique: true },
]
const schema = { indexes, columns: new Map(), version: '10.11.6-MariaDB' }
const keys = (...sort: string[]): SortColumn[] => [
  ...sort.map((key): SortColumn => {
    const [column, dir] = key.split(':') as [string, 'asc' | 'desc']
    return { column, dir, kind: 'int', nullable: true }
  }),
  { column: 'uuid', dir: 'asc', kind: 'text', nullable: false, tieBreak: 'bytes' },
]
const held = (single: string[], selective: string[] = []): HeldColumns => ({
  single: new Set(single),
  selective: new Set(selective),
})
const BY_TIME = keys('created_at:desc', 'id:desc')
const chosen = (sort: SortColumn[], single: string[], selective: string[] = []) =>
  orderIndex(sort, 'id', held(single, selective), schema)
const ways = (sort: SortColumn[], single: string[], selective: string[], version = schema.version) => {
  const { order, filters } = waysIn(sort, 'id', held(single, selective), { ...schema, version })
  return [order?.name, ...filters.map(({ name }) => name)]
}

t.test('an index whose first columns are held and whose next are the sort keys', async t => {
  t.equal(chosen(BY_TIME, ['deleted']), 'deleted_created')
  t.equal(chosen(keys('created_at:asc', 'id:asc'), ['deleted', 'vm_state']), 'deleted_created')
  t.equal(chosen(keys('id:asc'), []), 'PRIMARY')
  t.equal(chosen(keys('id:asc'), ['deleted', 'created_at']), 'PRIMARY')
})

t.test('a unique one, but not by MariaDB', async t => {
  const sort = keys('uuid:asc', 'id:asc').slice(0, -1)
  const by = (version: string) => orderIndex(sort, 'id', held([]), { ...schema, version })
  t.equal(by('9.7.4'), 'uuid')
  t.equal(by('10.11.6-MariaDB'), undefined)
})

t.test('none, where none gives the order', async t => {
  t.equal(chosen(BY_TIME, []), undefined, 'deleted rows are asked for as well')
  t.equal(chosen(keys('created_at:desc', 'id:asc'), ['deleted']), undefined, 'mixed directions')
  t.equal(chosen(keys('created_at:desc', 'host:desc', 'id:desc'), ['deleted']), undefined)
  t.equal(chosen(keys('display_name:asc', 'id:asc'), ['deleted']), undefined)
  t.equal(chosen(keys('host:asc', 'id:asc'), ['deleted']), undefined, 'node comes between')
})

t.test('none, where a filter may be the shorter way in', async t => {
  t.equal(chosen(BY_TIME, ['deleted', 'project_id'], ['project_id']), undefined)
  t.equal(chosen(BY_TIME, ['deleted', 'vcpus'], ['vcpus']), 'deleted_created')
})

t.test('an index of held columns alone is in the order of the ids', async t => {
  const indexes = [{ name: 'deleted', columns: ['deleted'] }]
  t.equal(orderIndex(keys('id:asc'), 'id', held(['deleted']), { ...schema, indexes }), 'deleted')
})

t.test('the ways in: the order, and of each filter the index that holds most', async t => {
  t.same(ways(BY_TIME, ['deleted'], []), ['deleted_created'])
  t.same(ways(BY_TIME, ['deleted', 'project_id'], ['project_id']), ['deleted_created', 'project'])
  t.same(ways(BY_TIME, ['deleted', 'host', 'project_id'], ['host', 'project_id']), [
    'deleted_created',
    'project',
    'host_node',
  ])
  t.same(ways(BY_TIME, ['deleted'], ['host']), ['deleted_created', 'host_node'], 'some hosts')
  t.same(ways(keys('vcpus:asc', 'id:asc'), ['deleted', 'host'], ['host']), [undefined, 'host_node'])
})

t.test('a filter’s own index that gives the order is the only way in by that filter', async t => {
  t.same(ways(keys('id:desc'), ['deleted', 'project_id'], ['project_id']), ['project'])
  t.same(ways(keys('id:desc'), ['deleted', 'project_id', 'host'], ['project_id', 'host']), [
    'project',
    'host_node',
  ])
})

t.test('the server finds unique values by itself; MySQL finds the better way in', async t => {
  t.same(ways(BY_TIME, ['deleted', 'uuid'], ['uuid']), [undefined])
  t.same(ways(BY_TIME, ['deleted', 'id'], ['id']), [undefined])
  t.same(ways(BY_TIME, ['deleted', 'project_id'], ['project_id'], '9.7.4'), [undefined])
  t.same(ways(BY_TIME, ['deleted'], [], '9.7.4'), ['deleted_created'])
})

t.test('what is counted is in no order', async t => {
  t.same(ways(keys('host:asc').slice(0, 1), ['deleted', 'project_id'], ['project_id'])[0], undefined)
})

t.test('the way in that costs least', async t => {
  const two = waysIn(BY_TIME, 'id', held(['deleted', 'project_id'], ['project_id']), schema)
  const by = (found: number, limit: number, all = 50_000) => {
    const { order, filter } = wayIn(
      two,
      new Map([
        ['project', found],
        ['deleted_created', all],
      ]),
      limit,
    )
    return [order?.name, filter?.name]
  }
  const SORTED = [undefined, 'project']
  const WALKED = ['deleted_created', undefined]
  const BOTH = ['deleted_created', 'project']
  for (const [found, limit, expected] of [
    [0, 20, SORTED],
    [300, 20, SORTED],
    [300, 1_000, SORTED],
    [1_500, 20, BOTH],
    [1_500, 121, BOTH],
    [1_500, 1_000, SORTED],
    [5_000, 121, BOTH],
    [10_000, 20, WALKED],
    [10_000, 1_000, BOTH],
    [30_000, 121, WALKED],
    [50_000, Number.POSITIVE_INFINITY, BOTH],
    [300, Number.POSITIVE_INFINITY, SORTED],
  ] as const)
    t.same(by(found, limit), expected, `${limit} of ${found}`)
  t.same(by(0, 20, 0), WALKED, 'an empty table')
  t.same(
    wayIn({ order: undefined, filters: two.filters }, new Map(), 20),
    {},
    'without an order the server chooses',
  )
  t.same(wayIn({ ...two, filters: [] }, new Map(), 20), { order: two.order })
})

t.test('of several filters the one that finds the fewest', async t => {
  const more = waysIn(BY_TIME, 'id', held(['deleted'], ['project_id', 'host']), schema)
  const rows = new Map([...indexes.map(({ name }) => [name, 90_000] as const), ['host_node', 30] as const])
  t.equal(wayIn(more, rows, 100).filter?.name, 'host_node')
})
