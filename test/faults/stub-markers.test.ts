import t from 'tap'
import { startCloud } from './fixtures/cloud.js'

const cloud = await startCloud(1)
t.teardown(() => cloud.stop())

// A stub has no memory: in this order it stands behind all records.
const query = { scope: 'all', sort: ['memory_mb:desc'], fields: ['uuid', 'memory_mb'] } as const

t.test('where a page ended with a stub is nothing to those who have seen the record', async t => {
  const { cells, proxies, close } = await cloud.open()
  t.teardown(close)
  const all = (await cells.instances.list({ ...query, limit: 1_000 })).items
  const record = all.findLast(({ cell }) => cell.name === 'cell1')!
  const behind = all.slice(all.findIndex(({ uuid }) => uuid === record.uuid) + 1)
  t.ok(behind.length > 0)

  await proxies.cell1.aim('refuse')
  const whole = await cells.instances.list({ ...query, limit: 1_000 }, { downCells: 'stub' })
  const place = whole.items.findIndex(({ uuid }) => uuid === record.uuid)
  t.equal(whole.items[place]!.stub, true)
  const stubs = await cells.instances.list({ ...query, limit: place + 1 }, { downCells: 'stub' })
  t.equal(stubs.items.at(-1)!.uuid, record.uuid)
  const next = await cells.instances.list({ ...query, marker: record.uuid }, { downCells: 'stub' })
  t.same(next.items, whole.items.slice(place + 1), 'who sees stubs goes on behind it')

  await proxies.cell1.heal()
  const page = await cells.instances.list({ ...query, marker: record.uuid })
  t.equal(page.complete, true)
  t.same(page.items, behind)
})
