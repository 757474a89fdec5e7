import t from 'tap'
import { fractionOf, literal } from '../../src/sql/literal.js'

t.test('a value in words that hold nothing of the caller’s but digits', async t => {
  const text = (value: string) => `CONVERT(X'${Buffer.from(value).toString('hex')}' USING utf8mb4)`
  for (const [kind, value, want] of [
    ['int', 7, '7'],
    ['int', null, 'NULL'],
    ['float', null, 'NULL'],
    ['float', -1.5, '(-1.5 + 0e0)'],
    ['float', 1e300, '(1e+300 + 0e0)'],
    ['bool', true, '1'],
    ['bool', false, '0'],
    ['bigint', '9007199254740993', `CAST(${text('9007199254740993')} AS DECIMAL(65, 0))`],
    ['decimal', '-0.10', `CAST(${text('-0.10')} AS DECIMAL(65, 2))`],
    ['time', '2026-01-02T03:04:05Z', `CAST(${text('2026-01-02 03:04:05')} AS DATETIME(0))`],
    ['time', '2026-01-02T03:04:05.120Z', `CAST(${text('2026-01-02 03:04:05.120')} AS DATETIME(3))`],
    ['text', "it's", text("it's")],
    ['text', '', "CONVERT(X'' USING utf8mb4)"],
    ['enum', 'größe', text('größe')],
  ] as const)
    t.same(literal(kind, value), { text: want, values: [] }, `${kind} ${value}`)
})

t.test('digits behind the point', async t => {
  for (const [value, digits] of [
    ['2026-01-02T03:04:05.120Z', 3],
    ['2026-01-02', 0],
    [null, 0],
    [1.25, 2],
  ] as const)
    t.equal(fractionOf(value), digits)
})
