import t from 'tap'
import { orderIndex } from '../../src/cells/access-path.js'
import type { SortColumn } from '../../src/cells/key-plan.js'

const indexes = [
  { name: 'PRIMARY', columns: ['id'] },
  { name: 'deleted_created', columns: ['deleted', 'created_at'] },
  { name: 'project', columns: ['project_id', 'deleted'] },
  { name: 'host_node', columns: ['host', 'node', 'deleted'] },
  { name: 'uuid', columns: ['uuid'], unique: true },
]
const keys = (...sort: string[]): SortColumn[] => [
  ...sort.map((key): SortColumn => {
    const [column, dir] = key.split(':') as [string, 'asc' | 'desc']
    return { column, dir, kind: 'int', nullable: true }
  }),
  { column: 'uuid', dir: 'asc', kind: 'text', nullable: false, tieBreak: 'bytes' },
]
const chosen = (sort: SortColumn[], single: string[], selective: string[] = []) =>
  orderIndex(sort, 'id', new Set(single), new Set(selective), { indexes, columns: new Map(), version: '' })

t.test('an index whose first columns are held and whose next are the sort keys', async t => {
  t.equal(chosen(keys('created_at:desc', 'id:desc'), ['deleted']), 'deleted_created')
  t.equal(chosen(keys('created_at:asc', 'id:asc'), ['deleted', 'vm_state']), 'deleted_created')
  t.equal(chosen(keys('id:asc'), []), 'PRIMARY')
  t.equal(chosen(keys('id:asc'), ['deleted', 'created_at']), 'PRIMARY')
})

t.test('a unique one, but not by MariaDB', async t => {
  const sort = keys('uuid:asc', 'id:asc').slice(0, -1)
  const by = (version: string) =>
    orderIndex(sort, 'id', new Set(), new Set(), { indexes, columns: new Map(), version })
  t.equal(by('9.7.4'), 'uuid')
  t.equal(by('10.11.6-MariaDB'), undefined)
})

t.test('none, where none gives the order', async t => {
  t.equal(chosen(keys('created_at:desc', 'id:desc'), []), undefined, 'deleted rows are asked for as well')
  t.equal(chosen(keys('created_at:desc', 'id:asc'), ['deleted']), undefined, 'mixed directions')
  t.equal(chosen(keys('created_at:desc', 'host:desc', 'id:desc'), ['deleted']), undefined)
  t.equal(chosen(keys('display_name:asc', 'id:asc'), ['deleted']), undefined)
  t.equal(chosen(keys('host:asc', 'id:asc'), ['deleted']), undefined, 'node comes between')
})

t.test('none, where a filter may be the shorter way in', async t => {
  t.equal(chosen(keys('created_at:desc', 'id:desc'), ['deleted', 'project_id'], ['project_id']), undefined)
  t.equal(chosen(keys('created_at:desc', 'id:desc'), ['deleted', 'vcpus'], ['vcpus']), 'deleted_created')
})

t.test('an index of held columns alone is in the order of the ids', async t => {
  const held = orderIndex(keys('id:asc'), 'id', new Set(['deleted']), new Set(), {
    indexes: [{ name: 'deleted', columns: ['deleted'] }],
    columns: new Map(),
    version: '',
  })
  t.equal(held, 'deleted')
})
