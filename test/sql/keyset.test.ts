import t from 'tap'
import { name, type SqlValue, sql } from '../../src/sql/fragment.js'
import { type KeyTerm, keyset } from '../../src/sql/keyset.js'

const term = (column: string, dir: 'asc' | 'desc', nullable = false): KeyTerm => ({
  order: name(column),
  compare: name(column),
  dir,
  nullable,
  bind: value => sql`${value}`,
})

const shows = (terms: readonly KeyTerm[], position: readonly SqlValue[]) => {
  const { text, values } = keyset(terms, position)
  let i = 0
  return text.replaceAll('`', '').replaceAll('?', () => String(values[i++]))
}

t.test('one key that is never NULL', async t => {
  t.equal(shows([term('id', 'asc')], [7]), 'id >= 7 AND id > 7')
  t.equal(shows([term('id', 'desc')], [7]), 'id <= 7 AND id < 7')
})

t.test('ascending from a value: NULLs are behind us', async t => {
  t.equal(
    shows([term('a', 'asc', true), term('id', 'asc')], [5, 7]),
    'a >= 5 AND (a > 5 OR (a = 5 AND id > 7))',
  )
})

t.test('ascending from NULL: all values are ahead', async t => {
  t.equal(
    shows([term('a', 'asc', true), term('id', 'asc')], [null, 7]),
    '(a IS NOT NULL OR (a IS NULL AND id > 7))',
  )
})

t.test('descending from a value: NULLs are ahead', async t => {
  t.equal(
    shows([term('a', 'desc', true), term('id', 'desc')], [5, 7]),
    '(a <= 5 OR a IS NULL) AND ((a < 5 OR a IS NULL) OR (a = 5 AND id < 7))',
  )
})

t.test('descending from NULL: only NULLs are left', async t => {
  t.equal(shows([term('a', 'desc', true), term('id', 'desc')], [null, 7]), '(a IS NULL AND id < 7)')
})

t.test('NULL in a later key', async t => {
  t.equal(
    shows([term('a', 'asc'), term('b', 'desc', true), term('id', 'asc')], [1, null, 7]),
    'a >= 1 AND (a > 1 OR (a = 1 AND (b IS NULL AND id > 7)))',
  )
  t.equal(
    shows([term('a', 'asc'), term('b', 'asc', true), term('id', 'asc')], [1, null, 7]),
    'a >= 1 AND (a > 1 OR (a = 1 AND (b IS NOT NULL OR (b IS NULL AND id > 7))))',
  )
})

t.test('mixed directions', async t => {
  t.equal(
    shows([term('a', 'desc'), term('b', 'asc'), term('id', 'asc')], [1, 2, 7]),
    'a <= 1 AND (a < 1 OR (a = 1 AND (b > 2 OR (b = 2 AND id > 7))))',
  )
})

t.test(
  'a key that is the same in every row narrows nothing: the next one does, where the first is tied',
  async t => {
    const constant = { ...term('a', 'desc', true), constant: true }
    t.equal(
      shows([constant, term('b', 'asc'), term('id', 'asc')], [1, 2, 7]),
      '((a < 1 OR a IS NULL) OR b >= 2) AND ((a < 1 OR a IS NULL) OR (a = 1 AND (b > 2 OR (b = 2 AND id > 7))))',
    )
    t.equal(
      shows([constant, term('b', 'asc', true), term('id', 'asc')], [1, null, 7]),
      '((a < 1 OR a IS NULL) OR (a = 1 AND (b IS NOT NULL OR (b IS NULL AND id > 7))))',
    )
    t.equal(
      shows([constant, constant, term('id', 'desc')], [null, 1, 7]),
      '(FALSE OR ((a < 1 OR a IS NULL) OR id <= 7)) AND (a IS NULL AND ((a < 1 OR a IS NULL) OR (a = 1 AND id < 7)))',
    )
  },
)
