import t from 'tap'
import { openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { memoryIndex } from '../../src/testing/memory-index.js'
import { openCloud } from './fixtures/cloud.js'
import { quietFeed } from './fixtures/quiet-feed.js'
import { virtualTime } from './fixtures/virtual-time.js'
import { indexDown, indexerAt } from './fixtures/world.js'

const local = await startLocalCells({ cells: 2, cell0: false, instances: [6, 4] })
t.teardown(() => local.stop())

/** Only hints find anything: nothing else looks before the test is over. */
const SLOW = { pollInterval: 10_000_000, sidePollInterval: 10_000_000, sweepInterval: 10_000_000 }
const NOBODY = '99999999-0000-4000-8000-000000000000'

t.test('a hint that names no cell goes where the mapping says', async t => {
  const { time, indexer, run, said, uuids } = await openCloud(t, local)
  const feed = quietFeed()
  let isFull = false
  const one = indexer(
    { ...SLOW, feeds: [feed] },
    {
      call: method => {
        if (isFull && method === 'write') throw indexDown()
      },
    },
  )
  await time.during(one.rebuild())
  run(one)
  feed.gap()
  await time.advance(5_000)
  const [uuid] = await uuids('cell2')
  const reads = async (): Promise<readonly number[]> =>
    (await time.during(one.status())).cells.map(({ read }) => read)
  const before = await reads()
  const since = async (): Promise<readonly number[]> => (await reads()).map((read, i) => read - before[i]!)

  await local.query('cell2', `UPDATE instances SET display_name = 'hinted at' WHERE uuid = '${uuid}'`)
  t.equal(await time.during(feed.hint({ uuid: uuid! })), 'applied')
  t.equal(said('cell2', uuid!), 'hinted at')
  t.same(await since(), [0, 1], 'its cell is asked')
  t.equal(await time.during(feed.hint({ uuid: uuid!, cell: 'a cell of another cloud' })), 'applied')
  t.same(await since(), [0, 2])

  await local.query(
    'api',
    `INSERT INTO instance_mappings (instance_uuid, cell_id, project_id) VALUES ('${NOBODY}', NULL, 'p')`,
  )
  t.equal(await time.during(feed.hint({ uuid: NOBODY })), 'applied')
  t.same(await since(), [0, 2], 'one that is in no cell yet: nobody is')
  await local.query('api', `DELETE FROM instance_mappings WHERE instance_uuid = '${NOBODY}'`)
  t.equal(await time.during(feed.hint({ uuid: NOBODY })), 'applied')
  t.same(await since(), [1, 3], 'one that has no mapping: every cell is')

  const told = feed.hint({ uuid: uuid!, cell: 'cell2', at: time.time() - 700 })
  t.match((await one.status()).cells, [
    { waiting: 0, oldest: null },
    { waiting: 1, oldest: 700 },
  ])
  t.equal(await time.during(told), 'applied')
  isFull = true
  t.equal(await time.during(feed.hint({ uuid: uuid! })), 'again', 'what the index does not take')
})

t.test('without an API database every cell is asked', async t => {
  const given = local.cells.map(({ uuid, name }) => ({
    uuid,
    name,
    database: local.server(name).url(`nova_${name}`),
  }))
  const index = memoryIndex()
  const cells = await openCells({ cells: given, index })
  t.teardown(() => cells.close())
  const time = virtualTime(Date.parse('2026-11-20T12:00:00Z'))
  const feed = quietFeed()
  const one = indexerAt(cells, index, time, { ...SLOW, feeds: [feed] })
  const over = new AbortController()
  const running = one.run({ signal: over.signal })
  await time.advance(5_000)
  const before = (await time.during(one.status())).cells.map(({ read }) => read)
  t.equal(await time.during(feed.hint({ uuid: NOBODY })), 'applied')
  const { cells: after } = await time.during(one.status())
  t.same(
    after.map(({ read }, i) => read - before[i]!),
    [1, 1],
  )
  over.abort()
  await time.during(running)
})
