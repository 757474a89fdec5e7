import t from 'tap'
import { rowDecoder } from '../../src/sql/row-decoder.js'

t.test('a record of a row, by kind', async t => {
  const decode = rowDecoder([
    { column: 'id', kind: 'int', slot: 1 },
    { column: 'big', kind: 'bigint', slot: 2 },
    { column: 'exact', kind: 'decimal', slot: 3 },
    { column: 'ratio', kind: 'float', slot: 4 },
    { column: 'flag', kind: 'bool', slot: 5 },
    { column: 'at', kind: 'time', slot: 6 },
    { column: 'choice', kind: 'enum', slot: 7 },
    { column: 'default', kind: 'text', slot: 0 },
  ])
  const row = ['text', 7, 8, '0.10', 1.5, 1, '2024-01-02 03:04:05.678901', 'owner']
  t.strictSame(decode(row), {
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
  const nothing = decode(names.map(() => null))
  t.strictSame(nothing, Object.fromEntries(names.map(name => [name, null])))
  t.strictSame(Object.keys(nothing), names, 'in the sequence of the columns')
})

t.test('nothing but names becomes code', async t => {
  t.throws(() => rowDecoder([{ column: 'a: process.exit(), b', kind: 'int', slot: 0 }]), {
    message: 'not an SQL name',
  })
})
