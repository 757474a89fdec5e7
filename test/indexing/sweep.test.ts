import t from 'tap'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { openCloud } from './fixtures/cloud.js'
import { differing } from './fixtures/equality.js'
import { indexDown, indexerAt, unreachable } from './fixtures/world.js'

/** More than one page of everything. */
const MANY = 5_300
const local = await startLocalCells({ cells: 1, cell0: false, instances: [40] })
t.teardown(() => local.stop())
await local.query(
  'cell1',
  `INSERT INTO instances (created_at, updated_at, uuid, project_id, user_id, display_name, vm_state, deleted, hidden, locked, progress)
   SELECT '2026-11-20 11:59:30', IF(seq % 2, '2026-11-20 11:59:30', NULL), CONCAT('ab', LPAD(seq, 6, '0'), '-0000-4000-8000-000000000000'),
     'p', 'u', 'one of many', 'active', 0, 0, 0, 0 FROM seq_1_to_${2 * MANY}`,
)

t.test('of more than a page all are found: by time, and under one prefix', async t => {
  const { time, writer, indexer } = await openCloud(t, local)
  const one = indexer()
  const built = await time.during(one.rebuild())
  t.equal(built.documents, 40 + 2 * MANY)
  t.match(await time.during(one.verify({ repair: false })), [{ records: 40 + 2 * MANY, drift: 0 }])
  await writer.run(
    'cell1',
    "UPDATE instances SET display_name = 'silent' WHERE uuid LIKE 'ab0%' AND id % 1000 = 7",
  )
  await writer.run('cell1', "DELETE FROM instances WHERE uuid LIKE 'ab0%' AND id % 1000 = 8")
  const looked = await time.during(one.verify({ repair: false }))
  t.ok(looked[0]!.drift >= 20)
  t.match(await time.during(one.verify()), [{ drift: looked[0]!.drift, mended: looked[0]!.drift }])
  t.match(await time.during(one.verify({ repair: false })), [{ drift: 0 }])
})

t.test('an index that fails while both sides are joined', async t => {
  const { time, writer, indexer } = await openCloud(t, local)
  const one = indexer(
    {},
    {
      call: method => {
        if (method === 'scan') throw indexDown()
      },
    },
  )
  await time.during(one.rebuild())
  await writer.run('cell1', "UPDATE instances SET display_name = 'silently' ORDER BY id LIMIT 1")
  t.match(await time.during(one.verify()), [{ records: null, error: 'index ECONNREFUSED' }])
})

t.test('mending takes its time', async t => {
  const { time, writer, indexer } = await openCloud(t, local)
  const one = indexer({ repairRate: 10 })
  await time.during(one.rebuild())
  await writer.run(
    'cell1',
    "UPDATE instances SET display_name = 'slowly' WHERE uuid LIKE 'ab0%' AND id % 100 = 3",
  )
  const since = time.now()
  const mended = (await time.during(one.verify()))[0]!.mended
  t.ok(mended >= 100)
  t.equal(time.now() - since, 100 * mended)
})

t.test('a large cell has longer prefixes; what belongs to no record is looked into once', async t => {
  const { time, cells, index, writer } = await openCloud(t, local)
  let under = 0
  await writer.run('cell1', "DELETE FROM instances WHERE uuid LIKE 'ab%'")
  const large = {
    ...index,
    buckets: async (...args: Parameters<typeof index.buckets>) => [
      ...(await index.buckets(...args)),
      { prefix: 'zzz', count: 600_000, checksum: 0 },
    ],
  }
  const one = indexerAt(
    cells,
    large,
    time,
    { pollInterval: 5_000, sweepInterval: 20_000 },
    {
      ask: (_cell, { text, values }) => {
        if (/LIKE/.test(text) && /CRC32/.test(text)) under++
        if (/LIKE/.test(text))
          for (const value of values)
            if (/%$/.test(String(value)) && String(value).length !== 4) throw unreachable('x')
      },
    },
  )
  await writer.run(
    'cell1',
    "INSERT IGNORE INTO tags (resource_id, tag) VALUES ('ffffffff-ffff-4fff-8fff-ffffffffffff', 'nobody')",
  )
  await time.during(one.rebuild())
  under = 0
  const stop = new AbortController()
  const running = one.run({ signal: stop.signal })
  await time.advance(3_000)
  t.ok(under > 0, 'in the first comparison')
  under = 0
  await time.advance(60_000)
  t.equal(under, 0, 'and in no other')
  await writer.run('cell1', "UPDATE instances SET display_name = 'silent' ORDER BY id LIMIT 1")
  await time.advance(30_000)
  t.same(await differing(cells), [])
  stop.abort()
  await time.during(running)
})

t.test('records that can’t be read are not gone', async t => {
  const { time, indexer, store, writer } = await openCloud(t, local)
  let isAway = false
  const one = indexer(
    {},
    {
      ask: (cell, { text }) => {
        if (isAway && /`key_data`/.test(text) && !/CRC32/.test(text)) throw unreachable(cell)
      },
    },
  )
  await time.during(one.rebuild())
  const size = () =>
    [...store.generations.get(store.current!)!.documents.values()].filter(d => !('gone' in d)).length
  const before = size()
  isAway = true
  await writer.run('cell1', "UPDATE instances SET display_name = 'unread' ORDER BY id LIMIT 3")
  t.match(await time.during(one.verify({ remove: true })), [{ records: null, error: 'ECONNREFUSED' }])
  t.equal(size(), before)
  isAway = false
  t.match(await time.during(one.verify()), [{ drift: 3, mended: 3 }])
})
