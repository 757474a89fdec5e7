import t from 'tap'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { cellSchema } from '../../src/testing/schema.js'

const N = 12_000
const local = await startLocalCells({ cells: 2, instances: [600, N, 3_000], seed: 7 })
t.teardown(local.stop)

const TABLES = Object.keys(cellSchema)
const one = async (text: string, cell = 'cell1') => (await local.query(cell, text))[0]!.map(Number)
const checksums = async (cells: typeof local, names: readonly string[]) =>
  Promise.all(
    names.map(name =>
      cells.query(name, `CHECKSUM TABLE ${TABLES.map(table => `nova_${name}.${table}`).join(', ')}`),
    ),
  )

t.test('the same seed gives the same rows on another server, another seed gives others', async t => {
  const options = { cells: 2, instances: [600, N, 3_000] }
  await using same = await startLocalCells({ ...options, seed: 7 })
  await using other = await startLocalCells({ ...options, seed: 8 })
  const names = ['cell0', 'cell1', 'cell2']
  const mine = await checksums(local, names)
  t.same(await checksums(same, names), mine)
  const theirs = await checksums(other, names)
  const placed = new Set(['compute_nodes', 'pci_devices'])
  for (const [cell, rows] of mine.entries())
    for (const [table, name] of TABLES.entries())
      if (name === 'migrations' || (cell === 0 && placed.has(name)))
        t.equal(rows[table]![1], 0, `${names[cell]} has no ${name}`)
      else t.not(theirs[cell]![table]![1], rows[table]![1], `${names[cell]} ${name}`)
  const mappings = 'CHECKSUM TABLE instance_mappings, request_specs'
  t.same(await same.query('api', mappings), await local.query('api', mappings))
  t.notSame(await other.query('api', mappings), await local.query('api', mappings))
})

t.test('proportions are what is said', async t => {
  const shares: Record<string, [sql: string, share: number]> = {
    deleted: ['deleted = id', 0.1],
    'soft-deleted': ["vm_state = 'soft-delete'", 0.02],
    hidden: ['hidden = 1', 0.02],
    'hidden NULL': ['hidden IS NULL', 0.01],
    'created_at NULL': ['created_at IS NULL', 0.005],
    'vm_state NULL': ['vm_state IS NULL', 0.005],
    'display_name NULL': ['display_name IS NULL', 0.005],
    'updated_at NULL': ['updated_at IS NULL', 0.044],
    locked: ["locked_by = 'owner'", 0.02],
    'locked by an administrator': ["locked_by = 'admin'", 0.01],
    'at noon': ["TIME(created_at) = '12:00:00'", 0.4],
    'trailing space': ["display_name LIKE '% '", 0.1],
    'underscore or hyphen': ["display_name REGEXP '[_-]'", 0.491],
  }
  for (const [name, [sql, share]] of Object.entries(shares)) {
    const [count] = await one(`SELECT SUM(COALESCE(${sql}, 0)) FROM instances`)
    // Four standard deviations of a binomial distribution.
    t.ok(Math.abs(count! / N - share) < 4 * Math.sqrt((share * (1 - share)) / N), `${name}: ${count} of ${N}`)
  }
})

t.test('projects follow a power law and ties are many', async t => {
  const sizes = await local.query(
    'cell1',
    'SELECT COUNT(*) AS n FROM instances GROUP BY project_id ORDER BY n DESC',
  )
  t.ok(Number(sizes[0]![0]) > N / 12, 'the largest has more than a twelfth')
  t.ok(sizes.length > 300, 'there are hundreds')
  t.ok(Number(sizes.at(-1)![0]) < 20, 'and the smallest have a few')
  const [times, names] = await one(
    'SELECT COUNT(DISTINCT created_at), COUNT(DISTINCT display_name COLLATE utf8mb3_bin) FROM instances',
  )
  t.ok(times! < 0.7 * N, 'times')
  t.ok(names! < 0.7 * N, 'names')
})

t.test('states agree with each other', async t => {
  const never = {
    'deleted without its times or with a task':
      "(deleted <> 0) <> (terminated_at IS NOT NULL) OR deleted <> 0 AND (deleted <> id OR deleted_at IS NULL OR updated_at IS NULL OR vm_state <> 'deleted' OR task_state IS NOT NULL)",
    'soft-deleted without its time': "vm_state = 'soft-delete' AND (deleted <> 0 OR deleted_at IS NULL)",
    'deleted_at of the living': "deleted_at IS NOT NULL AND vm_state NOT IN ('deleted', 'soft-delete')",
    'a node without a host': '(host IS NULL) <> (node IS NULL)',
    'locked without an owner': 'locked <> (locked_by IS NOT NULL)',
    'made after it changed': 'created_at > updated_at OR created_at > deleted_at OR created_at > launched_at',
    'out of the two years': "created_at < '2024-08-01' OR created_at >= '2026-08-02'",
    'a flavor without its sizes': 'instance_type_id IS NULL OR memory_mb IS NULL OR vcpus < 1 OR root_gb < 1',
  }
  for (const [name, sql] of Object.entries(never))
    t.same(await local.query('cell1', `SELECT id FROM instances WHERE ${sql} LIMIT 3`), [], `never: ${name}`)
  t.same(
    await one('SELECT COUNT(*) FROM instances WHERE host IS NOT NULL OR launched_at IS NOT NULL', 'cell0'),
    [0],
  )
  t.same(await local.query('cell0', 'SELECT DISTINCT vm_state FROM instances ORDER BY 1'), [
    ['deleted'],
    ['error'],
  ])
})

t.test('uuids are of version 4 and unique over all cells', async t => {
  const all = ['cell0', 'cell1', 'cell2']
    .map(name => `SELECT uuid FROM nova_${name}.instances`)
    .join(' UNION ALL ')
  const v4 = '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
  const total = N + 3_600
  t.same(await one(`SELECT COUNT(*), COUNT(DISTINCT uuid), SUM(uuid REGEXP '${v4}') FROM (${all}) AS u`), [
    total,
    total,
    total,
  ])
})

t.test('every instance has its mapping, and there are no others', async t => {
  t.same(await one('SELECT COUNT(*) FROM instance_mappings', 'api'), [N + 3_600])
  for (const [at, { name }] of local.cells.entries()) {
    const [count] = await one('SELECT COUNT(*) FROM instances', name)
    const [agree] = await one(
      `SELECT COUNT(*) FROM instance_mappings AS m JOIN nova_${name}.instances AS i ON i.uuid = m.instance_uuid
       WHERE m.cell_id = ${at + 1} AND m.project_id = i.project_id AND m.user_id = i.user_id AND m.created_at <=> i.created_at
       AND m.queued_for_delete = (COALESCE(i.vm_state, '') IN ('deleted', 'soft-delete'))`,
      'api',
    )
    t.equal(agree, count, name)
  }
})

t.test('side tables belong to their instances', async t => {
  for (const table of [...TABLES.slice(1, 6), 'block_device_mapping']) {
    const [orphans, zombies] = await one(
      `SELECT SUM(i.id IS NULL), SUM((r.deleted <> 0) <> (i.deleted <> 0) OR r.deleted NOT IN (0, r.id))
       FROM ${table} AS r LEFT JOIN instances AS i ON i.uuid = r.instance_uuid`,
    )
    t.same([orphans, zombies], [0, 0], table)
  }
  t.same(await one('SELECT COUNT(*) FROM tags JOIN instances ON uuid = resource_id WHERE deleted <> 0'), [0])
  t.same(await one('SELECT COUNT(*) FROM instance_extra'), [N])
  const [faulty, failed] = await one(
    "SELECT COUNT(DISTINCT f.instance_uuid), COUNT(DISTINCT i.uuid) FROM instances AS i LEFT JOIN instance_faults AS f ON f.instance_uuid = i.uuid WHERE i.vm_state = 'error'",
  )
  t.equal(faulty, failed, 'whatever is in error has a fault')
})

t.test('what is slow to fill belongs to recent instances', async t => {
  const recent = "i.created_at >= '2026-01-01'"
  const [share] = await one(`SELECT AVG(COALESCE(${recent}, 0)) FROM instances AS i`)
  t.ok(Math.abs(share! - 0.29) < 0.03, `${share} of all`)
  for (const table of ['block_device_mapping', 'instance_actions']) {
    const [without, others] = await one(
      `SELECT SUM(${recent} AND r.id IS NULL), SUM(r.id IS NOT NULL AND NOT COALESCE(${recent}, FALSE)) FROM instances AS i LEFT JOIN ${table} AS r ON r.instance_uuid = i.uuid`,
    )
    t.same([without, others], [0, 0], table)
  }
  t.same(
    await one(
      'SELECT COUNT(*) FROM instance_actions AS a LEFT JOIN instance_actions_events AS e ON e.action_id = a.id WHERE e.id IS NULL OR e.start_time > e.finish_time OR NOT e.start_time <=> a.start_time',
    ),
    [0],
  )
  const made = await local.query(
    'cell1',
    "SELECT i.vm_state, a.message FROM instances AS i JOIN instance_actions AS a ON a.instance_uuid = i.uuid WHERE a.action = 'create' GROUP BY 1, 2",
  )
  for (const [state, message] of made) t.equal(message, state === 'error' ? 'Error' : null)
})

t.test('hosts, services and devices agree with the instances', async t => {
  const never = {
    'a host without its node':
      'SELECT i.id FROM instances AS i LEFT JOIN compute_nodes AS n ON n.host = i.host AND n.hypervisor_hostname = i.node WHERE i.host IS NOT NULL AND n.id IS NULL',
    'a node that is used otherwise': `SELECT n.id FROM compute_nodes AS n JOIN instances AS i ON i.host = n.host AND i.deleted = 0 GROUP BY n.id
      HAVING MAX(n.running_vms) <> COUNT(*) OR MAX(n.vcpus_used) <> SUM(i.vcpus) OR MAX(n.memory_mb_used) <> 512 + SUM(i.memory_mb) OR MAX(n.memory_mb - n.memory_mb_used - n.free_ram_mb) <> 0 OR MAX(n.local_gb_used) <> SUM(i.root_gb + i.ephemeral_gb)`,
    'two services that are not deleted':
      'SELECT host FROM services WHERE deleted = 0 GROUP BY host, `binary` HAVING COUNT(*) > 1',
    'a service that is deleted with another id': 'SELECT id FROM services WHERE deleted NOT IN (0, id)',
    'a device of another host':
      'SELECT p.id FROM pci_devices AS p JOIN instances AS i ON i.uuid = p.instance_uuid JOIN compute_nodes AS n ON n.id = p.compute_node_id WHERE n.host <> i.host OR i.deleted <> 0',
    'a device without an instance that is taken':
      "SELECT id FROM pci_devices WHERE (instance_uuid IS NULL) <> (status = 'available')",
    'a volume without an id, or an image with one':
      "SELECT id FROM block_device_mapping WHERE (volume_id IS NULL) <> (destination_type = 'local') OR (source_type = 'image') <> (image_id IS NOT NULL)",
    'a root device that is not the image':
      "SELECT b.id FROM block_device_mapping AS b JOIN instances AS i ON i.uuid = b.instance_uuid WHERE b.boot_index = 0 AND COALESCE(b.image_id, '') <> i.image_ref",
  }
  for (const [name, sql] of Object.entries(never))
    t.same(await local.query('cell1', `${sql} LIMIT 3`), [], `never: ${name}`)
  t.same(await local.query('cell0', 'SELECT `binary`, host FROM services ORDER BY id'), [
    ['nova-conductor', 'conductor-cell0'],
    ['nova-scheduler', 'scheduler-cell0'],
  ])
  t.same(await one("SELECT COUNT(*), SUM(deleted = 0) FROM services WHERE `binary` = 'nova-compute'"), [44, 39])
})

t.test('without relations there are no side tables, in the API database neither', async t => {
  await using bare = await startLocalCells({ cells: 1, cell0: false, instances: 50, relations: false })
  for (const table of TABLES.slice(1))
    t.same(await bare.query('cell1', `SELECT COUNT(*) FROM ${table}`), [[0]], table)
  t.same(await bare.query('api', 'SELECT COUNT(*) FROM request_specs'), [[0]])
})

t.test('request specs ask for what their instances are', async t => {
  const [specs] = await one('SELECT COUNT(*) FROM request_specs', 'api')
  let found = 0
  for (const { name } of local.cells) {
    const [recent] = await one(
      "SELECT COUNT(*) FROM instances WHERE created_at >= '2026-01-01' AND COALESCE(vm_state, '') NOT IN ('deleted', 'soft-delete')",
      name,
    )
    const rows = await local.query(
      'api',
      `SELECT s.spec, i.instance_type_id, i.image_ref, i.project_id, i.availability_zone, i.host IS NULL FROM request_specs AS s JOIN nova_${name}.instances AS i ON i.uuid = s.instance_uuid`,
    )
    t.equal(rows.length, recent, name)
    found += rows.length
    let wrong = 0
    for (const [text, type, image, project, zone, nowhere] of rows) {
      const spec = JSON.parse(String(text))['nova_object.data']
      const { id = '' } = spec.image['nova_object.data']
      if (spec.flavor['nova_object.data'].id !== type || id !== image || spec.project_id !== project) wrong++
      if (spec.availability_zone !== null && nowhere === 0 && spec.availability_zone !== zone) wrong++
    }
    t.equal(wrong, 0, name)
  }
  t.equal(found, specs)
})

t.test('network information and flavors are the JSON that Nova keeps', async t => {
  const rows = await local.query(
    'cell1',
    `SELECT n.network_info, e.flavor, i.memory_mb, i.vcpus, i.host IS NOT NULL AND i.deleted = 0 FROM instances AS i
     JOIN instance_info_caches AS n ON n.instance_uuid = i.uuid JOIN instance_extra AS e ON e.instance_uuid = i.uuid`,
  )
  t.equal(rows.length, N)
  const counts = { ports: 0, version6: 0, floating: 0, wrong: 0 }
  for (const [network, flavor, memory, vcpus, placed] of rows) {
    const data = JSON.parse(String(flavor)).cur['nova_object.data']
    const ports = JSON.parse(String(network))
    if (data.memory_mb !== memory || data.vcpus !== vcpus || ports.length !== placed) counts.wrong++
    for (const { network } of ports) {
      counts.ports++
      const ips = network.subnets.flatMap((subnet: { ips: object[] }) => subnet.ips)
      if (!/^10\.[0-3]\.\d+\.\d+$/.test(ips[0].address)) counts.wrong++
      if (ips[0].floating_ips.length > 0) counts.floating++
      if (ips.length > 1) counts.version6++
    }
  }
  t.equal(counts.wrong, 0)
  t.ok(
    Math.abs(counts.version6 / counts.ports - 0.3) < 0.02,
    `${counts.version6} of ${counts.ports} have version 6`,
  )
  t.ok(
    Math.abs(counts.floating / counts.ports - 0.2) < 0.02,
    `${counts.floating} of ${counts.ports} have a floating address`,
  )
})
