import t from 'tap'
import { overDerived, reads } from '../../src/sql/derived.js'
import { name, sql } from '../../src/sql/fragment.js'
import { exists } from '../../src/sql/related.js'
import { selectOrdered } from '../../src/sql/select.js'
import { selectRelated } from '../../src/sql/select-related.js'

const shows = (text: string) => text.replaceAll('`', '')
const things = {
  table: 'things',
  there: true,
  lacks: [
    ['a', sql`NULL`],
    ['b', { text: '0', values: [] }],
  ],
  indexes: ['i', 'j'],
} as const
const STANDS = '(SELECT things.*, NULL AS a, 0 AS b FROM things'

t.test(
  'a derived table stands for the table wherever it is read, with the index that is asked for',
  async t => {
    const term = (column: string) => ({
      order: name(column),
      compare: name(column),
      dir: 'asc' as const,
      nullable: false,
      bind: (value: unknown) => sql`${value as number}`,
    })
    const index = (name: string) => ({ name, where: sql`c = ${1}` })
    const statement = {
      ...selectOrdered({
        table: 'things',
        columns: [name('a')],
        where: sql`things_and = ${'FROM `things`'}`,
        terms: [term('id')],
        orderBy: 1,
        path: { order: index('i'), filter: index('gone') },
      }),
      rows: 7,
    }
    const { text, values, rows } = overDerived(statement, things)
    t.equal(
      shows(text),
      `SELECT a FROM (SELECT id AS walked_0 FROM ${STANDS} FORCE INDEX (i)) AS things WHERE c = ?) AS walk ` +
        `STRAIGHT_JOIN (SELECT id AS found_id FROM ${STANDS}) AS things WHERE c = ? LIMIT ?) AS few ON found_id = walked_0 ` +
        `STRAIGHT_JOIN ${STANDS}) AS things ON id = found_id WHERE things_and = ? ORDER BY walked_0`,
    )
    t.same([values, rows], [statement.values, 7])
  },
)

t.test('it has the name by which the statement knows the table', async t => {
  const related = selectRelated({
    table: 'tags',
    column: 'host',
    owners: ['h'],
    through: { table: 'things', key: 'id', references: 'a' },
    columns: ['b'],
    only: [],
    orderBy: 'b',
    last: false,
  })
  t.match(
    shows(overDerived(related, things).text),
    `FROM ${STANDS}) AS owner STRAIGHT_JOIN tags ON tags.host = owner.a WHERE`,
  )
})

t.test('a table that is not there has no rows', async t => {
  const statement = exists(
    { table: 'tags', column: 'owner', outer: { table: 'things', column: 'id' }, values: [['tag', ['x']]] },
    false,
    () => undefined,
  )
  const lacks = [
    ['owner', sql`NULL`],
    ['tag', sql`NULL`],
  ] as const
  t.equal(
    shows(overDerived(statement, { table: 'tags', there: false, lacks, indexes: [] }).text),
    'EXISTS (SELECT 1 FROM (SELECT NULL AS owner, NULL AS tag FROM DUAL WHERE FALSE) AS tags WHERE tags.owner = things.id AND tags.tag IN (?))',
  )
})

t.test('where nothing is missing, only an index that is not there is left out', async t => {
  const whole = { ...things, lacks: [] }
  const text =
    'SELECT 1 FROM `things` FORCE INDEX (`i`) JOIN `things` FORCE INDEX (`gone`) JOIN `things` AS owner'
  t.equal(
    overDerived({ text, values: [] }, whole).text,
    'SELECT 1 FROM `things` FORCE INDEX (`i`) JOIN `things` JOIN `things` AS owner',
  )
})

t.test('whether a statement reads a table', async t => {
  t.equal(reads(sql`SELECT 1 FROM ${name('things')}`, 'things'), true)
  t.equal(reads(sql`SELECT 1 FROM ${name('things_2')} WHERE a = ${'things'}`, 'things'), false)
})
