import t from 'tap'
import { openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'

const local = await startLocalCells({ cells: 2, instances: 300, servers: 'own', seed: 3 })
t.teardown(() => local.stop())
const cells = await openCells({ apiDatabase: local.apiDatabase! })
t.teardown(() => cells.close())

const include = ['tags', 'metadata', 'system_metadata', 'flavor', 'addresses', 'fault'] as const
const scope = 'all'

t.test('relations are what the side tables hold', async t => {
  const { items, complete } = await cells.instances.list({
    scope,
    include,
    filters: { deleted: 'any', hidden: 'any' },
  })
  t.ok(complete)
  t.equal(items.length, 300)
  for (const { name } of local.cells) {
    const rows = (table: string, columns: string, where = 'TRUE') =>
      local.query(name, `SELECT ${columns} FROM ${table} WHERE ${where}`) as Promise<
        (string | number | null)[][]
      >
    const tags = await rows('tags', 'resource_id, tag')
    const metadata = await rows('instance_metadata', 'instance_uuid, `key`, value', 'deleted = 0')
    const system = await rows('instance_system_metadata', 'instance_uuid, `key`, value')
    const faults = await rows('instance_faults', 'instance_uuid, id, code, message, host', 'deleted = 0')
    const caches = new Map(
      (await rows('instance_info_caches', 'instance_uuid, network_info', 'deleted = 0')) as [string, string][],
    )
    for (const item of items.filter(item => item.cell.name === name)) {
      const own = (all: (string | number | null)[][]) =>
        all.filter(([uuid]) => uuid === item.uuid).map(([, ...rest]) => rest)
      t.same([...item.tags].sort(), own(tags).flat().sort())
      t.same(item.metadata, Object.fromEntries(own(metadata)))
      t.same(item.system_metadata, Object.fromEntries(own(system)))
      const latest = own(faults).sort((a, b) => Number(b[0]) - Number(a[0]))[0]
      t.same(
        item.fault && [item.fault.code, item.fault.message, item.fault.host],
        latest ? latest.slice(1) : null,
      )
      if (item.deleted === 0) t.equal(item.flavor?.memory_mb, item.memory_mb)
      const cache = caches.get(item.uuid)
      const known = cache === undefined ? [] : [...cache.matchAll(/"type": ?"fixed"/g)]
      t.equal(item.addresses?.filter(address => address.type === 'fixed').length ?? 0, known.length)
      t.equal('undecodable' in item, false)
    }
  }
})

t.test('one statement for each relation and cell, whatever the number of rows', async t => {
  const server = local.server('cell1')
  const tables = [
    'tags',
    'instance_metadata',
    'instance_system_metadata',
    'instance_extra',
    'instance_info_caches',
    'instance_faults',
  ]
  await server.query(`SET GLOBAL log_output = 'TABLE'`)
  for (const limit of [5, 200]) {
    await server.query('TRUNCATE mysql.general_log')
    await server.query('SET GLOBAL general_log = ON')
    await cells.instances.list({ scope, limit, include, fields: ['uuid'] })
    await server.query('SET GLOBAL general_log = OFF')
    for (const table of tables) {
      const [[statements]] = (await server.query(
        `SELECT COUNT(*) FROM mysql.general_log WHERE argument LIKE 'SELECT%FROM \`${table}\` WHERE \`%'`,
      )) as [[number]]
      t.equal(statements, 1, `${table}, ${limit} rows`)
    }
  }
})

t.test('relations come with few fields and with all, with iterate and with get', async t => {
  const { items } = await cells.instances.list({
    scope,
    include: ['tags'],
    filters: { tags: ['blue'] },
    limit: 3,
  })
  const [first] = items
  t.same(await cells.instances.get(first!.uuid, { scope, include: ['tags'] }), first)
  for await (const row of cells.instances.iterate({
    scope,
    fields: ['host'],
    include: ['metadata', 'tags'],
    filters: { uuid: first!.uuid },
  }))
    t.same([Object.keys(row).sort(), row.tags], [['cell', 'host', 'metadata', 'tags'], first!.tags])
})

t.test('a document that can not be read is noted and counted, and loses nobody', async t => {
  const { items } = await cells.instances.list({ scope, fields: ['uuid'], limit: 5 })
  const [one, two] = items
  await local.query(one!.cell.name, `UPDATE instance_extra SET flavor = '{"cur": ' WHERE instance_uuid = ?`, [
    one!.uuid,
  ])
  await local.query(
    one!.cell.name,
    `UPDATE instance_info_caches SET network_info = 'x' WHERE instance_uuid = ?`,
    [one!.uuid],
  )
  await local.query(two!.cell.name, `DELETE FROM instance_extra WHERE instance_uuid = ?`, [two!.uuid])
  const page = await cells.instances.list({
    scope,
    fields: ['uuid'],
    limit: 5,
    include: ['flavor', 'addresses'],
  })
  t.match(page.items[0], { uuid: one!.uuid, flavor: null, addresses: null })
  t.same([...page.items[0]!.undecodable!].sort(), ['addresses', 'flavor'])
  t.equal(page.items[1]!.flavor, null)
  t.equal('undecodable' in page.items[1]!, false, 'there is none')
  t.same(
    page.items.map(item => item.uuid),
    items.map(item => item.uuid),
  )
  t.same(
    page.cells.map(cell => cell.undecodable),
    page.cells.map(cell => (cell.name === one!.cell.name ? 2 : undefined)),
  )
})

t.test('a cell whose side table is gone is out of the answer, with its rows', async t => {
  await local.query('cell1', 'RENAME TABLE tags TO no_tags')
  const page = await cells.instances.list({ scope, fields: ['uuid'], limit: 50, include: ['tags', 'metadata'] })
  t.equal(page.complete, false)
  t.match(page.cells[1], { name: 'cell1', state: 'failed', rows: 0, error: { reason: 'ER_NO_SUCH_TABLE' } })
  t.ok(page.items.length > 0 && page.items.every(item => item.cell.name !== 'cell1'))
  await local.query('cell1', 'RENAME TABLE no_tags TO tags')
})
