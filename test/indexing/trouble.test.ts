import t from 'tap'
import { CellFailedError, IndexError } from '../../src/errors.js'
import { troubleOf } from '../../src/indexing/keeper.js'

t.test('a cell’s and an index’s trouble goes by, anything else is thrown on', async t => {
  t.equal(troubleOf(new IndexError('DISK_FULL')), 'index DISK_FULL')
  t.equal(troubleOf(new CellFailedError({ uuid: 'u', name: 'cell1', reason: 'ECONNREFUSED' })), 'ECONNREFUSED')
  const ours = new TypeError('ours')
  t.throws(() => troubleOf(ours), ours)
})
