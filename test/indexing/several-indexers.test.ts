import t from 'tap'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { openCloud } from './fixtures/cloud.js'
import { differing } from './fixtures/equality.js'
import { quietFeed } from './fixtures/quiet-feed.js'
import { remade } from './fixtures/remade.js'
import { indexDown, unreachable } from './fixtures/world.js'

const local = await startLocalCells({ cells: 2, cell0: false, instances: [30, 12] })
t.teardown(() => local.stop())

const RENAME = 'UPDATE instances SET display_name = ?, updated_at = ? WHERE uuid = ?'
const SELDOM = { pollInterval: 2_000, sweepInterval: 3_600_000 }

t.test('one polls, all apply hints, and another goes on when the first is gone', async t => {
  const { time, writer, cells, store, indexer, run, said, uuids, column } = await openCloud(t, local)
  const feeds = [quietFeed(), quietFeed()] as const
  const polls = [0, 0]
  const [a, b] = feeds.map((feed, i) =>
    indexer(
      { ...SELDOM, feeds: [feed] },
      {
        ask: (_cell, { text }) => {
          if (/ORDER BY `updated_at`/.test(text)) polls[i]!++
        },
      },
    ),
  )
  const first = run(a!)
  await time.advance(5_000)
  const second = run(b!)
  await time.advance(20_000)
  t.ok(polls[0]! > 5)
  t.equal(polls[1], 0)
  const me = (await a!.status()).me
  t.match((await b!.status()).cells, [{ holder: me }, { holder: me }])

  const [uuid, other] = await uuids('cell1')
  await writer.run('cell1', RENAME, ['by the second', column(3_600), uuid!])
  t.equal(await time.during(feeds[1].hint({ uuid: uuid!, cell: 'cell1' })), 'applied')
  t.equal(said('cell1', uuid!), 'by the second')
  await writer.run('cell1', RENAME, ['by the first', column(3_601), uuid!])
  t.equal(await time.during(feeds[0].hint({ uuid: uuid!, cell: 'cell1' })), 'applied')
  t.equal(said('cell1', uuid!), 'by the first')
  for (let i = 0; i < 10; i++) {
    await writer.run('cell1', RENAME, [`both ${i}`, column(3_600 + i), other!])
    const told = feeds.map(feed => feed.hint({ uuid: other!, cell: 'cell1' }))
    t.same(await time.during(Promise.all(told)), ['applied', 'applied'])
    t.equal(said('cell1', other!), `both ${i}`)
  }

  await first.stop()
  await writer.run('cell1', RENAME, ['when it was gone', column(), other!])
  await time.advance(8_000)
  t.equal(said('cell1', other!), 'when it was gone')
  t.ok(polls[1]! > 0)
  await second.stop()
  t.match(await time.during(a!.verify({ repair: false })), [{ drift: 0 }, { drift: 0 }])
  t.same([await differing(cells), await remade(cells, store)], [[], []])
})

t.test('who takes over does not believe what it knew before', async t => {
  const { time, writer, indexer, run, said, uuids } = await openCloud(t, local)
  const feed = quietFeed()
  let isCut = false
  const a = indexer(SELDOM, {
    call: () => {
      if (isCut) throw indexDown()
    },
  })
  await time.during(a.rebuild())
  const b = indexer(
    { ...SELDOM, feeds: [feed] },
    {
      ask: (cell, { text }) => {
        // Comparisons find everything; this is about looks.
        if (/GROUP BY 1/.test(text)) throw unreachable(cell)
      },
    },
  )
  run(a)
  await time.advance(3_000)
  run(b)
  await time.advance(3_000)
  const uuid = (await uuids('cell1'))[3]!
  const at = new Date(time.time()).toISOString().slice(0, 19).replace('T', ' ')
  await writer.run('cell1', RENAME, ['one', at, uuid])
  await time.during(feed.hint({ uuid, cell: 'cell1' }))
  await writer.run('cell1', RENAME, ['two', at, uuid])
  await time.advance(2_500)
  t.equal(said('cell1', uuid), 'two', 'the first has looked')
  await writer.run('cell1', RENAME, ['one', at, uuid])
  isCut = true
  await time.advance(25_000)
  t.equal(said('cell1', uuid), 'one')
})
