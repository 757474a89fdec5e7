import fc from 'fast-check'
import t from 'tap'
import { loserTree, playAll, replay } from '../../src/engine/loser-tree.js'
import { seed } from '../fixtures/seed.js'

// Most of 20 numbers, and so many contenders that there are ties. Some have ended, some have the least head of all.
const lead = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 20 }), weight: 8 },
  { arbitrary: fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY), weight: 1 },
)

t.test('the winner is the least head after any number of changes', async t => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(lead, fc.nat({ max: 3 })), { minLength: 1, maxLength: 40 }),
      fc.array(fc.tuple(lead, fc.nat({ max: 3 })), { maxLength: 60 }),
      (heads, changes) => {
        // What leads can't settle, a second number does, and then who comes first.
        const ties = heads.map(([, tie]) => tie)
        const beats = (a: number, b: number) => ties[a]! < ties[b]! || (ties[a] === ties[b] && a < b)
        const tree = loserTree(heads.length, beats)
        tree.leads.set(heads.map(([lead]) => lead))
        playAll(tree)
        const least = () =>
          heads
            .map((_, i) => [tree.leads[i]!, ties[i]!, i] as const)
            .reduce((x, y) =>
              x[0] < y[0] || (x[0] === y[0] && (x[1] < y[1] || (x[1] === y[1] && x[2] < y[2]))) ? x : y,
            )[2]
        for (const [lead, tie] of changes) {
          if (tree.winner !== least()) return false
          tree.leads[tree.winner] = lead
          ties[tree.winner] = tie
          replay(tree)
        }
        return tree.winner === least()
      },
    ),
    { numRuns: 2_000, seed },
  )
  t.pass('2,000 tournaments')
})

t.test('one contender is always the winner', async t => {
  const tree = loserTree(1, () => false)
  playAll(tree)
  t.equal(tree.winner, 0)
  replay(tree)
  t.equal(tree.winner, 0)
})
