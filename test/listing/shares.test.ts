import t from 'tap'
import { openCells } from '../../src/index.js'
import { atOnce, knownShares, rememberShares, shareCache } from '../../src/listing/shares.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import type { CheckedQuery } from '../../src/validation/validator.js'

const query = { binding: 'b' } as CheckedQuery
const cells = ['a', 'b', 'c', 'd'].map(uuid => ({ uuid, name: uuid }))

t.test('what part cells had is remembered by query and cell', async t => {
  const cache = shareCache()
  t.equal(knownShares(cache, query, cells), undefined)
  t.same(knownShares(cache, query, cells.slice(0, 1)), [1], 'one cell has it all')
  rememberShares(cache, query, cells, [])
  t.equal(knownShares(cache, query, cells), undefined, 'an empty page says nothing')
  rememberShares(cache, query, cells.slice(0, 3), [0, 1, 1, 1])
  t.same(
    knownShares(cache, query, cells),
    [2 / 7, 4 / 7, 1 / 7, 1 / 4],
    'a cell that was not there has as much as any',
  )
  t.equal(knownShares(cache, { binding: 'other' } as CheckedQuery, cells), undefined)
})

t.test('full rows come with the keys where few of them come in vain', async t => {
  t.equal(atOnce(1_000, undefined), false)
  t.equal(atOnce(1_000, [1]), true)
  t.equal(
    atOnce(
      1_000,
      Array.from({ length: 10 }, () => 0.1),
    ),
    true,
    '1,210 for 1,000',
  )
  t.equal(
    atOnce(
      20,
      Array.from({ length: 10 }, () => 0.1),
    ),
    false,
    '60 for 20',
  )
  t.equal(
    atOnce(
      1_000,
      Array.from({ length: 100 }, () => 0.01),
    ),
    false,
  )
})

t.test('pages are the same, however they are fetched', async t => {
  const local = await startLocalCells({ cells: 3, instances: [10, 400, 300, 200], seed: 8 })
  t.teardown(() => local.stop())
  const all = await openCells({ apiDatabase: local.apiDatabase!, maxLimit: 1_000 })
  t.teardown(() => all.close())
  const asked = { scope: 'all', limit: 700, include: ['tags', 'metadata'], sort: ['display_name'] } as const
  const apart = await all.instances.list(asked)
  const statements = async () => {
    const [[, count]] = (await local.query('cell1', `SHOW GLOBAL STATUS LIKE 'Com_select'`)) as [
      [string, string],
    ]
    return Number(count)
  }
  const before = await statements()
  const together = await all.instances.list(asked)
  const after = await statements()
  t.same(together.items, apart.items)
  t.equal(together.next, apart.next)
  // Of each cell the rows, tags and metadata, but none apart; the build requests, and the mappings.
  t.equal(after - before, 3 * 4 + 2)
  const rows: unknown[] = []
  for await (const row of all.instances.iterate({
    scope: 'all',
    include: ['tags', 'metadata'],
    sort: ['display_name'],
  }))
    rows.push(row)
  t.same(rows.slice(0, 700), apart.items)
})
