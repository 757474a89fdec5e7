import t from 'tap'
import { API_DATABASE, instances, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'

/** Relations that are in the API database. */
const local = await startLocalCells({ cells: 2, instances: [20, 200, 150], servers: 'own', seed: 5 })
t.teardown(() => local.stop())
const cells = await openCells({ apiDatabase: local.apiDatabase! })
t.teardown(() => cells.close())

const scope = 'all'
const query = { scope, fields: ['uuid', 'instance_type_id'], include: ['request_spec'] } as const
const api = (cell: { name: string }) => cell.name === API_DATABASE.name

t.test('request specs of all cells, and null where there is none', async t => {
  const { items, complete } = await cells.instances.list({
    ...query,
    filters: { deleted: 'any', hidden: 'any' },
  })
  t.ok(complete)
  t.equal(items.length, 370)
  const specs = new Map(
    ((await local.query('api', 'SELECT instance_uuid, spec FROM request_specs')) as string[][]).map(
      ([uuid, spec]) => [uuid, JSON.parse(spec!)['nova_object.data']],
    ),
  )
  const seen = { zone: 0, group: 0, volume: 0, none: 0 }
  for (const { uuid, instance_type_id, request_spec } of items) {
    const spec = specs.get(uuid)
    if (spec === undefined) {
      t.equal(request_spec, null)
      seen.none++
      continue
    }
    t.match(request_spec, {
      availability_zone: spec.availability_zone,
      scheduler_hints: spec.scheduler_hints ?? {},
      image: { id: spec.image['nova_object.data'].id ?? null },
      flavor: { id: instance_type_id, name: spec.flavor['nova_object.data'].name },
      num_instances: 1,
      project_id: spec.project_id,
      user_id: spec.user_id,
    })
    if (request_spec!.availability_zone !== null) seen.zone++
    if (request_spec!.scheduler_hints.group !== undefined) seen.group++
    if (request_spec!.image!.id === null) seen.volume++
  }
  t.ok(
    Object.values(seen).every(count => count > 3),
    JSON.stringify(seen),
  )
  t.ok(new Set(items.filter(item => item.request_spec !== null).map(item => item.cell.name)).size > 1)
})

t.test('one that can not be read is noted, and counted where it is', async t => {
  const { items } = await cells.instances.list({ ...query, limit: 40 })
  const [one] = items.filter(item => item.request_spec !== null)
  const [[spec]] = (await local.query('api', 'SELECT spec FROM request_specs WHERE instance_uuid = ?', [
    one!.uuid,
  ])) as [[string]]
  const set = (text: string) =>
    local.query('api', 'UPDATE request_specs SET spec = ? WHERE instance_uuid = ?', [text, one!.uuid])
  await set(spec.replace('"nova_object.version":"1.14"', '"nova_object.version":"2.0"'))
  const page = await cells.instances.list({ ...query, limit: 40 })
  await set(spec)
  t.ok(page.complete)
  t.same(
    page.items,
    items.map(item => (item === one ? { ...one, request_spec: null, undecodable: ['request_spec'] } : item)),
  )
  for (const cell of page.cells) t.equal(cell.undecodable, api(cell) ? 1 : undefined, cell.name)
})

t.test('when the API database fails, the records stay', async t => {
  await local.query('api', 'RENAME TABLE request_specs TO gone')
  const both = { ...query, include: ['tags', 'request_spec'], limit: 30 } as const
  const { items } = await cells.instances.list({ ...both, include: ['tags'] })
  const page = await cells.instances.list(both)
  t.same(
    page.items,
    items.map(item => ({ ...item, request_spec: null, undecodable: ['request_spec'] })),
  )
  t.equal(page.complete, false)
  for (const { name, state, undecodable, error } of page.cells)
    t.same(
      [state, undecodable, error?.reason],
      name === API_DATABASE.name ? ['failed', undefined, 'ER_NO_SUCH_TABLE'] : ['ok', undefined, undefined],
      name,
    )
  await t.rejects(cells.instances.list(both, { downCells: 'fail' }), { code: 'cells-unavailable' })
  await local.query('api', 'RENAME TABLE gone TO request_specs')
  t.ok((await cells.instances.list(both)).complete)
})

t.test('one that is down is not asked again in the same answer', async t => {
  await local.server('api').query(`SET GLOBAL log_output = 'TABLE'`)
  await local.query('api', 'RENAME TABLE request_specs TO gone')
  await local.server('api').query('SET GLOBAL general_log = ON')
  // More than one step of an iteration: 1000 records.
  await local.query(
    'cell2',
    `INSERT INTO instances (uuid, project_id, created_at, deleted) SELECT CONCAT(LPAD(a.id, 8, '0'), SUBSTR(b.uuid, 9)), 'p', '2030-01-01', 0
     FROM instances AS a JOIN instances AS b ON a.id <= 15 AND b.id <= 100`,
  )
  let rows = 0
  const all = cells.instances.iterate({ ...query, filters: { project_id: 'p' } }, { downCells: 'omit' })
  for await (const { undecodable } of all) {
    t.same(undecodable, ['request_spec'])
    rows++
  }
  await local.server('api').query('SET GLOBAL general_log = OFF')
  t.equal(rows, 1_500)
  t.equal(all.complete, false)
  t.same(
    await local
      .server('api')
      .query(
        "SELECT COUNT(*) FROM mysql.general_log WHERE argument LIKE '/* crosscell % SELECT `request_specs`%'",
      ),
    [[1]],
  )
  await local.query('api', 'RENAME TABLE gone TO request_specs')
  await local.query('cell2', "DELETE FROM instances WHERE project_id = 'p'")
})

t.test('every relation of an instance that has no cell yet', async t => {
  const uuid = '22222222-2222-4222-8222-222222222222'
  const [[spec]] = (await local.query('api', 'SELECT spec FROM request_specs LIMIT 1')) as [[string]]
  const of = (name: string, version: string, data: object) => ({
    ...{ 'nova_object.name': name, 'nova_object.version': version, 'nova_object.data': data },
  })
  const { flavor } = JSON.parse(spec)['nova_object.data']
  const key = { name: 'laptop', type: 'ssh', public_key: 'k', fingerprint: null, user_id: 'u' }
  const instance = of('Instance', '2.7', {
    ...{ uuid, display_name: 'new', metadata: { a: 'b' }, system_metadata: {}, flavor, vcpu_model: null },
    keypairs: of('KeyPairList', '1.3', { objects: [of('KeyPair', '1.4', key)] }),
    trusted_certs: of('TrustedCerts', '1.0', { ids: ['c'] }),
    pci_requests: of('InstancePCIRequests', '1.1', { instance_uuid: uuid, requests: [] }),
  })
  const device = { source_type: 'image', destination_type: 'local', boot_index: 0, delete_on_termination: true }
  const devices = of('BlockDeviceMappingList', '1.17', { objects: [of('BlockDeviceMapping', '1.20', device)] })
  const tags = of('TagList', '1.1', { objects: [of('Tag', '1.1', { resource_id: uuid, tag: 'blue' })] })
  await local.query(
    'api',
    `INSERT INTO build_requests (created_at, project_id, instance_uuid, instance, block_device_mappings, tags) VALUES ('2031-01-01', 'p', ?, ?, ?, ?)`,
    [uuid, ...[instance, devices, tags].map(it => JSON.stringify(it))],
  )
  await local.query('api', 'INSERT INTO request_specs (instance_uuid, spec) VALUES (?, ?)', [uuid, spec])
  const include = Object.keys(instances.relations) as (keyof typeof instances.relations)[]
  const page = await cells.instances.list({ scope, fields: ['uuid'], include, limit: 5 })
  t.ok(page.complete)
  t.equal(page.items.length, 5)
  const nothing = { addresses: [], pci_devices: [], pci_requests: [] }
  const [first] = page.items
  t.same(first!.cell, API_DATABASE)
  t.match(first, {
    ...{ uuid, ...nothing, tags: ['blue'], metadata: { a: 'b' }, system_metadata: {}, keypairs: [key] },
    ...{ trusted_certs: ['c'], block_devices: [device], request_spec: { num_instances: 1 } },
    ...{ fault: null, service: null, migration: null, old_flavor: null, new_flavor: null, vcpu_model: null },
    ...{ numa_topology: null, device_metadata: null, resources: null, migration_context: null },
  })
  t.type(first!.flavor?.memory_mb, 'number')
  t.equal('undecodable' in first!, false)
})

t.test('cells that were given without an API database have no such relations', async t => {
  const given = await openCells({ cells: local.cells })
  t.teardown(() => given.close())
  await t.rejects(given.instances.list(query), { code: 'unknown-include', path: '/include/0' })
  const { items } = await given.instances.list({ ...query, include: ['service', 'migration'], limit: 3 })
  t.equal(items.length, 3)
})

t.test('one record', async t => {
  const { items } = await cells.instances.list({ ...query, limit: 40 })
  const [one] = items.filter(item => item.request_spec !== null)
  t.same(await cells.instances.get(one!.uuid, query), one)
})
