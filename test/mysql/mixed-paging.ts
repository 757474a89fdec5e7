import fc from 'fast-check'
import t from 'tap'
import { connect } from '../../src/cells/connection.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import type { SqlValue } from '../../src/sql/fragment.js'
import { startServer } from '../../src/testing/server.js'
import { seed } from '../fixtures/seed.js'
import { type Collations, createThings } from '../listing/fixtures/things.js'
import { row, textsFor } from '../listing/fixtures/things-data.js'
import { allPages, insertThings, openThings, uuidOf } from '../listing/fixtures/things-pages.js'
import { type Asked, asked } from '../listing/fixtures/things-query.js'

/**
 * The paging property over cells of both makes. MariaDB's cells have collations that MySQL has too; MySQL's have
 * the same ones or MySQL's own, which must give way. The truth is one table, on each server in turn.
 */
const DATASETS = Number(process.env.DATASETS ?? 40)
const QUERIES = 30

const KINDS = ['mariadb', 'mysql', 'mariadb', 'mysql'] as const
const servers = { mariadb: await startServer({ kind: 'mariadb' }), mysql: await startServer({ kind: 'mysql' }) }
const open = async (kind: 'mariadb' | 'mysql', name: string) => {
  await servers[kind].query(`CREATE DATABASE ${name}`)
  return connect(parseDatabaseUrl(servers[kind].url(name), ''))
}
const truths = [await open('mariadb', 'truth'), await open('mysql', 'truth')]
const cells = await Promise.all(KINDS.map((kind, i) => open(kind, `cell${i}`)))
t.teardown(async () => {
  await Promise.all([...truths, ...cells].map(database => database.close()))
  await Promise.all(Object.values(servers).map(server => server.stop()))
})

const SHARED = ['general_ci', 'unicode_ci', 'bin', 'unicode_520_ci', 'czech_ci', 'german2_ci']
const MYSQL_OWN = ['utf8mb4_0900_ai_ci', 'utf8mb4_0900_as_cs', 'utf8mb4_0900_bin']

interface Column {
  readonly truth: string
  readonly mariadb: string
  readonly mysql: string
}
const column: fc.Arbitrary<Column> = fc.constantFrom(...SHARED).chain(order => {
  const forms = [`utf8mb3_${order}`, `utf8mb4_${order}`]
  return fc.record({
    truth: fc.constant(`utf8mb4_${order}`),
    mariadb: fc.constantFrom(...forms),
    mysql: fc.constantFrom(...forms, ...MYSQL_OWN),
  })
})

const dataset = fc
  .record({ columns: fc.tuple(column, column, column), cells: fc.integer({ min: 2, max: 4 }) })
  .chain(({ columns, cells }) => {
    // What a text can hold depends on all cells: a filter's or marker's text is compared in each of them.
    const texts = columns.map(({ mariadb, mysql }) => textsFor([mariadb, mysql]))
    return fc.record({
      columns: fc.constant(columns),
      texts: fc.constant(texts),
      rows: fc.tuple(
        ...Array.from({ length: cells }, (_, cell) =>
          fc
            .integer({ min: 0, max: 14 })
            .chain(size =>
              fc.tuple(...Array.from({ length: size }, (_, i) => row(i + 1, uuidOf(cell, i), texts))),
            ),
        ),
      ) as unknown as fc.Arbitrary<SqlValue[][][]>,
    })
  })
type Dataset = typeof dataset extends fc.Arbitrary<infer T> ? T : never

const load = async ({ columns, rows }: Dataset) => {
  for (const database of [...truths, ...cells]) await database.query('DROP TABLE IF EXISTS things')
  const collations = (of: keyof Column) => columns.map(column => column[of]) as unknown as Collations
  for (const truth of truths) {
    await truth.query(createThings(collations('truth'), 6, true))
    await insertThings(truth, rows.flat())
  }
  for (const [i, of] of rows.entries()) {
    await cells[i]!.query(createThings(collations(KINDS[i]!), 6))
    await insertThings(cells[i]!, of)
  }
}

let cases = 0
let shown = 0

t.test('pages over both makes are what ORDER BY over everything gives on either', async t => {
  for (const [i, data] of fc.sample(dataset, { numRuns: DATASETS, seed }).entries()) {
    await load(data)
    const { lister, close } = await openThings(
      KINDS.slice(0, data.rows.length).map((kind, i) => servers[kind].url(`cell${i}`)),
    )
    const expected = async ({ where, orderBy }: Asked, on: number) =>
      (await truths[on]!.query(`SELECT uuid FROM things WHERE ${where} ORDER BY ${orderBy}`)).map(([uuid]) =>
        String(uuid),
      )
    const failure = await fc.check(
      // No filters on text: each server answers those by its column's own collation.
      fc.asyncProperty(asked(data.texts, false), fc.boolean(), async (one, byMarker) => {
        const pages = await allPages(lister, one, byMarker ? 'marker' : 'cursor')
        const got = pages.map(({ uuid }) => uuid)
        cases++
        shown += got.length
        return String(await expected(one, cases % 2)) === String(got)
      }),
      { numRuns: QUERIES, seed: seed + i },
    )
    await close()
    if (failure.failed) {
      const [one, byMarker] = failure.counterexample!
      t.fail(`dataset ${i}`, {
        error: String(failure.errorInstance ?? 'another list'),
        columns: data.columns,
        query: one,
        byMarker,
        want: await Promise.all([expected(one, 0), expected(one, 1)]),
        rows: data.rows,
      })
      return
    }
  }
  t.ok(cases >= DATASETS * QUERIES, `${cases} cases`)
  t.ok(shown > cases, `${shown} rows`)
})
