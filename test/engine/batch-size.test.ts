import t from 'tap'
import { batchSize } from '../../src/engine/batch-size.js'

t.test('asks for what is expected and two standard deviations', async t => {
  t.equal(batchSize(1_000, 1 / 10), 121)
  t.equal(batchSize(20, 1 / 10), 6)
  t.equal(batchSize(1, 1 / 70), 2, 'never more than what is wanted, and one that tells whether more follows')
  t.equal(batchSize(879, 1), 880)
  t.equal(batchSize(1_000, 1 / 100, 3), 21)
  t.equal(batchSize(100, 0), 1, 'never less than one row')
})
