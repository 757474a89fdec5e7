import fc from 'fast-check'
import t from 'tap'
import { connect } from '../../src/cells/connection.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import { instances, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'

/**
 * The paging property again, on Nova's own `instances` with every sort key of its whitelist, against ORDER BY over
 * one table that holds all cells' rows.
 */
const RUNS = 400
const seed = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31)
t.comment(`seed ${seed} (FC_SEED)`)

const local = await startLocalCells({
  cells: 4,
  instances: [12, 70, 50, 40, 1],
  relations: false,
  seed: seed % 1_000,
})
t.teardown(() => local.stop())
const server = local.server('cell1')
await server.query('CREATE DATABASE truth')
await server.query('CREATE TABLE truth.instances LIKE nova_cell1.instances')
await server.query(
  'ALTER TABLE truth.instances DROP PRIMARY KEY, MODIFY id INT NOT NULL, DROP INDEX uniq_instances0uuid',
)
for (const { name } of local.cells)
  await server.query(`INSERT INTO truth.instances SELECT * FROM nova_${name}.instances`)
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

const filter = fc.constantFrom(...TEXT_KEYS).chain(key =>
  fc.uniqueArray(fc.constantFrom(...values.get(key)!), { minLength: 1, maxLength: 4 }).map(chosen => ({
    filters: { [key]: chosen },
    where: `(${chosen.map(value => `${key} <=> ${literal(value)}`).join(' OR ')})`,
  })),
)
const asked = fc.record({
  keys: fc.uniqueArray(fc.constantFrom(...instances.sortKeys), { minLength: 1, maxLength: 5 }),
  dirs: fc.array(fc.constantFrom('asc', 'desc'), { minLength: 5, maxLength: 5 }),
  filter: fc.option(filter, { freq: 2, nil: { filters: {}, where: 'TRUE' } }),
  deleted: fc.constantFrom(true, false, 'any' as const),
  limit: fc.constantFrom(3, 7, 30, 1_000),
  byMarker: fc.boolean(),
})

let shown = 0
t.test(`every sort key of Nova’s instances, ${RUNS} times`, async t => {
  await fc.assert(
    fc.asyncProperty(asked, async ({ keys, dirs, filter, deleted, limit, byMarker }) => {
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
      const want = await truth.query(
        `SELECT uuid FROM instances WHERE ${filter.where} AND ${shows}
         AND NOT hidden <=> 1 ORDER BY ${order.join(', ')}`,
      )
      const got: string[] = []
      const query = { scope: 'all', sort, filters: { ...filter.filters, deleted }, fields: ['uuid'] }
      for (let start = {}; ; ) {
        const page = await cells.instances.list({ ...query, ...start, limit } as never)
        got.push(...page.items.map(item => (item as { uuid: string }).uuid))
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
})
