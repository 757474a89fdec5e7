import t from 'tap'
import { cellNotes, pageNote, rateNote, warning } from '../../src/cli/notes.js'
import { printable } from '../../src/cli/printable.js'
import { tablePrinter } from '../../src/cli/table.js'

const plain = { width: Number.POSITIVE_INFINITY, colours: false }

t.test('columns stand in line, NULL is a dash, nothing trails', async t => {
  const print = tablePrinter({ columns: ['a', 'bb'], ...plain })
  t.equal(
    print([
      ['x', '1'],
      ['long', null],
      [null, '東京'],
    ]),
    ['a     bb', 'x     1', 'long  -', '-     東京', ''].join('\n'),
  )
})

t.test('a wide character takes two places', async t => {
  const print = tablePrinter({ columns: ['a', 'b'], ...plain })
  t.equal(
    print([
      ['東京', 'x'],
      ['abcd', 'y'],
    ]),
    'a     b\n東京  x\nabcd  y\n',
  )
})

t.test('without rows there is the header alone', async t => {
  t.equal(tablePrinter({ columns: ['a', 'bb'], ...plain })([]), 'a  bb\n')
})

t.test('later blocks have no header, and columns that are as wide or wider', async t => {
  const print = tablePrinter({ columns: ['a', 'b'], ...plain })
  t.equal(print([['wide', '1']]), 'a     b\nwide  1\n')
  t.equal(print([['x', '2']]), 'x     2\n')
  t.equal(
    print([
      ['wider', '3'],
      ['x', '4'],
    ]),
    'wider  3\nx      4\n',
  )
})

t.test('on a terminal the widest columns are cut until the line fits, but never a uuid', async t => {
  const uuid = '05158d8f-3154-4a20-a9d7-ddf545d02b7c'
  const row = [uuid, 'x'.repeat(30), 'y'.repeat(10)]
  const at = (width: number) => tablePrinter({ columns: ['uuid', 'name', 'z'], width, colours: false })([row])
  t.equal(at(80).split('\n')[1], row.join('  '), '36 + 2 + 30 + 2 + 10 is 80')
  t.equal(at(79).split('\n')[1], `${uuid}  ${'x'.repeat(28)}…  ${'y'.repeat(10)}`)
  t.equal(at(60).split('\n')[1], `${uuid}  ${'x'.repeat(9)}…  ${'y'.repeat(10)}`)
  t.equal(at(56).split('\n')[1], `${uuid}  ${'x'.repeat(7)}…  ${'y'.repeat(7)}…`)
  t.equal(at(10).split('\n')[1], `${uuid}  xxx…  yyy…`, 'what does not fit does not disappear')
})

t.test('colours: a bold header and a dim NULL, which stand in line as well', async t => {
  const print = tablePrinter({ columns: ['a', 'b'], width: 80, colours: true })
  const text = print([
    [null, 'x'],
    ['yy', null],
  ])
  t.equal(text, '\x1b[1ma\x1b[22m   \x1b[1mb\x1b[22m\n\x1b[2m-\x1b[22m   x\nyy  \x1b[2m-\x1b[22m\n')
})

t.test('text that would do something to a terminal is shown, not done', async t => {
  t.equal(printable('a\x1b[31m\nb\u0085\u202e\u2028'), 'a\\u001b[31m\\u000ab\\u0085\\u202e\\u2028')
  t.equal(printable('Zürich 東京 👩‍🚀'), 'Zürich 東京 👩‍🚀')
  t.equal(tablePrinter({ columns: ['a'], ...plain })([['x\x1b[2J']]), 'a\nx\\u001b[2J\n')
})

t.test('the notes are lines that a person reads', async t => {
  const ok = { uuid: 'u1', name: 'cell1', state: 'ok', rows: 1, fetched: 7, ms: 12.345 } as const
  const error = { code: 'cell-failed', reason: 'ECONNREFUSED' } as const
  const failed = {
    uuid: 'u2',
    name: 'cell\n2',
    state: 'failed',
    rows: 0,
    fetched: 0,
    ms: 1_234,
    error,
  } as const
  t.same(cellNotes([ok, failed]), [
    'cell1 ok 1 row 12 ms',
    'cell\\u000a2 failed (ECONNREFUSED) 0 rows 1,234 ms',
  ])
  t.same(warning([ok]), [])
  t.same(warning([ok, failed]), [
    'crosscell: warning: partial answer, without cell\\u000a2 failed (ECONNREFUSED)',
  ])
  t.same(warning([{ ...failed, name: 'cell2', rows: 3, stubs: 3 }]), [
    'crosscell: warning: partial answer, without cell2 failed (ECONNREFUSED), 3 rows as stubs',
  ])
  t.equal(pageNote(100, 'abc', true), '100 rows, more follow: next page with --cursor abc')
  t.equal(pageNote(1, null, true), '1 row, no more')
  t.equal(pageNote(7, null, false), '7 rows')
  t.equal(rateNote(50_000, 2_500), '50,000 rows in 2.5 s, 20,000 rows/s')
})
