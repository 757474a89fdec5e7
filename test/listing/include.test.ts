import t from 'tap'
import { instances, openCells } from '../../src/index.js'
import type { ColumnKind } from '../../src/sql/codec.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { statementsOf } from '../fixtures/statements-of.js'

const local = await startLocalCells({ cells: 2, instances: [20, 500, 300], servers: 'own', seed: 3 })
t.teardown(() => local.stop())
const cells = await openCells({ apiDatabase: local.apiDatabase! })
t.teardown(() => cells.close())

type Raw = string | number | null
const scope = 'all'
const include = Object.keys(instances.relations) as (keyof typeof instances.relations)[]
const everything = { scope, include, filters: { deleted: 'any', hidden: 'any' } } as const

// A migration under way for some, and what is over for all of them.
const FINAL = ['confirmed', 'reverted', 'error', 'failed', 'completed', 'cancelled', 'done']
for (const { name } of local.cells) {
  const migrate = (id: number, status: string, where: string, more = '') =>
    local.query(
      name,
      `INSERT INTO migrations (id, uuid, instance_uuid, status, deleted, hidden, migration_type, memory_total, cross_cell_move, created_at)
       SELECT ${id} * 10000 + id, INSERT(uuid, 1, 4, '${String(id).padStart(4, '0')}'), uuid, ${status}, 0, 0, ELT(1 + id % 4, 'migration', 'resize', 'live-migration', 'evacuation'),
       9007199254740993, id % 2, '2026-02-03 04:05:06' FROM instances WHERE ${where}${more}`,
    )
  await migrate(1, `ELT(1 + id % 7, ${FINAL.map(status => `'${status}'`).join(', ')})`, 'TRUE')
  await migrate(2, "IF(id % 9 = 0, 'finished', 'running')", 'id % 3 = 0')
  await migrate(3, "'post-migrating'", 'id % 6 = 0')
  await migrate(4, "'done'", 'id % 12 = 0')
  await migrate(5, "'running'", 'id % 5 = 0')
  await local.query(name, 'UPDATE migrations SET deleted = id WHERE id BETWEEN 50000 AND 59999')
  await migrate(6, 'NULL', 'id % 7 = 0')
}
// A volume that was detached, and a device that was taken from an instance.
await local.query('cell1', 'UPDATE block_device_mapping SET deleted = id WHERE deleted = 0 AND id % 5 = 0')
await local.query(
  'cell1',
  'UPDATE pci_devices SET deleted = id WHERE instance_uuid IS NOT NULL ORDER BY id LIMIT 1',
)

const decoded = (kind: ColumnKind, value: Raw): unknown => {
  if (value === null) return null
  if (kind === 'time') return `${String(value).replace(' ', 'T')}Z`
  return kind === 'bool' ? value === 1 : kind === 'bigint' ? String(value) : value
}

/** What a cell's table holds for each owner, in the order of ids. */
const truth = async (
  cell: string,
  owner: string,
  columns: Record<string, { kind: ColumnKind }>,
  from: string,
) => {
  const names = Object.keys(columns)
  const of = new Map<Raw, object[]>()
  for (const [uuid, ...values] of (await local.query(
    cell,
    `SELECT ${[owner, ...names.map(name => `r.\`${name}\``)].join(', ')} FROM ${from} ORDER BY r.id`,
  )) as Raw[][]) {
    const record = Object.fromEntries(names.map((name, i) => [name, decoded(columns[name]!.kind, values[i]!)]))
    of.set(uuid!, [...(of.get(uuid!) ?? []), record])
  }
  return (uuid: string) => of.get(uuid) ?? []
}

const { items, complete } = await cells.instances.list(everything)
const of = (cell: string) => items.filter(item => item.cell.name === cell)

t.test('labels and maps are what the side tables hold', async t => {
  t.ok(complete)
  t.equal(items.length, 820)
  for (const { name } of local.cells) {
    const rows = (table: string, columns: string) =>
      local.query(name, `SELECT ${columns} FROM ${table} ORDER BY 1, 2`) as Promise<string[][]>
    const tags = await rows('tags', 'resource_id, tag')
    const metadata = await rows('instance_metadata WHERE deleted = 0', 'instance_uuid, `key`, value')
    const system = await rows('instance_system_metadata', 'instance_uuid, `key`, value')
    for (const item of of(name)) {
      const own = (all: string[][]) => all.filter(([uuid]) => uuid === item.uuid).map(([, ...rest]) => rest)
      t.same(item.tags, own(tags).flat())
      t.same(item.metadata, Object.fromEntries(own(metadata)))
      t.same(item.system_metadata, Object.fromEntries(own(system)))
      t.equal('undecodable' in item, false)
    }
  }
})

t.test('rows are what the side tables hold, by id', async t => {
  const { relations } = instances
  const seen = { block_devices: 0, pci_devices: 0 }
  for (const { name } of local.cells)
    for (const [relation, table] of [
      ['block_devices', 'block_device_mapping'],
      ['pci_devices', 'pci_devices'],
    ] as const) {
      const own = await truth(
        name,
        'r.instance_uuid',
        relations[relation].columns,
        `${table} AS r WHERE r.deleted = 0`,
      )
      for (const item of of(name)) {
        t.same(item[relation], own(item.uuid), `${relation} of ${item.uuid}`)
        seen[relation] += item[relation].length
      }
    }
  t.ok(seen.block_devices > 200 && seen.pci_devices > 10, JSON.stringify(seen))
  t.notMatch(JSON.stringify(items), /secret-/, 'no password of a volume')
})

t.test('one row: the latest fault, the service of the host, the migration in progress', async t => {
  const { fault, service, migration } = instances.relations
  const final = FINAL.map(status => `'${status}'`).join(', ')
  const sources = {
    fault: ['r.instance_uuid', fault.columns, 'instance_faults AS r WHERE r.deleted = 0'],
    service: [
      'i.uuid',
      service.columns,
      "instances AS i JOIN services AS r ON r.host = i.host AND r.binary = 'nova-compute' AND r.deleted = 0",
    ],
    migration: [
      'r.instance_uuid',
      migration.columns,
      `migrations AS r WHERE r.deleted = 0 AND r.status NOT IN (${final})`,
    ],
  } as const
  for (const [relation, [owner, columns, from]] of Object.entries(sources)) {
    const counts = { some: 0, none: 0, more: 0 }
    for (const { name } of local.cells) {
      const own = await truth(name, owner, columns, from)
      for (const item of of(name)) {
        const all = own(item.uuid)
        t.same(item[relation as keyof typeof sources], all.at(-1) ?? null, `${relation} of ${item.uuid}`)
        counts[all.length > 1 ? 'more' : all.length === 1 ? 'some' : 'none']++
      }
    }
    t.ok(counts.some > 9 && counts.none > 9, `${relation}: ${JSON.stringify(counts)}`)
    if (relation !== 'service') t.ok(counts.more > 5, `${relation}: ${JSON.stringify(counts)}`)
  }
  const statuses = new Set(items.map(item => item.migration?.status))
  t.same(statuses, new Set([undefined, 'running', 'finished', 'post-migrating']))
  const services = items.map(item => item.service)
  for (const [what, is] of Object.entries({
    'without a host': items.some(item => item.host === null && item.service === null),
    'without a service': items.some(item => item.host !== null && item.service === null),
    disabled: services.some(service => service?.disabled && service.disabled_reason !== null),
    'forced down': services.some(service => service?.forced_down),
    'never seen': services.some(service => service?.last_seen_up === null),
  }))
    t.ok(is, `a service: ${what}`)
})

t.test('documents are what the side tables hold', async t => {
  const count: Record<string, number> = {}
  for (const { name } of local.cells) {
    const parts = ['keypairs', 'trusted_certs', 'numa_topology', 'pci_requests', 'device_metadata'] as const
    const others = ['resources', 'vcpu_model', 'migration_context', 'flavor'] as const
    const read = await local.query(
      name,
      `SELECT e.instance_uuid, n.network_info, ${[...parts, ...others].join(', ')} FROM instance_extra AS e
       LEFT JOIN instance_info_caches AS n USING (instance_uuid) WHERE e.deleted = 0 AND n.deleted = 0`,
    )
    const rows = new Map(
      read.map(([uuid, ...all]) => [uuid, all.map(text => (text === null ? null : JSON.parse(String(text))))]),
    )
    const data = (it: { 'nova_object.data': Record<string, unknown> } | null) => it?.['nova_object.data']
    const list = (it: Parameters<typeof data>[0], member: string) =>
      (data(it)?.[member] as Parameters<typeof data>[0][] | undefined)?.map(data)
    for (const item of of(name)) {
      if (item.deleted !== 0) {
        for (const part of [...parts, ...others, 'old_flavor', 'new_flavor', 'addresses'] as const)
          t.equal(item[part], null, 'what is deleted is not there')
        continue
      }
      const [network, keypairs, certs, numa, pci, devices, resources, model, context, flavor] = rows.get(
        item.uuid,
      )!
      t.match(list(keypairs, 'objects'), item.keypairs)
      t.equal(item.keypairs?.[0]?.name ?? null, item.key_name)
      t.same(item.trusted_certs, data(certs)?.ids ?? null)
      t.match(
        list(numa, 'cells') ?? null,
        item.numa_topology?.cells.map(({ pcpuset }) => ({ pcpuset })) ?? null,
      )
      t.match(pci, item.pci_requests)
      t.same(
        item.device_metadata?.map(({ tags }) => tags),
        list(devices, 'devices')?.map(it => it?.tags),
      )
      t.same(
        item.resources?.map(it => it.identifier),
        list(resources, 'objects')?.map(it => it?.identifier),
      )
      t.equal(item.vcpu_model?.model, data(model)?.model)
      t.equal(item.migration_context?.migration_id, data(context)?.migration_id)
      t.match(data(flavor.cur), item.flavor)
      t.equal(item.flavor?.memory_mb, item.memory_mb)
      t.match(data(flavor.old) ?? null, item.old_flavor)
      t.match(data(flavor.new) ?? null, item.new_flavor)
      const known = [...JSON.stringify(network).matchAll(/"type":"fixed"/g)]
      t.equal(item.addresses?.filter(address => address.type === 'fixed').length, known.length)
      for (const part of [...parts, ...others, 'old_flavor'] as const)
        if (item[part] !== null) count[part] = (count[part] ?? 0) + 1
    }
  }
  t.same(Object.keys(count).length, 10, JSON.stringify(count))
})

t.test('at the most one statement for each table and cell, whatever the number of rows', async t => {
  const tables = [
    ...['tags', 'instance_metadata', 'instance_system_metadata', 'instance_extra', 'services', 'pci_devices'],
    ...['instance_info_caches', 'instance_faults', 'block_device_mapping', 'migrations'],
  ]
  /** For each statement that a server gets meanwhile, the tables that it reads. */
  const log = async (server: string, run: () => Promise<unknown>) =>
    (await statementsOf(local.server(server), run))
      .map(text => new Set([...text.matchAll(/(?:FROM|JOIN) `(\w+)`/g)].map(([, table]) => table!)))
      .filter(read => read.size > 0)
  const count = (read: readonly Set<string>[], table: string) => read.filter(it => it.has(table)).length
  for (const limit of [5, 400]) {
    const list = (names: typeof include) =>
      cells.instances.list({ scope, limit, include: names, fields: ['uuid'] })
    await list([])
    const bare = await log('cell1', () => list([]))
    const cell = await log('cell1', () => list(include))
    for (const table of tables) t.equal(count(cell, table), 1, `${table}, ${limit} rows`)
    t.equal(cell.length - bare.length, tables.length, 'and no others')
    const api = await log('api', () => list(include))
    t.equal(count(api, 'request_specs'), 1, `request_specs, ${limit} rows of all cells`)
  }
})

t.test('relations come with few fields and with all, with iterate and with get', async t => {
  const { items } = await cells.instances.list({
    scope,
    include: ['tags', 'service'],
    filters: { tags: ['blue'] },
    limit: 3,
  })
  const [first] = items
  t.same(await cells.instances.get(first!.uuid, { scope, include: ['tags', 'service'] }), first)
  for await (const row of cells.instances.iterate({
    scope,
    fields: ['host'],
    include: ['metadata', 'tags'],
    filters: { uuid: first!.uuid },
  }))
    t.same([Object.keys(row), row.tags], [['host', 'cell', 'metadata', 'tags'], first!.tags])
})

t.test('relations stand in the order in which they were asked for', async t => {
  for (const names of [include, include.toReversed()]) {
    const { items } = await cells.instances.list({ scope, include: names, fields: ['uuid'], limit: 30 })
    for (const item of items) t.same(Object.keys(item), ['uuid', 'cell', ...names])
  }
})

t.test('a document that can not be read is noted and counted, and loses nobody', async t => {
  const { items } = await cells.instances.list({ scope, fields: ['uuid'], limit: 5 })
  const [one, two, three] = items
  const set = (uuid: string, cell: string, what: string) =>
    local.query(cell, `UPDATE ${what} WHERE instance_uuid = ?`, [uuid])
  await set(one!.uuid, one!.cell.name, `instance_extra SET flavor = '{"cur": '`)
  await set(one!.uuid, one!.cell.name, `instance_info_caches SET network_info = 'x'`)
  await local.query(two!.cell.name, `DELETE FROM instance_extra WHERE instance_uuid = ?`, [two!.uuid])
  const newer =
    '{"nova_object.name": "KeyPairList", "nova_object.version": "2.0", "nova_object.data": {"objects": []}}'
  await set(three!.uuid, three!.cell.name, `instance_extra SET keypairs = '${newer}'`)
  const page = await cells.instances.list({
    scope,
    fields: ['uuid'],
    limit: 5,
    include: ['keypairs', 'flavor', 'addresses', 'old_flavor'],
  })
  t.match(page.items[0], { uuid: one!.uuid, flavor: null, addresses: null, old_flavor: null })
  t.same(page.items[0]!.undecodable, ['flavor', 'addresses', 'old_flavor'], 'in the order of `include`')
  t.equal(page.items[1]!.flavor, null)
  t.equal('undecodable' in page.items[1]!, false, 'there is none')
  t.same(page.items[2]!.undecodable, ['keypairs'])
  t.type(page.items[2]!.flavor?.vcpus, 'number', 'what stands beside it is read')
  t.ok(page.complete)
  t.same(
    page.items.map(item => item.uuid),
    items.map(item => item.uuid),
  )
  const broken = (name: string) =>
    (name === one!.cell.name ? 3 : 0) + (name === three!.cell.name ? 1 : 0) || undefined
  t.same(
    page.cells.map(cell => cell.undecodable),
    page.cells.map(cell => broken(cell.name)),
  )
})

t.test(
  'a cell whose side table lacks a column that nothing stands for is out of the answer, with its rows',
  async t => {
    for (const [table, column, relation] of [
      ['tags', 'tag', 'tags'],
      ['services', 'host', 'service'],
      ['migrations', 'status', 'migration'],
    ] as const) {
      await local.query('cell1', `ALTER TABLE ${table} RENAME COLUMN ${column} TO gone`)
      const page = await cells.instances.list({
        scope,
        fields: ['uuid'],
        limit: 50,
        include: [relation, 'metadata', 'request_spec'],
      })
      t.equal(page.complete, false)
      t.match(page.cells[1], {
        name: 'cell1',
        state: 'failed',
        rows: 0,
        error: { reason: 'ER_BAD_FIELD_ERROR' },
      })
      t.equal(page.items.length, 50, 'filled up from the others')
      t.ok(page.items.every(item => item.cell.name !== 'cell1'))
      await t.rejects(cells.instances.list({ scope, limit: 50, include: [relation] }, { downCells: 'fail' }), {
        code: 'cells-unavailable',
      })
      await local.query('cell1', `ALTER TABLE ${table} RENAME COLUMN gone TO ${column}`)
    }
  },
)
