import t from 'tap'
import { API_DATABASE, type instances, type ListQuery, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { nameOf, type Pager, readPages, type Way } from './fixtures/defects-pages.js'
import { addBuildRequest, addInstances, mapInstance, uuidOf } from './fixtures/defects-rows.js'

/** Nova's defects with what is in two places: instances that move between cells, and those that have no cell yet. */
const local = await startLocalCells({ cells: 2, cell0: false, relations: false })
t.teardown(() => local.stop())
type Query = ListQuery<typeof instances>

/** Twenty instances, the n-th by name and by age. */
const all = Array.from({ length: 20 }, (_, i) => i + 1)
const two = (n: number) => String(n).padStart(2, '0')
const at = (n: number) => ({ display_name: `name ${two(n)}`, created_at: `2026-01-01 12:${two(n)}:00` })
const homeOf = (n: number) => (n % 2 === 0 ? 'cell2' : 'cell1')
/** The other copies of those that moved, or are about to: where in the order they stand. */
const copies = new Map([
  [3, 3],
  [6, 6],
  [7, 18],
  [9, 1],
  [14, 2],
  [16, 20],
])
for (const n of all) {
  const copy = copies.get(n)
  if (copy !== undefined) {
    const elsewhere = homeOf(n + 1)
    await addInstances(local, elsewhere, [{ uuid: uuidOf(n), ...at(copy), vm_state: 'resized', host: 'old' }])
  }
  // The mapping that is made last is the one that counts.
  await addInstances(local, homeOf(n), [{ uuid: uuidOf(n), ...at(n), host: 'new' }])
}
/** Build requests between the others by name, and in another sequence by age. */
const requests = [
  { n: 31, display_name: 'name 04 and a half', created_at: '2026-01-01 12:59:00' },
  { n: 32, display_name: 'name 12 and a half', created_at: '2025-12-31 00:00:00' },
  { n: 33, display_name: 'a first name', created_at: '2026-01-01 12:08:30' },
]

const uuids = new Map<string, string>()
const readUuids = async () => {
  for (const { name } of local.cells)
    for (const [id, uuid] of await local.query(name, 'SELECT id, uuid FROM instances'))
      uuids.set(`${name}.${id}`, String(uuid))
  for (const [id, uuid] of await local.query('api', 'SELECT id, instance_uuid FROM build_requests'))
    uuids.set(`${API_DATABASE.name}.${id}`, String(uuid))
}
const open = async () => {
  const cells = await openCells({ apiDatabase: local.apiDatabase! })
  t.teardown(() => cells.close())
  return cells
}
const pager: Pager = { cells: await open(), stranger: await open(), uuidOf: name => uuids.get(name)! }
const { cells } = pager
const WAYS: readonly Way[] = ['by cursor', 'by marker', 'by marker that is looked up']

/** Pages of every size, in every way: what they show, and that all but the last are full. */
const pagesAre = async (t: Pick<Tap, 'same' | 'ok'>, query: Query, want: readonly string[]) => {
  for (const limit of [1, 2, 3, 7])
    for (const way of WAYS) {
      const pages = await readPages(pager, { ...query, limit }, way)
      const shown = pages.flatMap(({ items }) =>
        items.map(item => `${item.cell.name} ${uuids.get(nameOf(item))}`),
      )
      t.same(shown, want, `${limit} on a page, ${way}`)
      t.ok(
        pages.slice(0, -1).every(({ items }) => items.length === limit),
        'full pages',
      )
      t.ok(
        pages.every(({ complete }) => complete),
        'complete',
      )
    }
}
type Tap = typeof t
const inCell = (n: number) => `${homeOf(n)} ${uuidOf(n)}`

t.test('defect 7, one uuid in two cells', async t => {
  await readUuids()
  for (const sort of ['created_at:asc', 'created_at:desc', 'display_name:asc'] as const)
    await t.test(`comes once, as the cell has it that the mapping names, on full pages that end: ${sort}`, t =>
      pagesAre(t, { scope: 'all', sort: [sort] }, (sort.endsWith('desc') ? all.toReversed() : all).map(inCell)),
    )

  await t.test('whichever way it is asked for', async t => {
    const rows = []
    for await (const { uuid, cell, host } of cells.instances.iterate({ scope: 'all', sort: ['created_at'] }))
      rows.push({ home: `${cell.name} ${uuid}`, host })
    t.same(
      rows,
      all.map(n => ({ home: inCell(n), host: 'new' })),
    )
    for (const n of copies.keys())
      t.match(await cells.instances.get(uuidOf(n), { scope: 'all' }), {
        cell: { name: homeOf(n) },
        host: 'new',
      })
    const uuid = [...copies.keys()].map(uuidOf)
    t.equal((await cells.instances.list({ scope: 'all', filters: { uuid } })).items.length, uuid.length)
  })

  await t.test('a copy that does not count is not found by what only it has', async t => {
    for (const filters of [{ vm_state: 'resized' }, { host: 'old' }])
      t.same((await cells.instances.list({ scope: 'all', filters })).items, [])
  })

  await t.test('once the mapping names the other cell, the other copy counts', async t => {
    await mapInstance(local, uuidOf(9), 'cell2')
    const { items } = await cells.instances.list({ scope: 'all', sort: ['created_at'] })
    t.equal(items.length, all.length)
    t.same(
      items.filter(({ uuid }) => uuid === uuidOf(9)).map(({ cell, host }) => [cell.name, host]),
      [['cell2', 'old']],
    )
    t.equal(
      items.findIndex(({ uuid }) => uuid === uuidOf(9)),
      1,
      'where that copy stands',
    )
    await mapInstance(local, uuidOf(9), 'cell1')
  })
})

t.test('defect 14, build requests that ignore the sort', async t => {
  for (const { n, ...request } of requests) await addBuildRequest(local, { uuid: uuidOf(n), ...request })
  await readUuids()
  const request = (n: number) => `${API_DATABASE.name} ${uuidOf(n)}`
  const byName = [request(33), ...all.slice(0, 4).map(inCell), request(31), ...all.slice(4, 12).map(inCell)]
  const byAge = [
    request(32),
    ...all.slice(0, 8).map(inCell),
    request(33),
    ...all.slice(8).map(inCell),
    request(31),
  ]
  const orders = {
    'display_name:asc': [...byName, request(32), ...all.slice(12).map(inCell)],
    'created_at:asc': byAge,
    'created_at:desc': byAge.toReversed(),
  } as const
  for (const [sort, want] of Object.entries(orders))
    await t.test(`they are among the others: ${sort}`, t =>
      pagesAre(t, { scope: 'all', sort: [sort as keyof typeof orders] }, want),
    )
})
