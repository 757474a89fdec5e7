import t from 'tap'
import { rowDecoder } from '../../src/sql/row-decoder.js'

t.test('a record of a row, by kind', async t => {
  const decode = rowDecoder([
    ['id', 'int'],
    ['big', 'bigint'],
    ['exact', 'decimal'],
    ['ratio', 'float'],
    ['flag', 'bool'],
    ['at', 'time'],
    ['choice', 'enum'],
    ['default', 'text'],
  ])
  const row = ['key', 7, 8, '0.10', 1.5, 1, '2024-01-02 03:04:05.678901', 'owner', 'text']
  t.strictSame(decode(row, 1), {
    id: 7,
    big: '8',
    exact: '0.10',
    ratio: 1.5,
    flag: true,
    at: '2024-01-02T03:04:05.678901Z',
    choice: 'owner',
    default: 'text',
  })
  const names = ['id', 'big', 'exact', 'ratio', 'flag', 'at', 'choice', 'default']
  const nothing = decode(
    names.map(() => null),
    0,
  )
  t.strictSame(nothing, Object.fromEntries(names.map(name => [name, null])))
  t.strictSame(Object.keys(nothing), names, 'in the sequence of the columns')
})

t.test('nothing but names becomes code', async t => {
  t.throws(() => rowDecoder([['a: process.exit(), b', 'int']]), { message: 'not an SQL name' })
})
