import t from 'tap'
import type { Cell } from '../../src/cells/cell.js'
import type { Resource } from '../../src/resources/resource.js'
import { readLayout } from '../../src/search/layout.js'
import { startServer } from '../../src/testing/server.js'
import { openDirectly } from '../cells/fixtures/direct-cells.js'

/** What cells agree on, over tables that are made for it. */

const server = await startServer()
t.teardown(() => server.stop())
const names = ['a', 'b', 'c'] as const
for (const name of names) await server.query(`CREATE DATABASE ${name}`)
const databases = await openDirectly({
  cells: names.map(name => ({ uuid: name, name, database: server.url(name) })),
})
t.teardown(() => databases.close())
const cells = databases.cells.current()
const { signal } = new AbortController()

const text = (collation: string, type = 'VARCHAR(60)') =>
  `${type} CHARACTER SET ${collation.split('_')[0]} COLLATE ${collation}`
const GENERAL = text('utf8mb3_general_ci')

/** The column `c` of each cell's table, and what the cells make of it. */
const layoutOf = async (
  kind: 'text' | 'enum',
  types: readonly (string | null)[],
  asked: readonly Cell[] = cells,
) => {
  await server.query(
    `DROP TABLE IF EXISTS ${names.map(name => `${name}.things, ${name}.labels, ${name}.pairs`)}`,
  )
  await Promise.all(
    names.map(async (name, i) => {
      const column = types[i] === null ? '' : `, c ${types[i]}`
      await server.query(`CREATE TABLE ${name}.things (id INT PRIMARY KEY${column})`)
      await server.query(`CREATE TABLE ${name}.labels (owner INT${column})`)
      await server.query(`CREATE TABLE ${name}.pairs (owner INT, k ${GENERAL}${column})`)
      asked[i]!.forget()
    }),
  )
  const relation = (table: string) => ({ table, column: 'owner', references: 'id' })
  const filters: Resource['filters'] =
    kind === 'enum'
      ? {}
      : {
          labels: { kind: 'labels', relation: relation('labels'), label: 'c', match: 'all' },
          none: { kind: 'labels', relation: relation('labels'), label: 'c', match: 'none' },
          pairs: { kind: 'pairs', relation: relation('pairs'), key: 'k', value: 'c' },
          since: { kind: 'bound', column: 'id', op: 'gte' },
        }
  const resource: Resource = {
    ...{ name: 'things', table: 'things', columns: { id: { kind: 'int' }, c: { kind } }, id: 'id', uuid: null },
    ...{ scope: {}, sortKeys: ['id'], defaultSort: ['id:asc'], flags: [], filters, relations: {} },
  }
  const { weights, ...layout } = await readLayout(resource, asked, signal)
  return { ...layout, weights: weights.map(({ collation }) => collation) }
}

const all = (type: string) => names.map(() => type)
const both = { members: { 'labels.c': [0], 'pairs.k.c': [0, 0] } }
const none = { texts: {}, members: {} }

t.test('texts: one collation by which all of them compare', async t => {
  for (const [types, want] of [
    [all(GENERAL), { texts: { c: 0 }, ...both, weights: ['utf8mb3_general_ci'] }],
    [[GENERAL, null, GENERAL], { texts: { c: 0 }, weights: ['utf8mb3_general_ci'] }],
    [
      [GENERAL, text('utf8mb4_general_ci'), GENERAL],
      { texts: { c: 0 }, members: { 'labels.c': [0] }, weights: ['utf8mb4_general_ci', 'utf8mb3_general_ci'] },
    ],
    [all(text('utf8mb4_bin')), { texts: { c: 0 }, weights: ['utf8mb4_bin', 'utf8mb3_general_ci'] }],
    [all(text('utf8mb3_general_ci', 'VARCHAR(1024)')), { texts: { c: 0 } }],
    [[GENERAL, GENERAL, text('utf8mb3_general_ci', 'VARCHAR(1025)')], none],
    [[GENERAL, GENERAL, text('utf8mb3_general_ci', 'TEXT')], none],
    [[GENERAL, text('utf8mb3_bin'), GENERAL], none],
    [[GENERAL, text('utf8mb4_bin'), text('utf8mb4_general_ci')], none],
    [all(text('utf8mb4_unicode_ci')), none],
    [all(text('big5_chinese_ci')), none],
    [all('VARBINARY(60)'), none],
    [[GENERAL, 'VARBINARY(60)', GENERAL], none],
    [[null, null, null], none],
  ] as const)
    t.match(await layoutOf('text', types), want, String(types))
  t.same((await layoutOf('text', [null, null, null])).members, {})
})

t.test('what one server weighs otherwise can’t be compared', async t => {
  const odd: Cell = {
    ...cells[1]!,
    query: async (statement, signal) => {
      const rows = await cells[1]!.query(statement, signal)
      for (const value of rows[0]!) if (Buffer.isBuffer(value) && value.length > 1_000) value[99] = 7
      return rows
    },
  }
  t.match(await layoutOf('text', all(GENERAL), [cells[0]!, odd, cells[2]!]), {
    texts: {},
    members: {},
    weights: [],
  })
})

t.test('ENUMs: the same ordinals', async t => {
  for (const [types, want] of [
    [all(`ENUM('owner', 'admin')`), ['owner', 'admin']],
    [
      [`ENUM('owner')`, `ENUM('owner', 'admin')`, null],
      ['owner', 'admin'],
    ],
    [[`ENUM('owner', 'admin')`, `ENUM('admin', 'owner')`, null], undefined],
    [[`ENUM('owner', 'admin')`, GENERAL, null], undefined],
    [[null, null, null], undefined],
  ] as const) {
    const { enums, texts } = await layoutOf('enum', types)
    t.same(enums, want === undefined ? {} : { c: want }, String(types))
    t.same(texts, {})
  }
})
