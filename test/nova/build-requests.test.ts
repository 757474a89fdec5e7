import t from 'tap'
import { openCells } from '../../src/index.js'
import { instances } from '../../src/resources/instances.js'
import { readBuildRequests } from './fixtures/build-requests.js'
import { EVENTS, startCloud } from './fixtures/cloud.js'
import { isReadable } from './fixtures/truth.js'

/** Build requests that a real Nova made, read by crosscell and by that Nova. */
const local = await startCloud()
t.teardown(() => local.stop())
await EVENTS.strange!(local)
const cells = await openCells({ apiDatabase: local.apiDatabase! })
t.teardown(() => cells.close())

const page = await cells.instances.list({
  scope: 'all',
  filters: { uuid: readBuildRequests().map(({ row }) => row.instance_uuid) },
  include: ['tags', 'metadata', 'system_metadata', 'flavor', 'addresses', 'fault'],
})

/** As crosscell gives the value of a column. */
const given = (column: string, value: string | number | null | undefined) => {
  const { kind } = instances.columns[column as 'id']
  if (value === null || value === undefined) return null
  if ((kind as string) === 'bool') return value !== 0
  return (kind as string) === 'time' ? `${String(value).replace(' ', 'T')}Z` : value
}

const columns = Object.keys(instances.columns)
const valuesOf = (row: object) =>
  Object.fromEntries(columns.map(column => [column, (row as Record<string, unknown>)[column]]))

for (const { row, shown, why } of readBuildRequests())
  t.test(`${row.id}: ${why}`, async t => {
    const item = page.items.find(({ uuid }) => uuid === row.instance_uuid)!
    t.same(item.cell, { uuid: 'api', name: 'nova_api' })
    t.same([...item.tags].sort(), [...shown.tags].sort(), 'tags')
    const own = { created_at: row.created_at, updated_at: row.updated_at }
    if (!isReadable(row.instance)) {
      t.same((item as { undecodable?: unknown }).undecodable, ['instance'])
      const { id, instance_uuid: uuid, project_id } = row
      const known: Record<string, string | number | null> = { id, uuid, project_id, ...own }
      const values = valuesOf(item)
      for (const column of columns)
        if (column in known) t.same(values[column], given(column, known[column]), column)
        else t.notOk(values[column], `${column} is not known`)
      return
    }
    t.notOk('undecodable' in item)
    t.same(
      valuesOf(item),
      Object.fromEntries(columns.map(column => [column, given(column, { ...shown.columns, ...own }[column])])),
      'columns',
    )
    t.same(item.metadata, shown.metadata, 'metadata')
    t.same(item.system_metadata, shown.system_metadata, 'system_metadata')
    t.same(item.flavor, shown.flavor, 'flavor')
    t.same(item.addresses, [], 'addresses')
    t.equal(item.fault, null, 'fault')
  })
