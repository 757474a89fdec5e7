import fc from 'fast-check'
import t from 'tap'
import { connect } from '../../src/cells/connection.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import type { SqlValue } from '../../src/sql/fragment.js'
import { startServer } from '../../src/testing/server.js'
import { seed } from '../fixtures/seed.js'
import { type CellCollations, collationsFor } from './fixtures/collations.js'
import { createThings } from './fixtures/things.js'
import { row, textsFor } from './fixtures/things-data.js'
import { allPages, insertThings, openThings, uuidOf } from './fixtures/things-pages.js'
import { type Asked, asked } from './fixtures/things-query.js'

/**
 * The paging property over real cells. The truth is SQL: all cells' rows in one table, ordered by the server.
 */
const DATASETS = Number(process.env.DATASETS ?? 50)
const QUERIES = 44

const MAX_CELLS = 5
const server = await startServer()
t.teardown(() => server.stop())
for (let i = 0; i < MAX_CELLS; i++) await server.query(`CREATE DATABASE cell${i}`)
await server.query('CREATE DATABASE truth')
const databases = await Promise.all(
  ['truth', ...Array.from({ length: MAX_CELLS }, (_, i) => `cell${i}`)].map(name =>
    connect(parseDatabaseUrl(server.url(name), '')),
  ),
)
t.teardown(() => Promise.all(databases.map(database => database.close())))
const [truth, ...cells] = databases as [(typeof databases)[0], ...typeof databases]

interface Dataset {
  readonly collations: CellCollations
  readonly microseconds: readonly number[]
  readonly rows: readonly (readonly SqlValue[][])[]
}

const dataset: fc.Arbitrary<Dataset> = fc.integer({ min: 1, max: MAX_CELLS }).chain(count =>
  collationsFor(count).chain(collations =>
    fc.record({
      collations: fc.constant(collations),
      microseconds: fc.oneof(
        fc.constantFrom(0, 3, 6).map(digits => collations.cells.map(() => digits)),
        fc.constant(collations.cells.map((_, i) => [6, 0, 3][i % 3]!)),
      ),
      rows: fc.tuple(
        ...collations.cells.map((_, cell) =>
          fc.integer({ min: 0, max: 14 }).chain(size =>
            fc.tuple(
              // The texts of a column must fit into it in every cell.
              ...Array.from({ length: size }, (_, i) => row(i + 1, uuidOf(cell, i), textsOf(collations))),
            ),
          ),
        ),
      ) as unknown as fc.Arbitrary<SqlValue[][][]>,
    }),
  ),
)

const textsOf = ({ cells, truth }: CellCollations) =>
  [0, 1, 2].map(i => textsFor([...cells.map(cell => cell[i]!), truth[i]!]))

const load = async ({ collations, microseconds, rows }: Dataset) => {
  for (const database of databases) await database.query('DROP TABLE IF EXISTS things')
  await truth.query(createThings(collations.truth, 6, true))
  for (const [i, of] of rows.entries()) {
    await cells[i]!.query(createThings(collations.cells[i]!, microseconds[i]!))
    await insertThings(cells[i]!, of)
    // A time is what its cell's column made of it, and a FLOAT what the server made of its digits.
    await truth.query(`INSERT INTO truth.things SELECT * FROM cell${i}.things`)
  }
}

const expected = async ({ where, orderBy }: Asked) =>
  (await truth.query(`SELECT uuid, t1 FROM things WHERE ${where} ORDER BY ${orderBy}`)) as [
    string,
    string | null,
  ][]

let cases = 0
let shown = 0

t.test('pages put together are what ORDER BY over everything gives', async t => {
  for (const [i, data] of fc.sample(dataset, { numRuns: DATASETS, seed }).entries()) {
    await load(data)
    const { lister, close } = await openThings(data.rows.map((_, cell) => server.url(`cell${cell}`)))
    const uniform = data.collations.cells.every(cell => String(cell) === String(data.collations.truth))
    const failure = await fc.check(
      fc.asyncProperty(asked(textsOf(data.collations), uniform), fc.boolean(), async (one, byMarker) => {
        const [want, got] = [await expected(one), await allPages(lister, one, byMarker ? 'marker' : 'cursor')]
        cases++
        shown += want.length
        return (
          want.length === got.length &&
          want.every(([uuid, t1], n) => uuid === got[n]!.uuid && t1 === got[n]!.t1)
        )
      }),
      { numRuns: QUERIES, seed: seed + i },
    )
    await close()
    if (failure.failed) {
      const [one, byMarker] = failure.counterexample!
      t.fail(`dataset ${i}`, {
        error: String(failure.errorInstance ?? 'another list'),
        collations: data.collations,
        microseconds: data.microseconds,
        query: one,
        byMarker,
        want: await expected(one),
        rows: data.rows,
      })
      return
    }
  }
  t.ok(cases >= 2_000, `${cases} cases`)
  t.ok(shown > cases, `${shown} rows`)
})
