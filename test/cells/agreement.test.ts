import t from 'tap'
import type { Cell } from '../../src/cells/cell.js'
import { planKeys, type SortColumn } from '../../src/cells/key-plan.js'
import type { KnownCell } from '../../src/cells/known-cell.js'
import type { ColumnSchema } from '../../src/cells/table-schema.js'
import { agreeOnText } from '../../src/cells/text-agreement.js'
import { sql } from '../../src/sql/fragment.js'

/** What cells agree on, over cells that are made up: real servers of different makes are rare. */
const { signal } = new AbortController()

interface Made {
  readonly collation?: string
  readonly version?: string
  readonly length?: number
  readonly members?: readonly string[]
  /** What the server weighs differently, or does not have at all. */
  readonly prints?: Readonly<Record<string, string | undefined>>
}

const asked: string[] = []
const cell = (
  name: string,
  { collation = 'utf8mb3_general_ci', version = '1', length = 255, ...made }: Made,
): KnownCell => ({
  alike: {},
  cell: {
    uuid: name,
    name,
    weighing: async ({ name: collation }) => ({ pad: `${name} ${collation}`, full: false }),
    fingerprint: async ({ name: collation }) => {
      asked.push(`${name} ${collation}`)
      return made.prints && collation in made.prints ? made.prints[collation] : collation
    },
  } as Partial<Cell> as Cell,
  schema: {
    columns: new Map([
      [
        'c',
        { charset: '', collation, length, precision: 0, members: made.members ?? [] } satisfies ColumnSchema,
      ],
    ]),
    indexes: [],
    version,
  },
})
const cells = (...made: Made[]) => made.map((one, i) => cell(`cell${i}`, one))

/** The same cell, without the column. */
const without = (known: KnownCell): KnownCell => ({
  ...known,
  schema: {
    ...known.schema,
    columns: new Map([['c', { ...known.schema.columns.get('c')!, instead: sql`NULL` }]]),
  },
})

const agreed = async (made: readonly KnownCell[], preferred?: string) => {
  asked.length = 0
  return (await agreeOnText('c', made, preferred, signal)).collation.name
}
const refusal = (problem: RegExp, has: readonly string[]) => ({
  name: 'IncomparableCellsError',
  code: 'incomparable-cells',
  column: 'c',
  message: problem,
  cells: has.map((has, i) => ({ name: `cell${i}`, has })),
})

t.test('one collation, one version: that one, and nobody is asked', async t => {
  t.equal(await agreed(cells({}, {}, {})), 'utf8mb3_general_ci')
  t.same(asked, [])
})

t.test('one collation, several versions: that one, when they weigh alike', async t => {
  t.equal(await agreed(cells({}, { version: '2' })), 'utf8mb3_general_ci')
  t.same(asked, ['cell0 utf8mb3_general_ci', 'cell1 utf8mb3_general_ci'])
  await t.rejects(
    agreed(cells({}, { version: '2', prints: { utf8mb3_general_ci: 'other' } })),
    refusal(/order texts alike/, ['utf8mb3_general_ci', 'utf8mb3_general_ci']),
  )
})

t.test('several collations: the most frequent one in utf8mb4', async t => {
  const latin = { collation: 'latin1_swedish_ci' }
  t.equal(await agreed(cells(latin, {}, {})), 'utf8mb4_general_ci')
  t.same(asked, ['cell0 utf8mb4_general_ci'], 'one version: one server speaks for all')
  t.equal(await agreed(cells({}, latin)), 'utf8mb4_swedish_ci', 'in the sequence of the names where none is')
  t.equal(await agreed(cells(latin, {})), 'utf8mb4_swedish_ci', 'whatever the sequence of the cells')
})

t.test('a collation that a server does not have gives way to the next', async t => {
  const modern = { collation: 'utf8mb4_0900_ai_ci' }
  const lacking = { version: 'MariaDB', prints: { utf8mb4_0900_ai_ci: undefined } }
  t.equal(await agreed(cells(modern, modern, lacking)), 'utf8mb4_general_ci')
  const neither = { version: 'other', prints: { utf8mb4_0900_ai_ci: undefined, utf8mb4_general_ci: 'other' } }
  await t.rejects(
    agreed(cells(modern, lacking, neither)),
    refusal(/no collation of theirs/, ['utf8mb4_0900_ai_ci', 'utf8mb3_general_ci', 'utf8mb3_general_ci']),
  )
})

t.test('a collation by which the server contradicts itself is refused', async t => {
  const odd = { collation: 'utf8mb4_uca1400_nopad_ai_cs' }
  await t.rejects(agreed(cells(odd, odd)), refusal(/no collation/, [odd.collation, odd.collation]))
  t.equal(await agreed(cells(odd, {}, odd)), 'utf8mb4_general_ci', 'but another cell’s may do')
})

t.test('texts that servers would sort by their beginning only are refused', async t => {
  await t.rejects(
    agreed(cells({}, { length: 16_777_215 })),
    refusal(/16777215 characters/, ['utf8mb3_general_ci', 'utf8mb3_general_ci']),
  )
})

t.test('the next page keeps the order of the page before, whichever cells are up', async t => {
  const unicode = { collation: 'utf8mb4_unicode_ci' }
  t.equal(await agreed(cells({}, {}), 'utf8mb3_general_ci'), 'utf8mb3_general_ci')
  t.equal(await agreed(cells({}, unicode, unicode), 'utf8mb3_general_ci'), 'utf8mb4_general_ci')
  t.equal(await agreed(cells(unicode), 'utf8mb4_general_ci'), 'utf8mb4_general_ci')
  await t.rejects(agreed(cells({}, unicode), 'latin1_swedish_ci'), { code: 'incomparable-cells' })
})

t.test('an ENUM compares by ordinal where the shorter definition begins the longer', async t => {
  const choice: SortColumn = { column: 'c', kind: 'enum', nullable: true, dir: 'asc' }
  const plan = (...members: string[][]) =>
    planKeys([choice], cells(...members.map(members => ({ members }))), undefined, signal)
  await t.resolves(plan(['a', 'b'], ['a', 'b', 'c'], ['a']))
  await t.rejects(plan(['a', 'b'], ['b', 'a']), {
    code: 'incomparable-cells',
    message: /members of the ENUM/,
    cells: [
      { name: 'cell0', has: 'a b' },
      { name: 'cell1', has: 'b a' },
    ],
  })
})

t.test('an ENUM that is something else in another cell has no order, unless that cell lacks it', async t => {
  const choice: SortColumn = { column: 'c', kind: 'enum', nullable: true, dir: 'asc' }
  const made = cells({ members: ['a', 'b'] }, {})
  await t.rejects(planKeys([choice], made, undefined, signal), {
    code: 'incomparable-cells',
    message: /not an ENUM everywhere/,
    cells: [
      { name: 'cell0', has: 'a b' },
      { name: 'cell1', has: 'no members' },
    ],
  })
  const [one, other] = made as [KnownCell, KnownCell]
  await t.resolves(planKeys([choice], [one, without(other)], undefined, signal))
})

t.test('a cell that lacks a text has no say in how the others compare it', async t => {
  const unicode = { collation: 'utf8mb4_unicode_ci' }
  const [first, second, third] = cells(unicode, unicode, {}) as [KnownCell, KnownCell, KnownCell]
  t.equal(await agreed([without(first), without(second), third]), 'utf8mb3_general_ci')
  t.equal(await agreed([without(first), without(second)]), 'utf8mb4_unicode_ci', 'unless all of them do')
})

t.test('no cell, no order', async t => {
  t.same(await planKeys([], [], undefined, signal), { ordering: [], cells: [], positions: [], collations: [] })
})
