import t from 'tap'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { openCloud } from './fixtures/cloud.js'
import { differing } from './fixtures/equality.js'
import { indexDown, unreachable } from './fixtures/world.js'

const local = await startLocalCells({ cells: 2, instances: [5, 20, 15] })
t.teardown(() => local.stop())

const RENAME = 'UPDATE instances SET display_name = ?, updated_at = ? WHERE uuid = ?'
const CONFIG = { pollInterval: 2_000, sweepInterval: 3_600_000 }

t.test('a cell that comes is filled, one that goes is left alone', async t => {
  const { time, indexer, run, cells, uuids, writer, said, column } = await openCloud(t, local)
  let names = ['cell0', 'cell1']
  const one = indexer(CONFIG, { cells: all => all.filter(({ name }) => names.includes(name)) })
  run(one)
  await time.advance(3_000)
  const [uuid] = await uuids('cell2')
  t.equal(said('cell2', uuid!), undefined)
  t.same(
    (await one.status()).cells.map(({ name }) => name),
    ['cell0', 'cell1'],
  )
  names = ['cell0', 'cell1', 'cell2']
  await time.advance(20_000)
  t.same(await differing(cells), [], 'a sweep has filled it')
  t.match((await one.status()).cells.at(-1), { name: 'cell2', state: 'fresh' })
  names = ['cell0', 'cell2']
  await time.advance(5_000)
  const [other] = await uuids('cell1')
  await writer.run('cell1', RENAME, ['nobody looks', column(), other!])
  await writer.run('cell2', RENAME, ['somebody looks', column(), uuid!])
  await time.advance(5_000)
  t.not(said('cell1', other!), 'nobody looks')
  t.equal(said('cell2', uuid!), 'somebody looks')
  names = ['cell0', 'cell1', 'cell2']
  await time.advance(20_000)
  t.equal(said('cell1', other!), 'nobody looks')
})

t.test('while a cell or the index is down the others go on, and afterwards everything is found', async t => {
  const { time, indexer, run, uuids, writer, said, column, cells } = await openCloud(t, local)
  let cellDown = ''
  let isIndexDown = false
  const one = indexer(CONFIG, {
    ask: cell => {
      if (cell === cellDown) throw unreachable(cell)
    },
    call: () => {
      if (isIndexDown) throw indexDown()
    },
  })
  isIndexDown = true
  run(one)
  await time.advance(10_000)
  isIndexDown = false
  cellDown = 'cell1'
  await time.advance(60_000)
  cellDown = ''
  await time.advance(60_000)
  t.same(await differing(cells), [], 'the first rebuild waits for whoever is down')

  const [[one1], [one2]] = [await uuids('cell1'), await uuids('cell2')]
  cellDown = 'cell1'
  await writer.run('cell1', RENAME, ['down', column(), one1!])
  await writer.run('cell2', RENAME, ['up', column(), one2!])
  await time.advance(300_000)
  t.equal(said('cell2', one2!), 'up')
  t.match((await one.status()).cells, [
    { state: 'fresh' },
    { state: 'down', error: 'ECONNREFUSED' },
    { state: 'fresh' },
  ])
  cellDown = ''
  await time.advance(12_000)
  t.equal(said('cell1', one1!), 'down')

  isIndexDown = true
  await writer.run('cell1', RENAME, ['index down', column(), one1!])
  await t.rejects(one.status(), indexDown())
  await time.advance(300_000)
  isIndexDown = false
  await time.advance(30_000)
  t.equal(said('cell1', one1!), 'index down')
  t.match((await one.status()).cells, [{ state: 'fresh' }, { state: 'fresh' }, { state: 'fresh' }])
})

t.test('documents that can’t be written now come again, those that never can are counted', async t => {
  const { time, index, store, indexer, run, uuids, writer, said, column, cells } = await openCloud(t, local)
  const [uuid, poison] = await uuids('cell1')
  let transient = 0
  const write = index.write
  Object.assign(index, {
    write: async (...[generation, documents, signal]: Parameters<typeof write>) => {
      const kept = documents.filter(({ uuid: one }) => one !== poison && !(one === uuid && transient > 0))
      const outcomes = await write(generation, kept, signal)
      return documents.map(one => {
        const at = kept.indexOf(one)
        if (at >= 0) return outcomes[at]!
        if (one.uuid === poison) return 'poison'
        transient--
        return 'transient'
      })
    },
  })
  transient = 1
  const one = indexer(CONFIG)
  const built = time.during(one.rebuild())
  await t.rejects(
    built.then(() => Promise.reject(new Error('built'))),
    { message: 'built' },
  )
  t.equal(said('cell1', poison!), undefined)
  run(one)
  await time.advance(15_000)
  transient = 3
  await writer.run('cell1', RENAME, ['again and again', column(), uuid!])
  await time.advance(20_000)
  t.equal(transient, 0)
  t.equal(said('cell1', uuid!), 'again and again')
  t.ok((await one.status()).cells[1]!.poison > 0)
  t.equal(store.current !== undefined, true)
  t.same((await differing(cells)).length > 0, true, 'but for that one')
})
