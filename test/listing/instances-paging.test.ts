import { deepStrictEqual as deepEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { connect } from '../../src/cells/connection.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import { instances, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { seed } from '../fixtures/seed.js'
import { turnIntoBuildRequests } from './fixtures/build-requests.js'

/**
 * The paging property again, on Nova's own `instances` with every sort key of its whitelist, filters on columns and beside
 * them, relations, cell0 and build requests, against ORDER BY over one table that holds the rows of all of them.
 */
const RUNS = 200

const local = await startLocalCells({ cells: 5, instances: [12, 70, 50, 40, 1, 30], seed: seed % 1_000 })
t.teardown(() => local.stop())
await turnIntoBuildRequests(local, 'cell5')
const server = local.server('cell1')
await server.query('CREATE DATABASE truth')
for (const table of [
  'instances',
  'tags',
  'instance_metadata',
  'instance_system_metadata',
  'instance_info_caches',
])
  for (const [i, { name }] of local.cells.entries())
    await server.query(
      `${i === 0 ? `CREATE TABLE truth.${table} AS` : `INSERT INTO truth.${table}`} SELECT * FROM nova_${name}.${table}`,
    )
for (const [table, column] of [
  ['tags', 'resource_id'],
  ['instance_metadata', 'instance_uuid'],
  ['instance_system_metadata', 'instance_uuid'],
  ['instance_info_caches', 'instance_uuid'],
])
  await server.query(`ALTER TABLE truth.${table} ADD INDEX (${column})`)
const truth = await connect(parseDatabaseUrl(server.url('truth'), ''))
t.teardown(() => truth.close())
const cells = await openCells({ apiDatabase: local.apiDatabase!, maxLimit: 5_000 })
t.teardown(() => cells.close())

const TEXT_KEYS = instances.sortKeys.filter(key => instances.columns[key].kind === 'text')
const values = new Map<string, readonly (string | null)[]>()
for (const key of TEXT_KEYS)
  values.set(
    key,
    (await truth.query(`SELECT DISTINCT ${key} FROM instances LIMIT 12`)).map(
      ([value]) => value as string | null,
    ),
  )

const literal = (value: string | null) => (value === null ? 'NULL' : `'${value.replace(/[\\']/g, '\\$&')}'`)
const has = (table: string, owner: string, condition: string) =>
  `EXISTS (SELECT 1 FROM ${table} AS x WHERE x.${owner} = i.uuid AND ${condition})`
const tag = (label: string) => has('tags', 'resource_id', `x.tag = ${literal(label)}`)
const pair = (table: string, key: string, value: string, live = '') =>
  has(table, 'instance_uuid', `x.\`key\` = ${literal(key)} AND x.value = ${literal(value)}${live}`)

const onColumn = fc.constantFrom(...TEXT_KEYS).chain(key =>
  fc.uniqueArray(fc.constantFrom(...values.get(key)!), { minLength: 1, maxLength: 4 }).map(chosen => ({
    filters: { [key]: chosen },
    where: `(${chosen.map(value => `${key} <=> ${literal(value)}`).join(' OR ')})`,
  })),
)
const labels = fc.uniqueArray(fc.constantFrom('blue', 'prod', 'größe', 'none'), { minLength: 1, maxLength: 3 })
const onTags = fc
  .tuple(labels, fc.constantFrom('tags', 'tags_any', 'not_tags', 'not_tags_any'))
  .map(([chosen, name]) => {
    const all = `(${chosen.map(tag).join(' AND ')})`
    const any = `(${chosen.map(tag).join(' OR ')})`
    const where = { tags: all, tags_any: any, not_tags: `NOT ${all}`, not_tags_any: `NOT ${any}` }[name]!
    return { filters: { [name]: chosen }, where }
  })
const onMetadata = fc
  .tuple(fc.constantFrom('role', 'env', 'owner'), fc.constantFrom('web', 'db', 'prod', 'größe', ''))
  .map(([key, value]) => ({
    filters: { metadata: { [key]: value } },
    where: pair('instance_metadata', key, value, ' AND x.deleted = 0'),
  }))
const onSystem = fc.constantFrom('debian', 'ubuntu', 'rocky').map(value => ({
  filters: { system_metadata: { image_os_distro: value } },
  where: pair('instance_system_metadata', 'image_os_distro', value),
}))
const filter = fc.oneof(onColumn, onTags, onMetadata, onSystem)
const asked = fc.record({
  keys: fc.uniqueArray(fc.constantFrom(...instances.sortKeys), { minLength: 1, maxLength: 5 }),
  dirs: fc.array(fc.constantFrom('asc', 'desc'), { minLength: 5, maxLength: 5 }),
  filters: fc.array(filter, { maxLength: 2 }),
  deleted: fc.constantFrom(true, false, 'any' as const),
  limit: fc.constantFrom(3, 7, 30, 1_000),
  byMarker: fc.boolean(),
  related: fc.boolean(),
})

const tagsOf = new Map<string, string[]>()
for (const [uuid, label] of await truth.query('SELECT resource_id, tag FROM tags'))
  tagsOf.set(String(uuid), [...(tagsOf.get(String(uuid)) ?? []), String(label)])
const metadataOf = new Map<string, Record<string, string>>()
for (const [uuid, key, value] of await truth.query(
  'SELECT instance_uuid, `key`, value FROM instance_metadata WHERE deleted = 0',
))
  metadataOf.set(String(uuid), { ...metadataOf.get(String(uuid)), [String(key)]: String(value) })

interface Found {
  readonly uuid: string
  readonly tags?: readonly string[]
  readonly metadata?: Readonly<Record<string, string>>
}

/** What belongs to a record is what the truth has. */
const belongs = ({ uuid, tags = [], metadata = {} }: Found): void => {
  deepEqual([...tags].sort(), [...(tagsOf.get(uuid) ?? [])].sort())
  deepEqual(metadata, metadataOf.get(uuid) ?? {})
}

let shown = 0
let waiting = 0
t.test(`every sort key of Nova’s instances, ${RUNS} times`, async t => {
  await fc.assert(
    fc.asyncProperty(asked, async ({ keys, dirs, filters, deleted, limit, byMarker, related }) => {
      const sort = keys.map((key, i) => `${key}:${dirs[i]}`)
      const shows = {
        any: 'TRUE',
        true: `(deleted <> 0 OR vm_state = 'soft-delete')`,
        false: `deleted = 0 AND NOT vm_state <=> 'soft-delete'`,
      }[String(deleted)]
      const order = [
        ...sort.map(key => key.replace(':', ' ')),
        `id ${dirs[keys.length - 1]}`,
        'CAST(uuid AS BINARY)',
      ]
      // The same filter twice: the later one counts.
      const chosen = Object.assign({}, ...filters.map(one => one.filters))
      const where = Object.keys(chosen).map(
        name => filters.findLast(one => Object.keys(one.filters)[0] === name)!.where,
      )
      const want = await truth.query(
        `SELECT uuid FROM instances AS i WHERE ${[...where, shows].join(' AND ')}
         AND NOT hidden <=> 1 ORDER BY ${order.join(', ')}`,
      )
      const got: string[] = []
      const include = related ? ['tags', 'metadata'] : []
      const query = { scope: 'all', sort, filters: { ...chosen, deleted }, fields: ['uuid'], include }
      for (let start = {}; ; ) {
        const page = await cells.instances.list({ ...query, ...start, limit } as never)
        if (!page.complete) throw new Error(JSON.stringify(page.cells))
        for (const item of page.items as unknown as (Found & { cell: { name: string } })[]) {
          if (related) belongs(item)
          if (item.cell.name === 'nova_api') waiting++
          got.push(item.uuid)
        }
        if (page.next === null) break
        start = byMarker ? { marker: got.at(-1) } : { cursor: page.next }
        if (got.length > 500) throw new Error('paging that does not end')
      }
      shown += want.length
      return String(want.map(([uuid]) => uuid)) === String(got)
    }),
    { numRuns: RUNS, seed },
  )
  t.ok(shown > RUNS, `${shown} rows`)
  t.ok(waiting > 50, `${waiting} build requests`)
})
