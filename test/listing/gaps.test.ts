import t from 'tap'
import { gapsOf, passedBy, withRange } from '../../src/listing/gaps.js'

const at = (...values: (string | number)[]) => ({ values })

t.test('ranges that touch are one, and one without rows is none', async t => {
  const first = withRange(new Map(), 'a', { to: at(1) })
  t.same([...first], [['a', [{ to: at(1) }]]])
  t.same([...withRange(first, 'a', { from: at(1), to: at(2) })], [['a', [{ to: at(2) }]]])
  t.same([...withRange(first, 'a', { from: at(2) })], [['a', [{ to: at(1) }, { from: at(2) }]]])
  t.same([...withRange(first, 'a', { from: at(3), to: at(3) })], [...first])
  t.same([...withRange(first, 'b', {})], [...first, ['b', [{}]]])
})

t.test('a cursor holds them in their sequence, and what is the same once', async t => {
  const one = { to: at(1) }
  const two = { from: at(1, 'x'), to: { ...at(2), rank: 1 } }
  const three = { from: at(3) }
  const gaps = new Map([
    ['a', [two, three]],
    ['b', [one, two, three]],
    ['c', [three]],
  ])
  const passed = JSON.parse(JSON.stringify(passedBy(gaps)))
  t.equal(passed.ranges.length, 3)
  t.same([...gapsOf(passed)], [...gaps])
  t.equal(gapsOf(undefined).size, 0)
})
