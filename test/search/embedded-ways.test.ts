import t from 'tap'
import { beginsWith } from '../../src/search/embedded/prefix.js'
import { isOfFile, reasonOf } from '../../src/search/embedded/reasons.js'
import { matchOf } from '../../src/search/embedded/trigrams.js'
import { wayFor, worthCounting } from '../../src/search/embedded/ways.js'

const MANY = Number.POSITIVE_INFINITY

t.test('the cheapest way to a page', async t => {
  for (const [all, limit, driven, others, way] of [
    // Few have what is asked for: they are looked at and sorted.
    [1_000_000, 100, 1_000, 1_000, 'drive'],
    [1_000_000, 1_000, 12_000, 12_000, 'drive'],
    // Some: the order's index is read, and those that have it are looked at.
    [1_000_000, 100, 10_000, 10_000, 'both'],
    [1_000_000, 1_000, 20_000, 20_000, 'both'],
    // Many: one after the other is looked at.
    [1_000_000, 100, MANY, MANY, 'walk'],
    // An owner's index has the order: what else is asked for decides.
    [1_000_000, 100, 5_000, MANY, 'walk'],
    [1_000_000, 1_000, 500, MANY, 'drive'],
    [1_000_000, 100, 5_000, 8_000, 'both'],
    [0, 100, MANY, MANY, 'walk'],
  ] as const)
    t.equal(wayFor({ all, limit, driven, others }), way, `${limit} of ${all}, ${driven}, ${others}`)
})

t.test('no driver is counted beyond where walking is cheaper', async t => {
  for (const all of [10, 1_000, 1_000_000])
    for (const limit of [1, 100, 10_000]) {
      const most = worthCounting(all, limit)
      t.equal(wayFor({ all, limit, driven: MANY, others: Math.max(most, all) }), 'walk', `${limit} of ${all}`)
    }
})

t.test('what a text matches by trigrams', async t => {
  t.equal(matchOf([]), undefined)
  t.equal(matchOf(['', 'ab', '😀😀']), undefined)
  t.equal(matchOf(['abcd', 'x']), '"abc" AND "bcd"')
  t.equal(matchOf(['a"b', '"""']), '"a""b" AND """"""""')
  t.equal(matchOf(['😀b😀c']), '"😀b😀" AND "b😀c"')
  t.equal(matchOf(['abab', 'bab']), '"aba" AND "bab"')
  const long = Array.from({ length: 100 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('')
  const trigrams = matchOf([long])!.split(' AND ')
  t.equal(trigrams.length, 12)
  t.ok(trigrams.every(trigram => long.includes(trigram.slice(1, -1))))
})

t.test('texts that begin so are a range', async t => {
  const column = { text: 'c', values: [] }
  for (const [prefix, ...range] of [
    ['a', 'a', 'b'],
    ['a😀', 'a😀', 'a😁'],
    ['\ud7ff', '\ud7ff', '\ue000'],
    ['a\u{10ffff}', 'a\u{10ffff}', 'b'],
    ['\u{10ffff}', '\u{10ffff}'],
    ['', ''],
  ] as const)
    t.same(beginsWith(column, prefix).values, range)
})

t.test('a reason says what went wrong, and nothing of values and paths', async t => {
  for (const [error, reason, ofFile] of [
    [{ code: 'SQLITE_BUSY', rawCode: 5, message: '' }, 'BUSY', false],
    [{ code: 'SQLITE_BUSY_SNAPSHOT', rawCode: 517, message: '' }, 'BUSY', false],
    [{ code: 'SQLITE_LOCKED', rawCode: 6, message: '' }, 'BUSY', false],
    [{ code: 'SQLITE_CORRUPT', rawCode: 11, message: '' }, 'CORRUPT', true],
    [{ code: 'SQLITE_NOTADB', rawCode: 26, message: '' }, 'CORRUPT', true],
    [{ code: 'SQLITE_FULL', rawCode: 13, message: '' }, 'DISK_FULL', false],
    [{ code: 'SQLITE_READONLY', rawCode: 8, message: '' }, 'DENIED', true],
    [{ code: 'SQLITE_IOERR_READ', rawCode: 266, message: '' }, 'SQLITE_IOERR_READ', true],
    [
      { message: 'ConnectionFailed("Unable to open connection to local database /a: 5/x.db: 14")' },
      'UNREACHABLE',
      true,
    ],
    [{ code: 'EACCES', message: "EACCES: permission denied, stat '/a/x.db'" }, 'DENIED', true],
    [{ code: 'ENOTDIR', message: "ENOTDIR: not a directory, stat '/a/x.db'" }, 'UNREACHABLE', true],
    [
      { code: 'SQLITE_ERROR', rawCode: 1, message: 'Expression tree is too large (maximum depth 1000)' },
      'REFUSED',
      false,
    ],
    [{ code: 'SQLITE_ERROR', rawCode: 1, message: 'no such table: docs' }, 'SQLITE_ERROR', false],
    [{ message: 'something else' }, 'UNKNOWN', false],
  ] as const) {
    t.equal(reasonOf(error), reason)
    t.equal(isOfFile(reason), ofFile, reason)
  }
})
