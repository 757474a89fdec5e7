import t from 'tap'
import { bound, decoderOf, encode, parseTime } from '../../src/sql/codec.js'

t.test('times: ISO 8601 to MySQL in UTC, with every digit', async t => {
  for (const [iso, text] of [
    ['2026-08-21T21:01:48Z', '2026-08-21 21:01:48'],
    ['2026-08-21T21:01:48.123456Z', '2026-08-21 21:01:48.123456'],
    ['2026-08-21 21:01:48', '2026-08-21 21:01:48'],
    ['2026-08-21T21:01:48', '2026-08-21 21:01:48'],
    ['2026-08-21T23:01:48.5+02:00', '2026-08-21 21:01:48.5'],
    ['2026-08-21T23:01+0200', '2026-08-21 21:01:00'],
    ['2026-01-01T00:30:00+01:00', '2025-12-31 23:30:00'],
    ['2026-08-21', '2026-08-21 00:00:00'],
    ['2024-02-29', '2024-02-29 00:00:00'],
  ] as const)
    t.equal(parseTime(iso), text, iso)
})

t.test('times: what is none', async t => {
  for (const text of [
    '',
    'yesterday',
    '2026-02-30',
    '2026-13-01',
    '2026-08-21T25:00:00Z',
    '2026-08-21T21:01:48.1234567Z',
    '21.08.2026',
    '2026-08-21T21:01:48Zulu',
  ])
    t.equal(parseTime(text), undefined, text)
})

t.test('values that callers get are exact', async t => {
  t.equal(decoderOf('time')('2026-08-21 21:01:48.120'), '2026-08-21T21:01:48.120Z')
  t.equal(decoderOf('bigint')('9223372036854775807'), '9223372036854775807')
  t.equal(decoderOf('bigint')(7), '7')
  t.equal(decoderOf('decimal')('0.10'), '0.10')
  t.equal(decoderOf('bool')(0), false)
  t.equal(decoderOf('bool')(1), true)
  t.equal(decoderOf('text')('x'), 'x')
  t.equal(decoderOf('time')(null), null)
  t.equal(decoderOf('bool')(null), null)
  t.equal(decoderOf('int')(null), null)
})

t.test('values that callers give', async t => {
  t.equal(encode('bool', true), 1)
  t.equal(encode('bool', false), 0)
  t.equal(encode('time', '2026-08-21T21:01:48Z'), '2026-08-21 21:01:48')
  t.equal(encode('time', null), null)
  t.equal(encode('text', '2026-08-21T21:01:48Z'), '2026-08-21T21:01:48Z')
})

t.test('big integers and decimals are cast, so that the server does not compare them as floats', async t => {
  t.same(bound('bigint', '9007199254740993'), {
    text: 'CAST(? AS DECIMAL(65, 0))',
    values: ['9007199254740993'],
  })
  t.same(bound('decimal', '0.125'), { text: 'CAST(? AS DECIMAL(65, 3))', values: ['0.125'] })
  t.same(bound('text', '0.125'), { text: '?', values: ['0.125'] })
})
