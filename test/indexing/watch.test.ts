import t from 'tap'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { openCloud } from './fixtures/cloud.js'
import { differing } from './fixtures/equality.js'
import { quietFeed } from './fixtures/quiet-feed.js'
import { indexDown, unreachable } from './fixtures/world.js'

const local = await startLocalCells({ cells: 2, cell0: false, instances: [40, 12] })
t.teardown(() => local.stop())

const RENAME = 'UPDATE instances SET display_name = ?, updated_at = ? WHERE uuid = ?'
/** Comparisons are far away: what is found, looks and hints have found. */
const SELDOM = { sweepInterval: 3_600_000 }

t.test(
  'a transaction that was open for as long as may be is found by the next long look, each time',
  async t => {
    const { time, writer, indexer, run, column, said, uuids } = await openCloud(t, local)
    const one = indexer({ ...SELDOM, pollInterval: 4_000 })
    run(one)
    await time.advance(40_000)
    const [uuid] = await uuids('cell1')
    for (let i = 0; i < 4; i++) {
      await writer.run('cell1', 'BEGIN')
      await writer.run('cell1', RENAME, [`late ${i}`, column(), uuid!])
      await time.advance(58_000 + 500 * i)
      t.not(said('cell1', uuid!), `late ${i}`)
      await writer.run('cell1', 'COMMIT')
      await time.advance(34_001)
      t.equal(said('cell1', uuid!), `late ${i}`)
      await time.advance(3_700 * i)
    }
  },
)

t.test(
  'a delete that was said and never done does nothing, and one that was done is seen in its cell',
  async t => {
    const { time, writer, indexer, run, said, store, index, uuids, column } = await openCloud(t, local)
    const feed = quietFeed()
    let ahead = 0
    const one = indexer({ pollInterval: 10_000, sweepInterval: 50_000, feeds: [feed] }, { ahead: () => ahead })
    run(one)
    await time.advance(2_000)
    const [kept, gone] = (await uuids('cell1')).slice(2)
    const before = said('cell1', kept!)
    t.equal(await time.during(feed.hint({ uuid: kept!, cell: 'cell1' })), 'applied')
    t.equal(said('cell1', kept!), before)

    const { uuid: cell } = local.cells[0]!
    const documents = () => store.generations.get(store.current!)!.documents
    const old = documents().get(`${cell} ${gone}`)!
    await writer.run('cell1', 'DELETE FROM instances WHERE uuid = ?', [gone!])
    await writer.run('cell1', 'DELETE FROM tags WHERE resource_id = ?', [gone!])
    t.equal(await time.during(feed.hint({ uuid: gone!, cell })), 'applied', 'the cell by its uuid')
    t.equal(said('cell1', gone!), 'gone')
    const { signal } = new AbortController()
    t.same(await index.write(store.current!, [old], signal), ['stale'], 'an older version that comes late')
    t.equal(said('cell1', gone!), 'gone')

    t.equal(await time.during(feed.hint({ uuid: 'nobody', cell: 'cell2' })), 'applied')
    t.equal(said('cell2', 'nobody'), 'gone')
    await writer.run('cell2', RENAME, ['by mapping', column(3_600), (await uuids('cell2'))[0]!])
    t.equal(
      await time.during(feed.hint({ uuid: (await uuids('cell2'))[0]! })),
      'applied',
      'a bus of several cells',
    )
    t.equal(said('cell2', (await uuids('cell2'))[0]!), 'by mapping')
    await writer.run('cell2', RENAME, ['by all', column(3_600), (await uuids('cell2'))[1]!])
    await writer.run('api', 'DELETE FROM instance_mappings WHERE instance_uuid = ?', [
      (await uuids('cell2'))[1]!,
    ])
    t.equal(
      await time.during(feed.hint({ uuid: (await uuids('cell2'))[1]!, cell: 'gone' })),
      'applied',
      'without a mapping',
    )
    t.equal(said('cell2', (await uuids('cell2'))[1]!), 'by all')
    ahead = 86_300_000
    await time.advance(60_000)
    t.equal(said('cell2', 'nobody'), 'gone', 'tombstones are kept for a day')
    ahead = 86_500_000
    await time.advance(60_000)
    t.equal(said('cell2', 'nobody'), undefined)
  },
)

t.test('a hint that names no cell is not one of a cell that has no name', async t => {
  const { time, writer, indexer, run, said, uuids, column } = await openCloud(t, local)
  const feed = quietFeed()
  const named = new WeakMap<object, never>()
  const one = indexer(
    { ...SELDOM, feeds: [feed] },
    {
      cells: all =>
        all.map(cell => {
          if (cell.name === 'cell1') return cell
          const nameless = named.get(cell) ?? ({ ...cell, name: '' } as never)
          named.set(cell, nameless)
          return nameless
        }),
    },
  )
  run(one)
  await time.advance(2_000)
  const uuid = (await uuids('cell1'))[5]!
  await writer.run('cell1', RENAME, ['without a name', column(3_600), uuid])
  t.equal(await time.during(feed.hint({ uuid })), 'applied')
  t.equal(said('cell1', uuid), 'without a name')
})

t.test('tags are found from the first moment on', async t => {
  const { time, writer, cells, indexer, run, uuids } = await openCloud(t, local)
  const uuid = (await uuids('cell1'))[7]!
  let compared = 0
  let added = false
  const one = indexer(SELDOM, {
    call: async method => {
      // The tag comes when the cell was compared for the first time, and nothing has looked at tags again.
      if (method !== 'purge' || ++compared !== 1) return
      await writer.run('cell1', 'INSERT INTO tags (resource_id, tag) VALUES (?, ?)', [uuid, 'at once'])
      added = true
    },
  })
  await time.during(one.rebuild())
  run(one)
  await time.advance(11_000)
  t.ok(added)
  t.same(await differing(cells, [uuid]), [])
})

t.test('what a look has found is not forgotten when the index fails behind it', async t => {
  const { time, writer, cells, indexer, run, uuids } = await openCloud(t, local)
  const uuid = (await uuids('cell1'))[8]!
  let isDown = false
  const one = indexer(SELDOM, {
    call: method => {
      if (isDown && method === 'write') throw indexDown()
    },
  })
  run(one)
  await time.advance(25_000)
  isDown = true
  await writer.run('cell1', 'INSERT INTO tags (resource_id, tag) VALUES (?, ?)', [uuid, 'stubborn'])
  await time.advance(12_000)
  t.not((await differing(cells, [uuid])).length, 0)
  isDown = false
  await time.advance(30_000)
  t.same(await differing(cells, [uuid]), [])
})

t.test('a table that can’t be looked at does not hold up the others', async t => {
  const { time, writer, cells, indexer, run, uuids, column } = await openCloud(t, local)
  const uuid = (await uuids('cell1'))[9]!
  let isAway = false
  const one = indexer(SELDOM, {
    ask: (cell, { text }) => {
      if (isAway && /FROM `tags`.*GROUP BY 1/.test(text)) throw unreachable(cell)
    },
  })
  run(one)
  await time.advance(25_000)
  isAway = true
  await writer.run(
    'cell1',
    "INSERT INTO instance_metadata (created_at, `key`, value, instance_uuid, deleted) VALUES (?, 'k', 'v', ?, 0)",
    [column(), uuid],
  )
  await time.advance(25_000)
  t.same(await differing(cells, [uuid]), [])
})

t.test('whatever the clock of a cell does, what is written is found, by growing versions', async t => {
  const { time, writer, indexer, run, said, uuids, store } = await openCloud(t, local)
  const uuid = (await uuids('cell1'))[10]!
  let ahead = 0
  const one = indexer(SELDOM, { ahead: () => ahead })
  run(one)
  await time.advance(2_000)
  const key = `${local.cells[0]!.uuid} ${uuid}`
  let version = 0
  for (const [i, by] of [0, 86_400_000, -86_400_000, 0, -3_600_000, 31_536_000_000, -1_000].entries()) {
    ahead = by
    const now = new Date(time.time() + ahead).toISOString().slice(0, 19).replace('T', ' ')
    await time.advance(1_500)
    await writer.run('cell1', RENAME, [`clock ${i}`, now, uuid])
    await time.advance(2_500)
    t.equal(said('cell1', uuid), `clock ${i}`, `${by} ms ahead`)
    const now_ = store.generations.get(store.current!)!.documents.get(key)!.version
    t.ok(now_ > version)
    version = now_
  }
  ahead = 0
  const next = indexer(SELDOM)
  await time.during(next.verify())
  await writer.run('cell1', RENAME, ['another process', '2026-01-01 00:00:00', uuid])
  await time.during(next.verify())
  t.equal(said('cell1', uuid), 'another process')
})

t.test('a gap makes everything due, and says so until it was looked through', async t => {
  const { time, writer, cells, indexer, run, uuids, column } = await openCloud(t, local)
  const feed = quietFeed('cell1')
  let isDown = false
  const one = indexer(
    { ...SELDOM, sidePollInterval: 600_000, feeds: [feed] },
    {
      ask: cell => {
        if (isDown) throw unreachable(cell)
      },
    },
  )
  const { stop } = run(one)
  t.equal(await feed.hint({ uuid: 'x' }), 'again', 'before there is anything')
  feed.gap()
  await time.advance(20_000)
  const uuid = (await uuids('cell1'))[11]!
  await writer.run('cell1', RENAME, ['in the gap', column(50), uuid])
  await writer.run('cell1', 'INSERT INTO tags (resource_id, tag) VALUES (?, ?)', [uuid, 'in the gap'])
  isDown = true
  await time.advance(1_000)
  feed.gap()
  await time.advance(5_000)
  const states = async () => (await one.status()).cells.map(({ state, error }) => `${state} ${error}`)
  t.same(await states(), ['down ECONNREFUSED', 'down ECONNREFUSED'])
  isDown = false
  await time.advance(11_000)
  t.same(await differing(cells, [uuid]), [])
  t.same(await states(), ['fresh null', 'fresh null'])
  await stop()
  t.match((await one.status()).feeds, [{ name: 'quiet' }])
})
