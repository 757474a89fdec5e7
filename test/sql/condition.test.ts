import t from 'tap'
import type { ColumnKind } from '../../src/sql/codec.js'
import { type ColumnCondition, where } from '../../src/sql/condition.js'

const text = (
  op: ColumnCondition['op'],
  value: ColumnCondition['value'],
  nullable = true,
  kind: ColumnKind = 'text',
) => {
  const sql = where([{ column: 'c', kind, nullable, op, value }], 't', () => undefined)
  let i = 0
  return sql.text.replaceAll('`', '').replaceAll('?', () => JSON.stringify(sql.values[i++]))
}

t.test('every operator', async t => {
  for (const [given, expected] of [
    [
      text('exactly', 'x'),
      '(c = "x" AND CAST(CONVERT(c USING utf8mb4) AS BINARY) = CAST(CONVERT("x" USING utf8mb4) AS BINARY))',
    ],
    [text('eq', 'x'), 'c = "x"'],
    [text('eq', null), 'c IS NULL'],
    [text('ne', 'x', false), 'c <> "x"'],
    [text('ne', 'x'), '(c <> "x" OR c IS NULL)'],
    [text('ne', null), 'c IS NOT NULL'],
    [text('in', ['x', 'y']), '(c IN ("x", "y"))'],
    [text('in', ['x', null]), '(c IN ("x") OR c IS NULL)'],
    [text('in', [null]), '(c IS NULL)'],
    [text('in', []), 'FALSE'],
    [text('in', ['1', null], true, 'bigint'), '(c = CAST("1" AS DECIMAL(65, 0)) OR c IS NULL)'],
    [text('eq', '2026-01-01', true, 'time'), 'c <=> "2026-01-01"'],
    [text('in', ['2026-01-01'], true, 'time'), '(c <=> "2026-01-01")'],
    [text('lt', 1, true, 'int'), 'c < 1'],
    [text('lte', 1, true, 'int'), 'c <= 1'],
    [text('gt', 1, true, 'int'), 'c > 1'],
    [text('gte', 1, true, 'int'), 'c >= 1'],
    [text('like', 'a%'), 'c LIKE "a%"'],
    [text('prefix', '50%_\\'), 'c LIKE "50\\\\%\\\\_\\\\\\\\%"'],
    [text('contains', '%'), 'c LIKE "%\\\\%%"'],
    [text('regexp', '^a'), 'c REGEXP "^a"'],
    [text('is_null', 1), 'c IS NULL'],
    [text('is_null', 0), 'c IS NOT NULL'],
  ] as const)
    t.equal(given, expected)
})

t.test('no condition holds for every row', async t => {
  t.equal(where([], 't', () => undefined).text, 'TRUE')
})
