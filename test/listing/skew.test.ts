import fc from 'fast-check'
import t from 'tap'
import { type Cells, instances, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { seed } from '../fixtures/seed.js'
import {
  ALTERS,
  CARACAL,
  copyAs,
  droppable,
  type Release,
  ROCKY,
  sideTables,
  ZED,
} from './fixtures/releases.js'

/**
 * Cells that run different releases of Nova. The truth are the same cells with what they lack restored: columns with their defaults, tables
 * without rows. Both are asked the same.
 */
const DATASETS = Number(process.env.DATASETS ?? 3)
const QUERIES = 10

const local = await startLocalCells({
  cells: 3,
  cell0: false,
  instances: [50, 40, 30],
  apiDatabase: false,
  seed: 5,
})
t.teardown(() => local.stop())
const server = local.server('cell1')
for (const { name } of local.cells)
  await local.query(
    name,
    `INSERT INTO migrations (uuid, instance_uuid, status, deleted, hidden, migration_type, memory_total, cross_cell_move)
     SELECT uuid, uuid, 'running', 0, 0, 'resize', 9007199254740993, 1 FROM instances WHERE id % 3 = 0`,
  )

const release: fc.Arbitrary<Release> = fc.record({
  tables: fc.subarray(sideTables, { maxLength: 3 }),
  columns: fc.subarray(droppable, { maxLength: 12 }),
  alters: fc.subarray([...ALTERS]),
})

const keys = instances.sortKeys.filter(key => key !== 'id' && key !== 'uuid')
const relations = Object.keys(instances.relations).filter(name => name !== 'request_spec')
const filter = fc.constantFrom(
  { tags: ['blue'] },
  { tags_any: ['blue', 'web'] },
  { not_tags: ['blue'] },
  { not_tags_any: ['blue', '😀'] },
  { metadata: { role: ['web', 'db'] } },
  { metadata: { role: '😀' } },
  { system_metadata: { image_os_distro: ['ubuntu', 'debian'] } },
  { address: { prefix: '10.' } },
  { address: '10.0.0.0/8' },
  { hidden: 'any', deleted: 'any' },
  { hidden: true },
  { deleted: true },
  { host: { ne: null } },
  { host: null },
  { locked_by: ['owner', null] },
  { display_name: { contains: 'e' } },
  { display_name: { ne: '😀' } },
  { vcpus: { gte: 2 } },
  { cleaned: 0 },
  { disable_terminate: { ne: true } },
  { changes_since: '2020-01-01' },
  { updated_at: { is_null: true } },
)

const question = fc.record({
  sort: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...keys), fc.constantFrom('asc', 'desc')), {
      minLength: 1,
      maxLength: 3,
      selector: ([key]) => key,
    })
    .map(all => all.map(([key, dir]) => `${key}:${dir}`)),
  filters: fc.uniqueArray(filter, { maxLength: 2, selector: one => Object.keys(one)[0] }),
  include: fc.subarray(relations, { maxLength: 6 }),
  fields: fc.option(fc.subarray(Object.keys(instances.columns), { minLength: 1, maxLength: 6 })),
  limit: fc.integer({ min: 7, max: 60 }),
  group_by: fc.subarray([...keys], { maxLength: 2 }),
})

type Question = typeof question extends fc.Arbitrary<infer Q> ? Q : never

/** All that some cells answer to a question. */
const answers = async (cells: Cells, { sort, filters, include, fields, limit, group_by }: Question) => {
  const query = { scope: 'all', filters: Object.assign({}, ...filters) }
  const page = { ...query, sort, include, limit, ...(fields && { fields }) } as never
  const items: object[] = []
  const states: string[] = []
  for await (const { items: some, cells: all } of cells.instances.pages(page)) {
    items.push(...some)
    states.push(...all.map(({ state }) => state))
  }
  const iterated: object[] = []
  const { limit: _, ...whole } = page as { limit: number }
  for await (const item of cells.instances.iterate(whole as never)) iterated.push(item)
  const { count, groups } = await cells.instances.count({ ...query, group_by } as never)
  return {
    items,
    states: [...new Set(states)],
    same: JSON.stringify(iterated) === JSON.stringify(items),
    count,
    groups,
  }
}

const opened = (databases: string): Promise<Cells> =>
  openCells({
    cells: local.cells.map(({ uuid, name }) => ({ uuid, name, database: server.url(`${databases}_${name}`) })),
    connectionsPerCell: 2,
  })

t.test('cells of other releases answer as if they had what they lack', async t => {
  let shown = 0
  const random = fc.sample(fc.array(release, { minLength: 3, maxLength: 3 }), { numRuns: DATASETS, seed })
  for (const [i, releases] of [[ROCKY, ZED, CARACAL], ...random].entries()) {
    for (const [at, { name }] of local.cells.entries())
      await copyAs(server, releases[at]!, {
        from: `nova_${name}`,
        to: `skewed_${name}`,
        restored: `whole_${name}`,
      })
    const [skewed, whole] = await Promise.all([opened('skewed'), opened('whole')])
    const failure = await fc.check(
      fc.asyncProperty(question, async one => {
        const [got, want] = await Promise.all([answers(skewed, one), answers(whole, one)])
        shown += want.items.length
        return JSON.stringify(got) === JSON.stringify(want) && want.states.join() === 'ok' && want.same
      }),
      { numRuns: QUERIES, seed: seed + i },
    )
    const usage = [skewed, whole].map(async cells => {
      const { cells: _, ...sums } = await cells.usage({ scope: 'all' })
      return sums
    })
    t.same(await usage[0], await usage[1], `usage of dataset ${i}`)
    if (failure.failed) {
      const one = failure.counterexample![0]
      t.same(await answers(skewed, one), await answers(whole, one), `dataset ${i}`)
      t.fail(`dataset ${i}`, { error: String(failure.errorInstance), question: one, releases })
    }
    await Promise.all([skewed.close(), whole.close()])
    if (failure.failed) return
  }
  t.ok(shown > DATASETS * QUERIES * 10, `${shown} rows`)
})
