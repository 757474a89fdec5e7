import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { IndexingError, InvalidOptionError, UnknownOptionError } from '../../src/errors.js'
import { openCells } from '../../src/index.js'
import { createIndexer } from '../../src/indexing/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { memoryIndex } from '../../src/testing/memory-index.js'
import { embeddedHere } from '../search/fixtures/in-process.js'
import { openCloud } from './fixtures/cloud.js'
import { differing } from './fixtures/equality.js'
import { quietFeed } from './fixtures/quiet-feed.js'
import { unreachable } from './fixtures/world.js'

const local = await startLocalCells({ cells: 2, instances: [10, 60, 40] })
t.teardown(() => local.stop())

t.test('an embedded index is filled, compared, mended, and kept true', async t => {
  const cells = await openCells({
    apiDatabase: local.apiDatabase!,
    index: embeddedHere(join(t.testdir(), 'index.db')),
  })
  t.teardown(() => cells.close())
  const indexer = createIndexer(cells, { pollInterval: 100 })
  await t.rejects(indexer.verify(), new IndexingError('no-generation'))
  await t.rejects(indexer.rollback(), new IndexingError('no-generation'))
  t.match(await indexer.status(), { generation: null, cells: [{ state: 'unknown', holder: null }, {}, {}] })
  t.same((await cells.status()).index, { name: 'embedded', state: 'empty', generation: null, cells: [] })
  t.match(await indexer.rebuild(), { documents: 110, resumed: false })
  t.match((await cells.status()).index, {
    state: 'ready',
    generation: 'g1',
    cells: [{ name: 'cell0', state: 'fresh', swept: { records: 10 } }, { name: 'cell1' }, { name: 'cell2' }],
  })
  t.match(await indexer.verify(), [{ drift: 0 }, { drift: 0 }, { drift: 0 }])
  t.same(await differing(cells), [])
  const silently = "UPDATE instances SET display_name = 'changed silently' ORDER BY id LIMIT 3"
  await local.query('cell1', silently)
  t.match(await indexer.verify({ repair: false }), [{}, { drift: 3, mended: 0 }, { drift: 0 }])
  t.match(await indexer.verify(), [{}, { drift: 3, mended: 3 }, { drift: 0 }])
  t.match(await indexer.verify(), [{}, { drift: 0 }, { drift: 0 }])
  const stop = new AbortController()
  const running = indexer.run({ signal: stop.signal })
  await t.rejects(indexer.run(), new IndexingError('running'))
  const loudly =
    "UPDATE instances SET display_name = 'changed loudly', updated_at = UTC_TIMESTAMP() ORDER BY id LIMIT 3"
  await local.query('cell1', loudly)
  const filters = { display_name: 'changed loudly', deleted: 'any', hidden: 'any' } as const
  while ((await cells.instances.list({ scope: 'all', filters }, { source: 'index' })).items.length < 3)
    await setTimeout(50)
  const { cells: tended, me } = await indexer.status()
  t.match(tended, [{ holder: me, state: 'fresh', waiting: 0 }, { holder: me }, { holder: me }])
  t.ok(tended[1]!.written >= 3)
  stop.abort()
  await running
  t.same(await differing(cells), [])
})

t.test('a cell that does not answer is not compared, and says why', async t => {
  const { time, indexer } = await openCloud(t, local)
  let isDown = false
  const one = indexer(
    {},
    {
      ask: cell => {
        if (isDown && cell === 'cell1') throw unreachable(cell)
      },
    },
  )
  await time.during(one.rebuild())
  isDown = true
  t.match(await time.during(one.verify()), [
    { error: null },
    { name: 'cell1', records: null, drift: 0, error: 'ECONNREFUSED' },
    { error: null },
  ])
})

t.test('what another version of this library has filled is left to whoever did', async t => {
  const { time, indexer, index, store, run } = await openCloud(t, local)
  const { signal } = new AbortController()
  const name = await index.create({} as never, '{"form":-1}', false, signal)
  await index.finish(name, signal)
  await index.switchTo(name, signal)
  const one = indexer()
  const { stop } = run(one)
  await time.advance(5_000)
  await stop()
  t.equal(store.current, name)
  await t.rejects(one.verify(), new IndexingError('no-generation'))
  const half = await index.create({} as never, '{}', true, signal)
  await time.during(one.rebuild())
  t.equal(store.generations.has(half), false, 'what nobody finishes any more is dropped')
  await t.rejects(
    one.rollback().then(() => one.rollback()),
    new IndexingError('no-generation-before'),
  )
})

t.test('what it is told is checked', async t => {
  const none = await openCells({ apiDatabase: local.apiDatabase! })
  const cells = await openCells({ apiDatabase: local.apiDatabase!, index: memoryIndex() })
  t.teardown(async () => {
    await none.close()
    await cells.close()
  })
  t.throws(() => createIndexer(none), new IndexingError('no-index'))
  t.throws(() => createIndexer({} as never), InvalidOptionError)
  t.throws(() => createIndexer(cells, { feed: 1 } as never), UnknownOptionError)
  const wrong = [
    { feeds: 1 },
    { feeds: [null] },
    { feeds: [{}] },
    { pollInterval: 99 },
    { pollInterval: 1_000.5 },
    { pollInterval: '1000' },
    { overlap: 4_999 },
    { sidePollInterval: 0 },
    { sweepInterval: Number.NaN },
    { share: 0 },
    { share: 1.01 },
    { repairRate: 0 },
    { removalShare: -0.1 },
  ]
  for (const config of wrong)
    t.throws(() => createIndexer(cells, config as never), { code: 'invalid-option' }, JSON.stringify(config))
  createIndexer(cells, { feeds: [quietFeed()], share: 0.5, removalShare: 0 })
})
