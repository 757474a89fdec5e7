import fc from 'fast-check'
import t from 'tap'
import { connect } from '../../src/cells/connection.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import { defineResource, type Lister, openCells } from '../../src/index.js'
import { encode, type Value } from '../../src/sql/codec.js'
import type { SqlValue } from '../../src/sql/fragment.js'
import { startServer } from '../../src/testing/server.js'
import { seed } from '../fixtures/seed.js'
import { type CellCollations, collationsFor } from './fixtures/collations.js'
import { type Collations, createThings, things } from './fixtures/things.js'
import { row, textsFor, VALUES } from './fixtures/things-data.js'
import { allPages, insertThings, uuidOf } from './fixtures/things-pages.js'
import { type Asked, asked } from './fixtures/things-query.js'

/**
 * Cells of different releases: columns that some lack, with a default or without, and types that have grown. The truth is SQL over one table
 * that has all columns, with the default in the rows of the cells that lack them.
 */
const DATASETS = Number(process.env.DATASETS ?? 12)
const QUERIES = 24

const CELLS = 3
const server = await startServer()
t.teardown(() => server.stop())
const names = ['truth', ...Array.from({ length: CELLS }, (_, i) => `cell${i}`)]
for (const name of names) await server.query(`CREATE DATABASE ${name}`)
const databases = await Promise.all(names.map(name => connect(parseDatabaseUrl(server.url(name), ''))))
t.teardown(() => Promise.all(databases.map(database => database.close())))
const [truth, ...cells] = databases as [(typeof databases)[0], ...typeof databases]
const mappings = cells.map((_, i) => ({ uuid: `c${i}`, name: `cell${i}`, database: server.url(`cell${i}`) }))

type Column = keyof typeof VALUES | 't1' | 't2' | 't3' | 'gone'

/** A letter that no other text has, so that all collations agree on where it is found. */
const TEXT = 'q'
const defaults: Readonly<Record<Column, readonly Value[]>> = {
  ...(VALUES as Omit<typeof VALUES, 'single' | 'flag' | 'at'>),
  // A column of single precision would hold others only nearly.
  single: [-1.5, 0.5],
  flag: [true, false],
  at: ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.1Z', '1999-12-31T23:59:59.999999Z'],
  t1: [TEXT],
  t2: [TEXT, ''],
  t3: [TEXT],
  gone: [0, 1],
}
/** Of these null can't be the default. */
const REQUIRED = new Set<Column>(['t3', 'gone'])
const TEXTS: readonly Column[] = ['t1', 't2', 't3']
const droppable = Object.keys(defaults) as Column[]

/** How a cell's release differs. */
interface Release {
  readonly lacks: readonly Column[]
  readonly digits: number
  readonly grown: boolean
}

interface Dataset {
  readonly collations: CellCollations
  readonly defaults: Readonly<Partial<Record<Column, Value>>>
  readonly releases: readonly Release[]
  readonly rows: readonly (readonly SqlValue[][])[]
}

const release: fc.Arbitrary<Release> = fc.record({
  lacks: fc.subarray(droppable, { maxLength: 7 }),
  digits: fc.constantFrom(0, 3, 6),
  grown: fc.boolean(),
})

/** Where the first cell's collation is another, that of the other two decides: both have the column. */
const withMajority = (one: Release, { cells }: CellCollations): Release => ({
  ...one,
  lacks: one.lacks.filter(column => {
    const text = TEXTS.indexOf(column)
    return text < 0 || cells[0]![text] === cells[1]![text]
  }),
})

/** What is agreed on when the first cell has no say. */
const agreedOn = ({ collations: { cells, truth }, releases }: Dataset): Collations =>
  truth.map((name, i) =>
    releases[0]!.lacks.includes(TEXTS[i]!) ? cells[1]![i]! : name,
  ) as unknown as Collations

const dataset: fc.Arbitrary<Dataset> = collationsFor(CELLS).chain(collations =>
  fc.record({
    collations: fc.constant(collations),
    defaults: fc.record(
      Object.fromEntries(
        droppable.map(column => [
          column,
          fc.option(fc.constantFrom(...defaults[column]), {
            freq: REQUIRED.has(column) ? 1e9 : 2,
            nil: undefined,
          }),
        ]),
      ),
    ) as fc.Arbitrary<Dataset['defaults']>,
    releases: fc
      .array(release, { minLength: CELLS, maxLength: CELLS })
      .map(all => all.map((one, i) => (i === 0 ? one : withMajority(one, collations)))),
    rows: fc.tuple(
      ...collations.cells.map((_, cell) =>
        fc
          .integer({ min: 0, max: 14 })
          .chain(size =>
            fc.tuple(
              ...Array.from({ length: size }, (_, i) => row(i + 1, uuidOf(cell, i), textsOf(collations))),
            ),
          ),
      ),
    ) as unknown as fc.Arbitrary<SqlValue[][][]>,
  }),
)

const textsOf = ({ cells, truth }: CellCollations) =>
  [0, 1, 2].map(i => textsFor([...cells.map(cell => cell[i]!), truth[i]!]))

const all = Object.keys(things.columns)
const WIDER = "choice ENUM('zeta', 'alpha', 'mid', 'omega') NULL"
const GROWN = [
  'small BIGINT NULL',
  'exact DECIMAL(50, 12) NULL',
  WIDER,
  'gone BIGINT NOT NULL',
  'project_id VARCHAR(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL',
]

const load = async (data: Dataset) => {
  const { collations, defaults, releases, rows } = data
  for (const database of databases) await database.query('DROP TABLE IF EXISTS things')
  await truth.query(createThings(agreedOn(data), 6, true))
  await truth.query(`ALTER TABLE things MODIFY ${WIDER}`)
  for (const [i, { lacks, digits, grown }] of releases.entries()) {
    const cell = cells[i]!
    await cell.query(createThings(collations.cells[i]!, digits))
    await insertThings(cell, rows[i]!)
    if (grown) {
      await cell.query(
        `ALTER TABLE things ADD COLUMN newer INT NOT NULL DEFAULT 5, ${GROWN.map(column => `MODIFY ${column}`).join(', ')}`,
      )
      await cell.query(`UPDATE things SET choice = 'omega' WHERE id % 4 = 0`)
    }
    if (lacks.length > 0)
      await cell.query(`ALTER TABLE things ${lacks.map(column => `DROP COLUMN \`${column}\``).join(', ')}`)
    const filled = lacks.map(column => encode(things.columns[column].kind, defaults[column] ?? null))
    const has = all.filter(column => !lacks.includes(column as Column)).map(column => `\`${column}\``)
    await truth.query(
      `INSERT INTO truth.things (${[...lacks.map(column => `\`${column}\``), ...has].join(', ')}) SELECT ${[...lacks.map(() => '?'), ...has].join(', ')} FROM cell${i}.things`,
      filled,
    )
  }
  const columns = Object.fromEntries(
    Object.entries(things.columns).map(([column, it]) => {
      const value = defaults[column as Column]
      return [column, value === undefined ? it : { ...it, default: value }]
    }),
  )
  const open = await openCells({ cells: mappings, connectionsPerCell: 2 })
  return {
    open,
    lister: open.of(defineResource({ ...things, columns } as never)) as unknown as Lister<typeof things>,
  }
}

const expected = async ({ where, orderBy }: Asked) =>
  (await truth.query(`SELECT uuid, t1 FROM things WHERE ${where} ORDER BY ${orderBy}`)) as [
    string,
    string | null,
  ][]

/** How many rows each group has; which text stands for those that are equal is nobody's business. */
const counted = async ({ where }: Asked, group: readonly string[]): Promise<number[]> =>
  (
    await truth.query(
      `SELECT COUNT(*) FROM things WHERE ${where} ${group.length === 0 ? '' : `GROUP BY ${group.map(column => `\`${column}\``).join(', ')}`}`,
    )
  ).map(([count]) => Number(count))

const sorted = (counts: readonly number[]) => [...counts].sort((a, b) => a - b)

let cases = 0
let shown = 0
let lacking = 0

t.test('cells that lack columns answer as if they had them, with their defaults', async t => {
  for (const [i, data] of fc.sample(dataset, { numRuns: DATASETS, seed }).entries()) {
    const { open, lister } = await load(data)
    const uniform = data.collations.cells.every(cell => String(cell) === String(data.collations.truth))
    // A text that stands for a column compares as the other texts of its cell's table do, whatever other cells have.
    const standing = data.releases.some(({ lacks }) =>
      lacks.some(column => TEXTS.includes(column) && data.defaults[column] !== undefined),
    )
    const failure = await fc.check(
      fc.asyncProperty(
        asked(textsOf(data.collations), uniform && !standing),
        fc.boolean(),
        fc.subarray(
          [...things.sortKeys].filter(key => key !== 'id' && key !== 'uuid'),
          { maxLength: 2 },
        ),
        async (one, byMarker, group) => {
          const [want, got] = [await expected(one), await allPages(lister, one, byMarker ? 'marker' : 'cursor')]
          cases++
          shown += want.length
          lacking += one.query.sort.filter(key =>
            data.releases.some(({ lacks }) => lacks.some(column => key.startsWith(`${column}:`))),
          ).length
          const { scope, filters } = one.query
          const count = await lister.count({ scope, filters, group_by: group } as never)
          return (
            want.length === got.length &&
            want.every(([uuid, t1], n) => uuid === got[n]!.uuid && t1 === got[n]!.t1) &&
            count.count === want.length &&
            String(sorted(count.groups.map(one => one.count))) === String(sorted(await counted(one, group)))
          )
        },
      ),
      { numRuns: QUERIES, seed: seed + i },
    )
    await open.close()
    if (failure.failed) {
      const [one, byMarker, group] = failure.counterexample!
      t.fail(`dataset ${i}`, {
        error: String(failure.errorInstance ?? 'another list'),
        query: one,
        byMarker,
        group,
        want: await expected(one),
        counts: await counted(one, group),
        ...data,
      })
      return
    }
  }
  t.comment(`${cases} cases, ${shown} rows, ${lacking} sort keys that a cell lacks`)
  t.ok(cases >= DATASETS * QUERIES, `${cases} cases`)
  t.ok(shown > cases && lacking > cases / 4, `${shown} rows, ${lacking} keys`)
})
