import t from 'tap'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { openCloud } from './fixtures/cloud.js'
import { quietFeed } from './fixtures/quiet-feed.js'

const local = await startLocalCells({ cells: 2, cell0: false, instances: [300, 20] })
t.teardown(() => local.stop())

const LIVING = 'SELECT uuid FROM instances WHERE deleted = 0 ORDER BY id'

t.test('a cell that answers with an empty table does not empty the index; a human does', async t => {
  const { time, writer, indexer, run, said, cells, uuids } = await openCloud(t, local)
  const feed = quietFeed()
  const one = indexer({ sweepInterval: 30_000, pollInterval: 5_000, feeds: [feed] })
  const { stop } = run(one)
  await time.advance(2_000)
  const all = await uuids('cell1')
  const living = (await writer.rows('cell1', LIVING)).map(([uuid]) => String(uuid))
  t.ok(living.length > 50)
  const known = async (): Promise<number> => {
    const filters = { deleted: 'any', hidden: 'any' } as const
    const counted = await cells.instances.count({ scope: 'all', filters }, { source: 'index' })
    return counted.count
  }
  const before = await known()

  await writer.run('cell1', 'RENAME TABLE instances TO elsewhere')
  await writer.run('cell1', 'CREATE TABLE instances LIKE elsewhere')
  t.equal(await time.during(feed.hint({ uuid: living[0]!, cell: 'cell1' })), 'applied', 'a few may go')
  t.equal(said('cell1', living[0]!), 'gone')
  const hints = living.map(uuid => feed.hint({ uuid, cell: 'cell1' }))
  await time.during(Promise.all(hints))
  await time.advance(70_000)
  const left = await known()
  t.ok(left >= 20 + living.length - 50, `${left} of ${before}`)
  const [tended] = (await one.status()).cells
  t.match(tended, { state: 'fresh' })
  t.ok(
    tended!.withheld > 0 && tended!.withheld <= living.length,
    `withheld: ${tended!.withheld} of ${living.length}`,
  )

  const looked = await time.during(one.verify({ repair: false }))
  t.match(looked[0], { records: 0, drift: left - 20, mended: 0, error: null })
  const mended = await time.during(indexer().verify())
  t.ok(mended[0]!.withheld > 0, 'nor does a comparison that nobody has looked at')

  await writer.run('cell1', 'DROP TABLE instances')
  await writer.run('cell1', 'RENAME TABLE elsewhere TO instances')
  await time.advance(70_000)
  t.match(await time.during(one.verify({ repair: false })), [{ drift: 0 }, { drift: 0 }], 'it was an error')
  t.equal(await known(), before)

  await writer.run('cell1', 'DELETE FROM instances')
  await time.during(one.verify({ remove: true }))
  t.equal(await known(), 20)
  t.equal(said('cell1', all.at(-1)!), 'gone')
  await stop()
})

t.test('what was deleted before may be archived, however much it is', async t => {
  const { time, writer, indexer, cells } = await openCloud(t, local)
  const one = indexer()
  await time.during(one.rebuild())
  await writer.run('cell2', 'UPDATE instances SET deleted = id, deleted_at = NOW()')
  await time.during(one.verify())
  await writer.run('cell2', 'DELETE FROM instances')
  t.match(await time.during(one.verify()), [{}, { records: 0, withheld: 0, error: null }])
  const filters = { deleted: 'any', hidden: 'any' } as const
  t.equal((await cells.instances.count({ scope: 'all', filters }, { source: 'index' })).count, 0)
})
