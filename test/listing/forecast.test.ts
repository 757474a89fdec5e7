import t from 'tap'
import { openCells } from '../../src/index.js'
import { forecast, pageMemory, remember } from '../../src/listing/forecast.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import type { CheckedQuery } from '../../src/validation/validator.js'

const query = { binding: 'b', limit: 100 } as CheckedQuery
const cells = ['a', 'b', 'c', 'd'].map(uuid => ({ uuid, name: uuid }))
const page = (rest: Partial<CheckedQuery>) => ({ ...query, ...rest })

t.test('nothing is known: every cell has the same part, and room for more', async t => {
  const memory = pageMemory()
  t.same(forecast(memory, query, cells), { shares: undefined, first: [37, 37, 37, 37] })
  t.same(forecast(memory, query, cells.slice(0, 1)), { shares: [1], first: [101] }, 'one cell has it all')
  remember(memory, query, cells, [0, 0, 0, 0], true)
  t.equal(forecast(memory, query, cells).shares, undefined, 'an empty page says nothing')
})

t.test('another page of the same query is likely to be made alike', async t => {
  const memory = pageMemory()
  remember(memory, query, cells.slice(0, 3), [0, 20, 80], false)
  const { shares, first } = forecast(memory, query, cells)
  t.equal(shares![3], 1 / 4, 'a cell that was not there has as much as any')
  // How unlike four even parts that is, 25 being the fourth's own; and three degrees of freedom.
  const chance = 3 / ((25 ** 2 + 5 ** 2 + 55 ** 2) / 25)
  t.ok(Math.abs(shares![2]! - (0.25 * chance + 0.8 * (1 - chance))) < 1e-12)
  t.same(first, [4, 31, 99, 37])
  t.equal(forecast(memory, page({ binding: 'other' }), cells).shares, undefined)
})

t.test('a few rows say nothing of a small difference, and much of a large one', async t => {
  const sharesBehind = (...rows: number[]) => {
    const memory = pageMemory()
    remember(memory, query, cells, rows, false)
    return forecast(memory, query, cells).shares!
  }
  const EVEN = [0.25, 0.25, 0.25, 0.25]
  t.same(sharesBehind(5, 5, 5, 5), EVEN)
  t.same(sharesBehind(7, 4, 5, 4), EVEN)
  t.ok(sharesBehind(700, 400, 500, 400)[0]! > 0.34, 'many rows say it')
  t.ok(sharesBehind(20, 0, 0, 0)[0]! > 0.95)
})

t.test('pages add up, and the oldest are forgotten', async t => {
  const memory = pageMemory()
  const two = cells.slice(0, 2)
  const then = (...rows: number[]) => {
    remember(memory, query, two, rows, false)
    return forecast(memory, query, two).shares![0]!
  }
  t.ok(then(100, 0) > 0.99)
  t.equal(then(0, 100), 0.5, '90 and 100')
  t.ok(then(0, 1_000) < 0.001)
  t.ok(then(3_000, 0) > 0.999)
})

t.test('the same page again is likely to be as it was', async t => {
  const memory = pageMemory()
  const firstOf = (asked: CheckedQuery) => forecast(memory, asked, cells).first
  remember(memory, query, cells, [0, 20, 80, 0], true)
  t.same(firstOf(query), [1, 21, 81, 1], 'what it took, and one that tells that the next is behind')
  t.same(firstOf(page({ cursor: 'c' })), [3, 31, 99, 3], 'that is another page')
  t.same(firstOf(page({ marker: 'm' })), [3, 31, 99, 3])
  t.same(firstOf(page({ limit: 10 })), [2, 6, 11, 2])
  remember(memory, page({ cursor: 'c' }), cells, [25, 25, 25, 25], true)
  t.same(firstOf(query), [1, 21, 81, 1])
  t.same(firstOf(page({ cursor: 'c' })), [26, 26, 26, 26])
})

t.test('a page that is asked for again says nothing of others, unless it has changed', async t => {
  const memory = pageMemory()
  const sharesBehind = (...rows: number[]) => {
    remember(memory, query, cells, rows, true)
    return forecast(memory, page({ cursor: 'c' }), cells).shares![0]!
  }
  const once = sharesBehind(7, 4, 5, 4)
  for (let again = 0; again < 30; again++) t.equal(sharesBehind(7, 4, 5, 4), once)
  for (let other = 0; other < 30; other++) sharesBehind(7 + (other % 2), 4 - (other % 2), 5, 4)
  t.ok(sharesBehind(7, 4, 5, 4) > 0.3)
})

t.test('a page that changes gets room for it, and less again as it calms down', async t => {
  const memory = pageMemory()
  const then = (...rows: number[]) => {
    remember(memory, query, cells, rows, true)
    return forecast(memory, query, cells).first
  }
  then(25, 25, 25, 25)
  t.same(then(28, 22, 25, 25), [35, 29, 32, 32], 'three more or less, both ways')
  t.same(then(28, 22, 25, 25), [31, 25, 28, 28])
  t.same(then(28, 22, 25, 25), [29, 23, 26, 26])
  t.same(then(100, 0, 0, 0), [101, 101, 101, 101], 'and never more than a page')
})

t.test('pages are the same, however many rows are asked for', async t => {
  const local = await startLocalCells({ cells: 3, instances: [10, 400, 300, 200], seed: 8 })
  t.teardown(() => local.stop())
  const all = await openCells({ apiDatabase: local.apiDatabase!, maxLimit: 1_000 })
  t.teardown(() => all.close())
  const asked = { scope: 'all', limit: 300, include: ['tags', 'metadata'], sort: ['display_name'] } as const
  const fetched = ({ cells }: { cells: readonly { fetched: number }[] }): number =>
    cells.reduce((sum, cell) => sum + cell.fetched, 0)
  const unknown = await all.instances.list(asked)
  const statements = async () => {
    const [[, count]] = (await local.query('cell1', `SHOW GLOBAL STATUS LIKE 'Com_select'`)) as [
      [string, string],
    ]
    return Number(count)
  }
  const before = await statements()
  const known = await all.instances.list(asked)
  const after = await statements()
  t.same(known.items, unknown.items)
  t.equal(known.next, unknown.next)
  t.ok(fetched(known) < fetched(unknown))
  t.ok(fetched(known) <= 300 + known.cells.length, 'each cell’s part, and one that tells what is behind')
  // Of each cell the rows, tags and metadata; the build requests, and the mappings.
  t.equal(after - before, 3 * 4 + 2)
  const rows: unknown[] = []
  for await (const row of all.instances.iterate({
    scope: 'all',
    include: ['tags', 'metadata'],
    sort: ['display_name'],
  }))
    rows.push(row)
  t.same(rows.slice(0, 300), known.items)
})
