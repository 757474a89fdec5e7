import t from 'tap'
import { type Comparison, comparator, type KeyedRow } from '../../src/engine/ordering.js'

const compareBy = (comparison: Comparison, dir: 'asc' | 'desc' = 'asc', pad?: string) => {
  const compare = comparator([{ column: 'k', dir, comparison, ...(pad !== undefined && { pad }) }])
  return (x: KeyedRow[number], y: KeyedRow[number]) => Math.sign(compare([x], [y]))
}

t.test('NULL is first ascending and last descending, and equals NULL', async t => {
  for (const comparison of ['number', 'decimal', 'bytes', 'text'] as const) {
    t.equal(compareBy(comparison, 'asc')(null, '1'), -1)
    t.equal(compareBy(comparison, 'asc')('1', null), 1)
    t.equal(compareBy(comparison, 'desc')(null, '1'), 1)
    t.equal(compareBy(comparison, 'desc')('1', null), -1)
    t.equal(compareBy(comparison)(null, null), 0)
  }
})

t.test('numbers compare as numbers', async t => {
  const compare = compareBy('number')
  t.equal(compare(9, 10), -1)
  t.equal(compare(-1, -2), 1)
  t.equal(compare(0, 0), 0)
  t.equal(compareBy('number', 'desc')(9, 10), 1)
})

t.test('decimals compare exactly at any length', async t => {
  const compare = compareBy('decimal')
  t.equal(compare('9007199254740993', '9007199254740992'), 1)
  t.equal(compare('18446744073709551615', '-9223372036854775808'), 1)
  t.equal(compare('-10', '-9'), -1)
  t.equal(compare('-9', '10'), -1)
  t.equal(compare('0.10', '0.1'), 0)
  t.equal(compare('0.09', '0.1'), -1)
  t.equal(compare('.5', '0.5'), 0)
  t.equal(compare('2', '10.5'), -1)
  t.equal(compare('-0.5', '-0.25'), -1)
})

t.test('under PAD SPACE the shorter text goes on with spaces', async t => {
  const compare = compareBy('text', 'asc', '\x00 ')
  const weights = (text: string) => text.replace(/./gs, character => `\0${character}`)
  t.equal(compare(weights('a'), weights('a  ')), 0)
  t.equal(compare(weights('a  '), weights('a')), 0)
  t.equal(compare(weights('a'), weights('a\t')), 1, 'a tab weighs less than a space')
  t.equal(compare(weights('a\t'), weights('a')), -1)
  t.equal(compare(weights('a'), weights('a!')), -1)
  t.equal(compare(weights('b'), weights('a ')), 1)
  t.equal(compare(weights('ab'), weights('a b')), 1)
  t.equal(compare('', weights('\t')), 1)
})

t.test('under NO PAD a space is a character like any other', async t => {
  const compare = compareBy('text', 'asc', '')
  t.equal(compare('a', 'a '), -1)
  t.equal(compare('a', 'a\t'), -1)
})

t.test('a later key decides where the earlier ones are equal', async t => {
  const compare = comparator([
    { column: 'a', dir: 'desc', comparison: 'number' },
    { column: 'b', dir: 'asc', comparison: 'text', pad: ' ' },
    { column: 'id', dir: 'asc', comparison: 'number' },
  ])
  t.ok(compare([1, 'x', 1], [2, 'x', 1]) > 0)
  t.ok(compare([1, 'x', 1], [1, 'y', 0]) < 0)
  t.ok(compare([1, 'x', 1], [1, 'x ', 2]) < 0, 'texts that are equal but not the same')
  t.equal(compare([1, 'x', 1], [1, 'x', 1]), 0)
})
