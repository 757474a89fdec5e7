import fc from 'fast-check'
import t from 'tap'
import { loserTree } from '../../src/engine/loser-tree.js'

t.test('the winner is the least head after any number of changes', async t => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 40 }),
      fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 }),
      (heads, steps) => {
        const beats = (a: number, b: number) => heads[a]! < heads[b]! || (heads[a] === heads[b] && a < b)
        const tree = loserTree(heads.length, beats)
        const least = () => heads.reduce((best, _, i) => (beats(i, best) ? i : best), 0)
        for (const step of steps) {
          if (tree.winner() !== least()) return false
          heads[tree.winner()]! += step
          tree.replay()
        }
        return tree.winner() === least()
      },
    ),
    { numRuns: 2_000 },
  )
  t.pass('2,000 tournaments')
})

t.test('one contender is always the winner', async t => {
  const tree = loserTree(1, () => false)
  t.equal(tree.winner(), 0)
  tree.replay()
  t.equal(tree.winner(), 0)
})
