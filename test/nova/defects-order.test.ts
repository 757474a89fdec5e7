import t from 'tap'
import { openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { namesOf, readPages, type Way } from './fixtures/defects-pages.js'
import { addInstances, addRow, uuidOf } from './fixtures/defects-rows.js'
import { openTruth } from './fixtures/defects-truth.js'

/** Nova's defects that lose or repeat rows: its merge has another order than the cells. The truth is one ORDER BY. */
// Those with spaces behind come before, between and behind those without: they are ties, and only a tab is less.
const NAMES = [
  ...[
    'web  ',
    'zoë ',
    'web',
    'Web',
    'WEB',
    'web ',
    'wéb',
    'WÉB',
    'web\t',
    'web_1',
    'web-1',
    'web1',
    'web!',
    '_web',
  ],
  ...[
    ' web',
    'Zoe',
    'zoë',
    'ZOË',
    'éclair',
    'Eclair',
    'straße',
    'strasse',
    'STRASSE',
    'a',
    'B',
    '~',
    '_',
    'Web  ',
  ],
]
const HOSTS = [null, 'b', null, 'A', 'a', null]
const LOCKS = [null, 'admin', 'owner', 'admin', null, 'owner', 'owner']
const TIMES = ['2026-01-01 12:00:00', null, '2026-01-01 12:00:00', '2026-01-02 00:00:00', null]
const TYPES = ['resize', 'migration', null, 'evacuation', 'live-migration']

const local = await startLocalCells({ cells: 2, cell0: false })
t.teardown(() => local.stop())
// Every name is in one of the cells, every third in both.
const cellsOf = (n: number) => (n % 3 === 0 ? ['cell1', 'cell2'] : [n % 2 === 0 ? 'cell1' : 'cell2'])
const rows = NAMES.flatMap((display_name, n) =>
  cellsOf(n).map((cell, copy) => {
    const of = <T>(values: readonly T[]): T => values[(n + copy) % values.length]!
    // Neither uuids nor ids say anything about the order.
    const uuid = uuidOf((((n + 7) * 37) % 101) + 1_000 * copy)
    const row = { uuid, display_name, host: of(HOSTS), locked_by: of(LOCKS), created_at: of(TIMES) }
    return { cell, row, migration: { uuid, migration_type: of(TYPES), deleted: 0, hidden: 0 } }
  }),
)
for (const { cell, row, migration } of rows) {
  await addInstances(local, cell, [row])
  await addRow(local, cell, 'migrations', migration)
}
const cells = await openCells({ apiDatabase: local.apiDatabase! })
const stranger = await openCells({ apiDatabase: local.apiDatabase! })
t.teardown(() => Promise.all([cells.close(), stranger.close()]))
const truth = await openTruth(local, 'instances')
const migrations = await openTruth(local, 'migrations')
t.teardown(() => Promise.all([truth.close(), migrations.close()]))
const pager = { cells, stranger, uuidOf: truth.uuidOf }

const PAGES: readonly (readonly [limit: number, Way])[] = [
  [1, 'by cursor'],
  [2, 'by cursor'],
  [3, 'by cursor'],
  [2, 'by marker'],
  [3, 'by marker that is looked up'],
]

const pagesAreExact = async (t: Pick<Tap, 'equal' | 'ok'>, sort: readonly string[]) => {
  const want = await truth.names(sort)
  for (const [limit, way] of PAGES) {
    const pages = await readPages(pager, { scope: 'all', sort, limit } as never, way)
    t.equal(namesOf(pages), want, `${sort}, ${limit} on a page, ${way}`)
    t.ok(
      pages.every(({ complete }) => complete),
      'no cell is taken for down',
    )
    t.ok(
      pages.slice(0, -1).every(({ items }) => items.length === limit),
      'full pages',
    )
  }
}
type Tap = typeof t

t.test('defect 3, a merge by code points of what cells sort by collation', async t => {
  for (const dir of ['asc', 'desc'])
    await t.test(`case, accents, _ and trailing spaces, ${dir}`, t => pagesAreExact(t, [`display_name:${dir}`]))
  await t.test('that order is another one than that of code points', async t => {
    const sorted = await local.query('cell1', 'SELECT display_name FROM instances ORDER BY display_name, id')
    const texts = sorted.map(([name]) => String(name))
    t.notSame(texts, texts.toSorted())
  })
})

t.test('defect 4, NULL and ENUM in a sort key', async t => {
  for (const sort of [['host:asc'], ['host:desc'], ['created_at:asc'], ['created_at:desc']])
    await t.test(`NULLs come first ascending and last descending: ${sort}`, t => pagesAreExact(t, sort))
  await t.test('in two keys, in two directions', t => pagesAreExact(t, ['host:desc', 'created_at:asc']))

  for (const dir of ['asc', 'desc'] as const)
    await t.test(`a marker with a NULL makes no cell look down, ${dir}`, async t => {
      const query = { scope: 'all', sort: [`host:${dir}`], fields: ['uuid', 'host'] } as const
      const { items } = await cells.instances.list(query)
      const nulls = [...items.keys()].filter(at => items[at]!.host === null)
      t.equal(nulls[0], dir === 'asc' ? 0 : items.length - nulls.length)
      t.equal(nulls.at(-1), nulls[0]! + nulls.length - 1)
      for (const at of nulls) {
        const page = await cells.instances.list({ ...query, marker: items[at]!.uuid })
        t.same(page.items, items.slice(at + 1))
        t.ok(page.cells.every(({ state }) => state === 'ok'))
      }
    })

  for (const dir of ['asc', 'desc'])
    await t.test(`an ENUM sorts by its ordinal: ${dir}`, t => pagesAreExact(t, [`locked_by:${dir}`]))
  await t.test('that is as it was defined, and no order of texts', async t => {
    const locked = await cells.instances.list({ scope: 'all', sort: ['locked_by'] })
    t.same([...new Set(locked.items.map(item => item.locked_by))], [null, 'owner', 'admin'])
    const moves = []
    const query = { scope: 'all', sort: ['migration_type'], limit: 2 } as const
    for await (const { items } of cells.migrations.pages(query)) moves.push({ items })
    t.equal(namesOf(moves as never), await migrations.names(['migration_type:asc']))
    t.same(
      [...new Set(moves.flatMap(({ items }) => items.map(item => item.migration_type)))],
      [null, 'migration', 'resize', 'live-migration', 'evacuation'],
    )
  })
})
