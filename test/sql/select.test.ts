import t from 'tap'
import { and, integers, join, list, name, or, sql } from '../../src/sql/fragment.js'
import { selectBatch } from '../../src/sql/select.js'

t.test('values are bound, fragments are put in place', async t => {
  t.same(sql`a = ${1} AND ${sql`b = ${'x'}`} AND c <=> ${null}`, {
    text: 'a = ? AND b = ? AND c <=> ?',
    values: [1, 'x', null],
  })
  t.same(list([1, 'x']), { text: '(?, ?)', values: [1, 'x'] })
  t.same(join([sql`a`, sql`b`], ', ').text, 'a, b')
  t.same(integers([1, '9223372036854775807', -3]), { text: '(1, 9223372036854775807, -3)', values: [] })
  for (const values of [[], [1.5], ['1)'], [null], [Number.NaN]])
    t.throws(() => integers(values), { message: 'not a list of integers' })
})

t.test('nothing to hold is TRUE, nothing to choose from is FALSE', async t => {
  t.equal(and([]).text, 'TRUE')
  t.equal(or([]).text, 'FALSE')
  t.equal(or([sql`a`, sql`b`]).text, '(a OR b)')
})

t.test('what is no name never becomes text', async t => {
  for (const evil of ['a`b', 'a b', 'a;--', '', 'a.b']) t.throws(() => name(evil), TypeError)
})

t.test('a batch: ordered up to the id, behind a position, by a forced index', async t => {
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
    limit: 10,
  }
  t.same(selectBatch(batch), {
    text: 'SELECT `a`, `id`, `uuid` FROM `t` WHERE d = ? ORDER BY `a` DESC, `id` DESC LIMIT ?',
    values: [0, 10],
  })
  t.same(selectBatch({ ...batch, index: 'i', after: [3, 2, 'u'] }), {
    text: 'SELECT `a`, `id`, `uuid` FROM `t` FORCE INDEX (`i`) WHERE d = ? AND `a` <= ? AND (`a` < ? OR (`a` = ? AND (`id` < ? OR (`id` = ? AND `uuid` > ?)))) ORDER BY `a` DESC, `id` DESC LIMIT ?',
    values: [0, 3, 3, 3, 2, 2, 'u', 10],
  })
})
