import fc from 'fast-check'
import t from 'tap'
import { leadOf } from '../../src/engine/lead.js'
import { type Comparison, comparator, type OrderKey, type SortValue } from '../../src/engine/ordering.js'
import { seed } from '../fixtures/seed.js'

const time = fc
  .tuple(
    fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
    fc.nat({ max: 999_999 }),
  )
  .map(([date, fraction]) =>
    `${date.toISOString().slice(0, 19).replace('T', ' ')}.${String(fraction).padStart(6, '0')}`.replace(
      /\.?0*$/,
      '',
    ),
  )
const weights = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map(unit => String.fromCharCode(unit)),
  maxLength: 9,
})
const values: Record<Comparison, fc.Arbitrary<SortValue>> = {
  number: fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.double({ noNaN: true, min: -3, max: 3 })),
  decimal: fc.oneof(
    fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
    fc.tuple(fc.integer(), fc.nat()).map(([whole, fraction]) => `${whole}.${fraction}`),
  ),
  bytes: fc.string({ unit: 'binary', maxLength: 5 }),
  time,
  text: fc.oneof(weights, fc.constantFrom('', ' ', 'a', 'a ', 'a  b', 'abcdef', 'abcdef ', 'abcdefg')),
}
const comparisons = Object.keys(values) as Comparison[]

t.test('a smaller lead is never behind, whatever the values', async t => {
  for (const comparison of comparisons)
    for (const dir of ['asc', 'desc'] as const)
      for (const pad of comparison === 'text' ? ['', ' ', '\x02\x09'] : [''])
        await t.test(`${comparison} ${dir} ${JSON.stringify(pad)}`, async t => {
          const ordering = [{ column: 'k', dir, comparison, pad }]
          const [lead, compare] = [leadOf(ordering), comparator(ordering)]
          // A text's weights are as many bytes each as the weight of a space.
          const whole = (value: SortValue) =>
            pad.length === 2 && String(value).length % 2 === 1 ? `${value}\0` : value
          const value = fc.option(values[comparison].map(whole), { freq: 9 })
          let settled = 0
          fc.assert(
            fc.property(value, value, (x, y) => {
              const [a, b] = [lead([x]), lead([y])]
              if (a === b) return true
              settled++
              return Math.sign(compare([x], [y])) === (a < b ? -1 : 1)
            }),
            { numRuns: 2_000, seed },
          )
          t.ok(settled > 500, `${settled} settled`)
        })
})

// Few values, and those that are next to each other, so that first keys are often equal or nearly so.
const close: Record<Comparison, readonly SortValue[]> = {
  number: [-1, -0.5, -0, 0, 5e-324, 0.5, 1, 1.5, 2, 2 ** 53, 2 ** 53 + 2, 1e300],
  decimal: ['-1', '0', '0.5', '1', '1.0', '1.00000000000000000001', '9007199254740992', '9007199254740993'],
  bytes: ['', '\0', 'a', 'abc', 'abcd'],
  time: [
    '0000-00-00 00:00:00',
    '1999-12-31 23:59:59',
    '2000-00-00 00:00:00',
    '2026-01-31 23:59:59',
    '2026-01-31 23:59:59.000001',
    '2026-01-31 23:59:59.9',
    '2026-02-00 00:00:00',
    '2026-02-01 00:00:00',
  ],
  text: ['', 'a', 'abcdef', 'abcdefg'],
}

t.test('nor where the second key has a part in it', async t => {
  for (const first of comparisons)
    await t.test(first, async t => {
      const key = fc.record({
        column: fc.constant('k'),
        dir: fc.constantFrom('asc' as const, 'desc' as const),
        comparison: fc.constantFrom(...comparisons),
      })
      const value = (key: OrderKey) =>
        fc.option(fc.oneof(fc.constantFrom(...close[key.comparison]), values[key.comparison]), { freq: 9 })
      const pairs = fc
        .tuple(key, key)
        .map(([one, two]) => [{ ...one, comparison: first }, two] as const)
        .chain(ordering => {
          const row = fc.tuple(value(ordering[0]), value(ordering[1]))
          return fc.tuple(fc.constant(ordering), row, row)
        })
      fc.assert(
        fc.property(pairs, ([ordering, x, y]) => {
          const [a, b] = [x, y].map(leadOf(ordering)) as [number, number]
          if (Number.isNaN(a) || Number.isNaN(b)) return false
          return a === b || Math.sign(comparator(ordering)(x, y)) === (a < b ? -1 : 1)
        }),
        { numRuns: 10_000, seed },
      )
      t.pass('10,000 pairs')
    })
})

t.test('rows of one second are settled by their ids', async t => {
  for (const dir of ['asc', 'desc'] as const) {
    const lead = leadOf([
      { column: 'created_at', dir, comparison: 'time' },
      { column: 'id', dir, comparison: 'number' },
    ])
    const rows = [
      1,
      2,
      3,
      1_000,
      1_001,
      999_999,
      1_000_000,
      20_000_000,
      20_001_000,
      2 ** 31 - 10_000_000,
      2 ** 31 - 1,
    ]
    const leads = rows.map(id => lead(['2026-11-20 12:00:00', id]))
    t.same(
      leads,
      leads.toSorted((a, b) => (dir === 'asc' ? a - b : b - a)),
    )
    t.equal(new Set(leads).size, rows.length)
  }
})

t.test('without a key nothing is settled', async t => {
  t.equal(leadOf([])([1]), 0)
})
