import t from 'tap'
import { and, join, list, name, or, sql } from '../../src/sql/fragment.js'
import { selectOrdered } from '../../src/sql/select.js'

t.test('values are bound, fragments are put in place', async t => {
  t.same(sql`a = ${1} AND ${sql`b = ${'x'}`} AND c <=> ${null}`, {
    text: 'a = ? AND b = ? AND c <=> ?',
    values: [1, 'x', null],
  })
  t.same(list([1, 'x']), { text: '(?, ?)', values: [1, 'x'] })
  t.same(join([sql`a`, sql`b`], ', ').text, 'a, b')
})

t.test('nothing to hold is TRUE, nothing to choose from is FALSE', async t => {
  t.equal(and([]).text, 'TRUE')
  t.equal(or([]).text, 'FALSE')
  t.equal(or([sql`a`, sql`b`]).text, '(a OR b)')
})

t.test('what is no name never becomes text', async t => {
  for (const evil of ['a`b', 'a b', 'a;--', '', 'a.b']) t.throws(() => name(evil), TypeError)
})

t.test('rows ordered up to the id, behind a position, by a forced index', async t => {
  const term = (column: string, dir: 'asc' | 'desc') => ({
    order: name(column),
    compare: name(column),
    dir,
    nullable: false,
    bind: (value: string | number | null) => sql`${value}`,
  })
  const batch = {
    table: 't',
    columns: [name('a'), name('id'), name('uuid')],
    where: sql`d = ${0}`,
    terms: [term('a', 'desc'), term('id', 'desc'), term('uuid', 'asc')],
    orderBy: 2,
    path: {},
  }
  t.same(selectOrdered(batch), {
    text: 'SELECT `a`, `id`, `uuid` FROM `t` WHERE d = ? ORDER BY `a` DESC, `id` DESC',
    values: [0],
  })
  t.same(
    selectOrdered({ ...batch, path: { order: { name: 'i', where: sql`d = ${0}` } }, after: [3, 2, 'u'] }),
    {
      text: 'SELECT `a`, `id`, `uuid` FROM `t` FORCE INDEX (`i`) WHERE d = ? AND `a` <= ? AND (`a` < ? OR (`a` = ? AND (`id` < ? OR (`id` = ? AND `uuid` > ?)))) ORDER BY `a` DESC, `id` DESC',
      values: [0, 3, 3, 3, 2, 2, 'u'],
    },
  )

  const filter = { name: 'f', where: sql`p = ${'x'}` }
  t.equal(
    selectOrdered({ ...batch, path: { filter } }).text,
    'SELECT `a`, `id`, `uuid` FROM `t` FORCE INDEX (`f`) WHERE d = ? ORDER BY `a` DESC, `id` DESC',
  )
})

t.test('rows in the order of one index that another has found', async t => {
  const term = (column: string, dir: 'asc' | 'desc') => ({
    order: name(column),
    compare: name(column),
    dir,
    nullable: true,
    bind: (value: string | number | null) => sql`${value}`,
  })
  const walk = (dir: 'asc' | 'desc', after?: (string | number | null)[]) =>
    selectOrdered({
      table: 't',
      columns: [name('a'), name('id')],
      where: sql`d = ${0} AND p = ${'x'} AND q`,
      terms: [term('a', dir), term('id', dir), term('uuid', 'asc')],
      orderBy: 2,
      after,
      path: {
        order: { name: 'i', where: sql`d = ${0}` },
        filter: { name: 'f', where: sql`p = ${'x'}` },
      },
    })
  t.same(walk('asc'), {
    text: 'SELECT `a`, `id` FROM (SELECT `a` AS `walked_0`, `id` AS `walked_1` FROM `t` FORCE INDEX (`i`) WHERE d = ?) AS walk STRAIGHT_JOIN (SELECT `id` AS `found_id` FROM `t` FORCE INDEX (`f`) WHERE p = ? LIMIT ?) AS few ON `found_id` = `walked_1` STRAIGHT_JOIN `t` ON `id` = `found_id` WHERE d = ? AND p = ? AND q ORDER BY `walked_0`, `walked_1`',
    values: [0, 'x', Number.MAX_SAFE_INTEGER, 0, 'x'],
  })
  const walked = (statement: { text: string }) => /\(`i`\) WHERE (.*)\) AS walk/.exec(statement.text)![1]
  t.equal(walked(walk('desc', [3, 2, 'u'])), 'd = ? AND (`a` <= ? OR `a` IS NULL)')
  t.equal(walked(walk('asc', [3, 2, 'u'])), 'd = ? AND `a` >= ?')
  t.equal(walked(walk('desc', [null, 2, 'u'])), 'd = ? AND `a` IS NULL')
  t.equal(walked(walk('asc', [null, 2, 'u'])), 'd = ? AND TRUE')
  t.match(walk('desc').text, /ORDER BY `walked_0` DESC, `walked_1` DESC$/)
})
