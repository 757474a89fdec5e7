import t, { type Test } from 'tap'
import { type Cells, defineResource, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { statementsOf } from '../fixtures/statements-of.js'

/** Tables that change while the process runs, and what a cell can't do without. */
const local = await startLocalCells({ cells: 2, instances: [10, 3_000, 200], seed: 9 })
t.teardown(() => local.stop())
const server = local.server('cell1')
const alter = (how: string) => local.query('cell1', how)
await alter('ANALYZE TABLE instances')

const open = (): Promise<Cells> => openCells({ apiDatabase: local.apiDatabase!, breaker: false })
const cells = await open()
t.teardown(() => cells.close())

const scope = 'all'
const include = ['tags', 'fault', 'metadata', 'flavor'] as const
const fields = ['uuid', 'progress', 'hidden', 'display_name', 'created_at'] as const
const query = {
  scope,
  include,
  fields,
  filters: { deleted: 'any', soft_deleted: 'any', hidden: 'any' },
  limit: 400,
} as const
const before = await cells.instances.list(query)

type Item = (typeof before.items)[number]
type Changed = (item: Item) => Item

/** Nothing, and everything that a verb gives, when the records of cell1 are as `changed` makes them. */
const isAs = async (t: Test, changed: Changed) => {
  const want = before.items.map(item => (item.cell.name === 'cell1' ? changed(item) : item))
  const page = await cells.instances.list(query)
  t.ok(page.complete, JSON.stringify(page.cells))
  t.same(page.items, want)
  const { limit, ...all } = query
  const iterated: unknown[] = []
  for await (const item of cells.instances.iterate({ ...all, cursor: page.next! })) {
    iterated.push(item)
    if (iterated.length === limit) break
  }
  t.same(iterated, (await cells.instances.list({ ...query, cursor: page.next! })).items)
  const { count, complete } = await cells.instances.count({ scope, filters: query.filters })
  t.same([count, complete], [3_210, true])
}

const index = 'instances_deleted_created_at_idx'
const same: Changed = item => item
const notHidden: Changed = item => ({ ...item, hidden: false })
const changes: readonly (readonly [how: string, changed: Changed])[] = [
  ['ALTER TABLE instances RENAME COLUMN progress TO elsewhere', item => ({ ...item, progress: null })],
  ['ALTER TABLE instances RENAME COLUMN elsewhere TO progress', same],
  ['ALTER TABLE instances RENAME COLUMN hidden TO elsewhere', notHidden],
  [`DROP INDEX ${index} ON instances`, notHidden],
  [`CREATE INDEX ${index} ON instances (deleted, created_at)`, notHidden],
  ['ALTER TABLE instances RENAME COLUMN elsewhere TO hidden', same],
  [`DROP INDEX ${index} ON instances`, same],
  [`CREATE INDEX ${index} ON instances (deleted, created_at)`, same],
  ['RENAME TABLE tags TO elsewhere', item => ({ ...item, tags: [] })],
  ['RENAME TABLE elsewhere TO tags', same],
  [
    'ALTER TABLE instance_metadata RENAME COLUMN value TO elsewhere',
    item => ({ ...item, metadata: Object.fromEntries(Object.keys(item.metadata).map(key => [key, null])) }),
  ],
  ['ALTER TABLE instance_metadata RENAME COLUMN elsewhere TO value', same],
  [
    'ALTER TABLE instance_faults RENAME COLUMN message TO elsewhere',
    item => ({ ...item, fault: item.fault && { ...item.fault, message: null } }),
  ],
  ['ALTER TABLE instance_faults RENAME COLUMN elsewhere TO message', same],
  ['ALTER TABLE instance_extra ADD COLUMN newer INT NOT NULL DEFAULT 1', same],
  ['RENAME TABLE instance_extra TO elsewhere', item => ({ ...item, flavor: null })],
  ['RENAME TABLE elsewhere TO instance_extra', same],
]

t.test('columns, tables and indexes come and go, and no answer is lost', async t => {
  for (const [how, changed] of changes)
    await t.test(how, async t => {
      await alter(how)
      await isAs(t, changed)
    })
})

t.test(
  'an order that begins with a column that is not there is read off an index, wherever it starts',
  async t => {
    await alter('ALTER TABLE instances RENAME COLUMN progress TO elsewhere')
    const fresh = await open()
    const asked = {
      scope,
      sort: ['progress:desc', 'created_at:desc', 'id:desc'],
      fields: ['uuid'],
      limit: 20,
    } as const
    const cell1 = async (more: object) => {
      const { cells } = await fresh.instances.explain({ ...asked, ...more } as never)
      return cells.find(({ name }) => name === 'cell1')!
    }
    const first = await cell1({})
    t.match(first, { state: 'ok', index, filesort: false, temporary: false, full: false, advice: undefined })
    t.match(first.statement, /FROM \(SELECT `instances`\.\*, NULL AS `progress` FROM `instances` FORCE INDEX/)
    const rows = await local.query(
      'cell1',
      `SELECT uuid FROM instances WHERE deleted = 0 AND NOT vm_state <=> 'soft-delete' AND NOT hidden <=> 1
     ORDER BY created_at DESC, id DESC`,
    )
    const late = await cell1({ marker: rows.at(-50)![0] })
    t.match(late, { index, filesort: false, temporary: false })
    t.ok(late.rows! < first.rows! / 10, `${late.rows} rows of ${first.rows}: not what comes before the marker`)

    const { advice } = await cell1({ sort: ['vcpus', 'progress', 'display_description'] })
    t.match(advice, { code: 'no-index', columns: ['deleted', 'vcpus', 'display_description'] })
    t.match((await cell1({ sort: ['vcpus:desc', 'progress:asc', 'id:desc'] })).advice, {
      code: 'no-index',
      columns: ['deleted', 'vcpus'],
    })
    t.match((await cell1({ sort: ['vcpus:desc', 'progress:asc', 'id:asc'] })).advice, {
      code: 'mixed-directions',
      columns: ['vcpus'],
    })
    await fresh.close()
    await alter('ALTER TABLE instances RENAME COLUMN elsewhere TO progress')
  },
)

t.test('where nothing is missing nothing more is asked; what is missing is looked for once', async t => {
  const looks = (statements: readonly string[]) =>
    statements.filter(text => text.includes('information_schema')).length
  const asked = { ...query, filters: { tags: ['blue'], metadata: { role: 'web' }, hidden: false } } as const
  const whole = await open()
  const first = await statementsOf(server, () => whole.instances.list(asked))
  t.equal(looks(first), 4, 'three cells and the build requests')
  const usual = await statementsOf(server, () => whole.instances.list(asked))
  t.equal(looks(usual), 0)
  await whole.close()

  await alter('ALTER TABLE instance_metadata RENAME COLUMN value TO elsewhere')
  await alter('ALTER TABLE instances RENAME COLUMN hidden TO elsewhere')
  const skewed = await open()
  await skewed.instances.list(asked)
  const later = await statementsOf(server, () => skewed.instances.list(asked))
  t.equal(looks(later), 0)
  const pages = (statements: readonly string[]) =>
    statements.filter(text => /`instances`.*ORDER BY.*LIMIT/s.test(text)).length
  t.equal(pages(later), pages(usual), 'each cell is asked once')
  await skewed.close()
  await alter('ALTER TABLE instance_metadata RENAME COLUMN elsewhere TO value')
  await alter('ALTER TABLE instances RENAME COLUMN elsewhere TO hidden')
})

t.test('services of a release without a column count as they would with its default', async t => {
  await alter('UPDATE services SET forced_down = 1, last_seen_up = UTC_TIMESTAMP()')
  const { cells: want } = await cells.status()
  t.match(want[1], { name: 'cell1', services: { up: 0 } })
  await alter('ALTER TABLE services RENAME COLUMN forced_down TO elsewhere')
  await alter('UPDATE services SET elsewhere = 0')
  const [, cell1] = (await cells.status()).cells
  await alter('ALTER TABLE services RENAME COLUMN elsewhere TO forced_down')
  const [, again] = (await cells.status()).cells
  t.same(cell1!.services, again!.services)
  t.notSame(cell1!.services, want[1]!.services, 'some were forced down')
})

t.test('a column of a resource of one’s own has the default that it is declared with', async t => {
  const faults = defineResource({
    name: 'faults',
    table: 'instance_faults',
    columns: {
      id: { kind: 'int' },
      instance_uuid: { kind: 'text' },
      severity: { kind: 'enum', members: ['low', 'high'], default: 'high' },
      seen: { kind: 'time', nullable: true },
      score: { kind: 'float', default: 0.25 },
    },
    uuid: null,
    sortKeys: ['severity', 'seen', 'score', 'id'],
  })
  const made = await cells.of(faults).list({ scope: 'all', sort: ['severity', 'seen:desc', 'score'], limit: 3 })
  t.ok(made.complete)
  t.match(made.items, [
    { severity: 'high', seen: null, score: 0.25 },
    { severity: 'high', seen: null, score: 0.25 },
    { severity: 'high', seen: null, score: 0.25 },
  ])
  const low = await cells.of(faults).count({ scope: 'all', filters: { severity: 'low' } })
  t.match(low, { count: 0, complete: true })
})
