import t from 'tap'
import { defineResource, migrations, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'

const local = await startLocalCells({ cells: 2, cell0: false })
t.teardown(() => local.stop())
const cells = await openCells({ apiDatabase: local.apiDatabase! })
t.teardown(() => cells.close())
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

t.test('migrations: one list over all cells, with Nova’s filters', async t => {
  const insert = (cell: string, n: number, values: object) => {
    const row = {
      uuid: uuid(n),
      status: 'done',
      hidden: 0,
      deleted: 0,
      created_at: `2026-01-0${n} 00:00:00`,
      ...values,
    }
    return local.query(
      cell,
      `INSERT INTO migrations (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row)
        .map(() => '?')
        .join(', ')})`,
      Object.values(row),
    )
  }
  await insert('cell1', 1, {
    source_compute: 'h1',
    dest_compute: 'h2',
    migration_type: 'resize',
    project_id: 'p1',
  })
  await insert('cell2', 2, {
    source_compute: 'h3',
    dest_compute: 'h1',
    migration_type: 'live-migration',
    memory_total: '9007199254740993',
  })
  await insert('cell1', 3, { source_compute: 'h3', dest_compute: 'h4', status: 'error', hidden: 1 })
  await insert('cell2', 4, { source_compute: 'h1', dest_compute: 'h2', deleted: 4 })
  const numbers = async (query: object) => {
    const page = await cells.migrations.list({ scope: 'all', ...query })
    t.ok(page.complete)
    return page.items.map(item => Number(item.uuid!.slice(-2)))
  }
  t.same(await numbers({}), [3, 2, 1], 'newest first; hidden ones show, as in Nova')
  t.same(await numbers({ filters: { hidden: false } }), [2, 1])
  t.same(await numbers({ filters: { hidden: true } }), [3])
  t.same(await numbers({ filters: { deleted: true } }), [4])
  t.same(await numbers({ filters: { deleted: 'any' }, sort: ['id:asc', 'created_at'] }), [1, 2, 3, 4])
  t.same(await numbers({ filters: { host: 'h1' } }), [2, 1], 'at either end')
  t.same(await numbers({ filters: { host: ['h2', 'h4'] } }), [3, 1])
  t.same(await numbers({ filters: { migration_type: 'resize' } }), [1])
  t.same(await numbers({ filters: { status: ['error', 'failed'] } }), [3])
  t.same(await numbers({ scope: { project_id: 'p1' } }), [1])
  t.same(await numbers({ sort: ['migration_type:desc'] }), [2, 1, 3], 'by ordinal, NULL last')
  t.same(await numbers({ marker: uuid(3) }), [2, 1])
  const one = await cells.migrations.get(uuid(2), { scope: 'all', fields: ['memory_total'] })
  t.equal(one?.memory_total, '9007199254740993')
})

t.test('services and hypervisors are for administrators', async t => {
  for (const [cell, host, n] of [
    ['cell1', 'b', 1],
    ['cell2', 'a', 2],
  ] as const) {
    await local.query(
      cell,
      'INSERT INTO services (uuid, host, `binary`, report_count, disabled, deleted) VALUES (?, ?, ?, 0, 0, 0)',
      [uuid(n), host, 'nova-compute'],
    )
    await local.query(
      cell,
      `INSERT INTO compute_nodes (uuid, host, vcpus, memory_mb, local_gb, vcpus_used, memory_mb_used, local_gb_used, hypervisor_type, hypervisor_version, cpu_info, deleted, ram_allocation_ratio)
       VALUES (?, ?, 8, 1024, 10, 2, 512, 1, 'QEMU', 1, '', 0, 1.5)`,
      [uuid(n), host],
    )
  }
  const { items } = await cells.services.list({ scope: 'all', sort: ['host'], fields: ['host', 'disabled'] })
  t.same(
    items.map(item => [item.host, item.disabled, item.cell.name]),
    [
      ['a', false, 'cell2'],
      ['b', false, 'cell1'],
    ],
  )
  const nodes = await cells.computeNodes.list({ scope: 'all', sort: ['memory_mb', 'host:desc'] })
  t.same(
    nodes.items.map(item => [item.host, item.ram_allocation_ratio]),
    [
      ['b', 1.5],
      ['a', 1.5],
    ],
  )
  await t.rejects(cells.services.list({ scope: { project_id: 'p' } }), {
    code: 'invalid-scope',
    expected: /^'all'$/,
  } as never)
})

t.test('the same resource has the same lister', async t => {
  t.equal(cells.of(migrations), cells.migrations)
  const own = defineResource({
    name: 'own',
    table: 'tags',
    id: 'n',
    uuid: 'resource_id',
    columns: { n: { kind: 'int' }, resource_id: { kind: 'text' } },
    sortKeys: ['n'],
  })
  t.equal(cells.of(own), cells.of(own))
  const page = await cells.of(own).list({ scope: 'all' })
  t.same(
    page.cells.map(cell => cell.error?.reason),
    ['ER_BAD_FIELD_ERROR', 'ER_BAD_FIELD_ERROR'],
  )
})
