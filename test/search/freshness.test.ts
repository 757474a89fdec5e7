import t from 'tap'
import { type CellNote, freshnessOf, isoOf, readNote } from '../../src/search/freshness.js'

const NOW = 1_800_000_000_000

/** A note of so many milliseconds ago. */
const noteOf = (ago: number, more: Partial<CellNote> = {}): CellNote => ({
  asOf: (NOW - ago) * 1_000,
  by: 'me',
  at: NOW - ago,
  gap: false,
  error: null,
  swept: null,
  withheld: 0,
  ...more,
})

t.test('how true an index is, by what is said of a cell', async t => {
  const cases: [string, CellNote | undefined, string][] = [
    ['nobody has said anything', undefined, 'unknown'],
    ['just now', noteOf(0), 'fresh'],
    ['a while ago', noteOf(15_000), 'fresh'],
    ['too long ago', noteOf(15_001), 'stale'],
    ['hints were lost', noteOf(10, { gap: true }), 'gap'],
    ['the cell is down, and was heard of lately', noteOf(10, { error: 'ECONNREFUSED' }), 'down'],
    ['it is for long, as somebody still says', noteOf(60_000, { error: 'ECONNREFUSED', at: NOW }), 'down'],
    ['it was, when somebody last said so', noteOf(60_000, { error: 'ECONNREFUSED' }), 'stale'],
    ['a clock is ahead of ours', noteOf(-5_000), 'fresh'],
  ]
  for (const [what, note, state] of cases) t.equal(freshnessOf(note, NOW).state, state, what)
  t.same(freshnessOf(noteOf(-5_000), NOW).lag, 0)
  t.same(freshnessOf(noteOf(1_500, { withheld: 7 }), NOW), {
    state: 'fresh',
    asOf: isoOf((NOW - 1_500) * 1_000),
    lag: 1_500,
    error: null,
    swept: null,
    withheld: 7,
  })
})

t.test('what is written is read, and nothing else', async t => {
  t.same(readNote(JSON.stringify(noteOf(0))), noteOf(0))
  t.match(readNote('{"asOf":1}'), { asOf: 1, gap: false, error: null }, 'of a version that said less')
  for (const text of ['', '{', 'null', '{}', '{"asOf":"1"}', '{"asOf":1.5}']) t.equal(readNote(text), undefined)
  t.equal(isoOf(1_800_000_000_000_007), '2027-01-15T08:00:00.000007Z')
})
