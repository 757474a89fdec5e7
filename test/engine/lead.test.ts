import fc from 'fast-check'
import t from 'tap'
import { leadOf } from '../../src/engine/lead.js'
import { type Comparison, comparator, type SortValue } from '../../src/engine/ordering.js'

const seed = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31)
t.comment(`seed ${seed} (FC_SEED)`)

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
  number: fc.oneof(fc.integer(), fc.double({ noNaN: true })),
  decimal: fc.oneof(
    fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
    fc.tuple(fc.integer(), fc.nat()).map(([whole, fraction]) => `${whole}.${fraction}`),
  ),
  bytes: fc.string({ unit: 'binary', maxLength: 5 }),
  time,
  text: fc.oneof(weights, fc.constantFrom('', ' ', 'a', 'a ', 'a  b', 'abcdef', 'abcdef ', 'abcdefg')),
}

t.test('a smaller lead is never behind, whatever the values', async t => {
  for (const comparison of Object.keys(values) as Comparison[])
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

t.test('without a key nothing is settled', async t => {
  t.equal(leadOf([])([1]), 0)
})
