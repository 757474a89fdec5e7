import t from 'tap'
import { declaredTables } from '../../src/resources/declared.js'
import { defineResource } from '../../src/resources/define-resource.js'
import { instanceActions } from '../../src/resources/instance-actions.js'
import { instances } from '../../src/resources/instances.js'

const NEEDED = { kind: 'text' }

t.test('a resource’s own table, and those of its filters and relations in the cells', async t => {
  const tables = declaredTables(instances)
  t.equal(declaredTables(instances), tables, 'once')
  t.same(
    [...tables].filter(([, { optional }]) => !optional).map(([table]) => table),
    ['instances'],
  )
  t.notOk(tables.has('request_specs'), 'what is in the API database is not in a cell')
  t.match(tables.get('instances')!.columns, { uuid: NEEDED, hidden: { kind: 'bool', default: false } })
  t.same(tables.get('tags')!.columns, { tag: NEEDED, resource_id: NEEDED })
  t.same(tables.get('instance_info_caches')!.columns, {
    network_info: { kind: 'text', nullable: true },
    id: NEEDED,
    instance_uuid: NEEDED,
    deleted: NEEDED,
  })
  t.same([...declaredTables(instanceActions).keys()], ['instance_actions', 'instance_actions_events'])
})

t.test('what one reader needs is needed, whatever others do', async t => {
  const relation = { table: 'parts', column: 'owner', references: 'id' } as const
  const nullable = { kind: 'text', nullable: true } as const
  const things = defineResource({
    name: 'things',
    columns: { id: { kind: 'int' }, uuid: nullable, parent: { kind: 'int', nullable: true } },
    sortKeys: ['id'],
    relations: {
      labels: { shape: 'labels', relation, label: 'name' },
      rows: { shape: 'rows', relation, columns: { name: nullable, size: nullable } },
      children: {
        shape: 'rows',
        relation: { table: 'things', column: 'parent', references: 'id' },
        columns: { uuid: nullable },
      },
    },
  })
  const tables = declaredTables(things)
  t.same(tables.get('parts'), {
    columns: { name: NEEDED, size: nullable, owner: NEEDED, id: NEEDED },
    optional: true,
  })
  t.same(tables.get('things'), { columns: { id: NEEDED, uuid: NEEDED, parent: NEEDED }, optional: false })
})
