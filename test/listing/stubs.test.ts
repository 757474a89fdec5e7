import fc from 'fast-check'
import t from 'tap'
import { API_DATABASE, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { seed } from '../fixtures/seed.js'
import { switches } from './fixtures/away.js'

const local = await startLocalCells({ cells: 3, cell0: false, instances: 240, relations: false })
t.teardown(() => local.stop())
const cells = await openCells({ apiDatabase: local.apiDatabase!, breaker: false })
t.teardown(() => cells.close())
const { only } = switches(local)
const stub = { downCells: 'stub' } as const

/** What the mappings know, as they stand for a record. */
const mapped = (
  await local.query(
    'api',
    `SELECT m.id, m.instance_uuid, m.project_id, m.user_id, DATE_FORMAT(m.created_at, '%Y-%m-%dT%TZ'), c.name
     FROM instance_mappings AS m JOIN cell_mappings AS c ON c.id = m.cell_id WHERE NOT m.queued_for_delete`,
  )
).map(([id, uuid, project_id, user_id, created_at, cell]) => ({
  stub: true,
  id: Number(id),
  uuid: String(uuid),
  project_id,
  user_id,
  created_at,
  cell: String(cell),
}))
const KNOWN = ['uuid', 'project_id', 'user_id', 'created_at']
const fields = ['uuid', 'id', 'project_id', 'user_id', 'created_at', 'display_name', 'vcpus'] as const

type Value = string | number | null
type Row = Record<string, unknown> & { readonly uuid: string; readonly cell: string }

const order = (a: Value, b: Value): number => {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  return a < b ? -1 : 1
}

t.test(
  'stubs stand in their places, with every sort, page, scope and filter that a mapping can judge',
  async t => {
    await only([])
    const { items: everything } = await cells.instances.list({ scope: 'all', fields })
    const projects = [...new Set(everything.map(item => item.project_id!))]
    const users = [...new Set(everything.map(item => item.user_id!))]
    const times = everything.flatMap(item => item.created_at ?? [])
    const asked = fc.record({
      sort: fc.uniqueArray(
        fc.tuple(
          fc.constantFrom('created_at', 'uuid', 'project_id', 'display_name', 'vcpus'),
          fc.constantFrom('asc', 'desc'),
        ),
        {
          selector: ([key]) => key,
          minLength: 1,
          maxLength: 3,
        },
      ),
      scope: fc.oneof(
        fc.constant('all' as const),
        fc.constantFrom(...projects).map(project_id => ({ project_id })),
        fc.constantFrom(...users).map(user_id => ({ user_id })),
      ),
      filters: fc.constantFrom(
        {},
        { created_at: { gte: times[Math.floor(times.length / 3)]! } },
        { project_id: projects.slice(0, 2) },
        { uuid: everything.slice(0, 90).map(item => item.uuid!) },
        { user_id: { ne: users[0]! } },
      ),
      limit: fc.constantFrom(3, 17, 1_000),
      down: fc.subarray(['cell1', 'cell2', 'cell3'], { minLength: 1 }),
      by: fc.constantFrom('cursor', 'marker'),
    })
    await fc.assert(
      fc.asyncProperty(asked, async ({ sort, scope, filters, limit, down, by }) => {
        const query = { scope, filters, sort: sort.map(([key, dir]) => ({ key, dir })), fields } as const
        await only([])
        const healthy = (await cells.instances.list(query as never)).items as unknown as Row[]
        const rank = new Map(healthy.map((item, i) => [item.uuid, i]))
        const judge = (row: Row): boolean => {
          const within = (filter: unknown, value: unknown): boolean => {
            if (Array.isArray(filter)) return filter.includes(value)
            const { gte, ne } = filter as { gte?: string; ne?: string }
            return gte === undefined ? value !== ne : typeof value === 'string' && value >= gte
          }
          const own = scope === 'all' || Object.entries(scope).every(([key, id]) => row[key] === id)
          return own && Object.entries(filters).every(([key, filter]) => within(filter, row[key]))
        }
        const stubs = mapped.filter(row => down.includes(row.cell) && judge(row as Row))
        const rows = [
          ...healthy.filter(({ cell }) => !down.includes((cell as unknown as { name: string }).name)),
          ...(stubs as unknown as Row[]),
        ]
        const keys = [...sort, ['id', sort.at(-1)![1]], ['uuid', 'asc']] as const
        const compare = (a: Row, b: Row): number => {
          if (!a.stub && !b.stub) return rank.get(a.uuid)! - rank.get(b.uuid)!
          for (const [key, dir] of keys) {
            const difference = order((a[key] ?? null) as Value, (b[key] ?? null) as Value)
            if (difference !== 0) return dir === 'asc' ? difference : -difference
          }
          return 0
        }
        const want = rows.sort(compare)

        await only(down)
        const got: Row[] = []
        for (let start = {}; ; ) {
          const page = await cells.instances.list({ ...query, ...start, limit } as never, stub)
          if (page.complete || page.source !== 'cells') throw new Error('it says that it is complete')
          for (const { name, state, rows, stubs = 0 } of page.cells)
            if (down.includes(name) ? state !== 'failed' || rows !== stubs : state !== 'ok' || stubs > 0)
              throw new Error(`${name} is ${state}, ${stubs} stubs of ${rows}`)
          got.push(...(page.items as unknown as Row[]))
          if (page.next === null) break
          if (got.length > 1_000) throw new Error('paging that does not end')
          start = by === 'cursor' ? { cursor: page.next } : { marker: got.at(-1)!.uuid }
        }
        if (got.length !== want.length || got.some(({ uuid }, i) => uuid !== want[i]!.uuid))
          throw new Error('not the rows, or not their order')
        for (const [i, item] of got.entries()) {
          if (!want[i]!.stub) continue
          const { cell, ...said } = mapped.find(({ uuid }) => uuid === item.uuid)!
          const known = Object.fromEntries(
            fields.map(field => [field, KNOWN.includes(field) ? said[field as 'uuid'] : null]),
          )
          const { cell: from, ...rest } = item
          t.same(rest, { ...known, stub: true })
          t.match(from, { name: cell })
        }
      }),
      { seed, numRuns: 25 },
    )
    await only([])
  },
)

t.test('what a mapping can not judge has no stubs', async t => {
  await only(['cell2'])
  for (const filters of [
    { vm_state: 'active' },
    { host: { is_null: true } },
    { tags: ['blue'] },
    { changes_since: '2020-01-01T00:00:00Z' },
  ]) {
    const page = await cells.instances.list({ scope: 'all', filters, fields }, stub)
    t.equal(page.items.filter(item => item.stub).length, 0, JSON.stringify(filters))
    t.match(page.cells, [{ name: 'cell1' }, { name: 'cell2', state: 'failed', rows: 0 }, {}, {}])
  }
  const gone = await cells.instances.list({ scope: 'all', filters: { deleted: true }, fields }, stub)
  const queued = await local.query(
    'api',
    `SELECT COUNT(*) FROM instance_mappings WHERE queued_for_delete AND cell_id = (SELECT id FROM cell_mappings WHERE name = 'cell2')`,
  )
  t.equal(
    gone.items.filter(item => item.stub).length,
    Number(queued[0]![0]),
    'what is queued for deletion counts as deleted',
  )
  await only([])
})

t.test('the other verbs have them too', async t => {
  await only([])
  const sort = ['created_at:desc', 'uuid'] as const
  const { items } = await cells.instances.list({ scope: 'all', sort, fields: ['uuid'] })
  await only(['cell1', 'cell3'])
  const listed: string[] = []
  let stubs = 0
  const rows = cells.instances.iterate({ scope: 'all', sort, fields: ['uuid'] }, stub)
  for await (const { uuid, stub } of rows) {
    listed.push(uuid!)
    if (stub) stubs++
  }
  const records = items.filter(({ cell }) => cell.name === 'cell2').map(item => item.uuid!)
  const standing = mapped.filter(({ cell }) => cell !== 'cell2').map(({ uuid }) => uuid)
  t.same(listed.sort(), [...records, ...standing].sort(), 'a mapping does not know which are hidden')
  t.ok(stubs > 0)
  t.equal(rows.complete, false)
  t.same(
    rows.missed?.cells.map(({ name }) => name),
    ['cell1', 'cell3'],
  )
  const away = items.find(({ cell }) => cell.name === 'cell3')!
  t.match(await cells.instances.get(away.uuid, { scope: 'all', fields: ['uuid', 'host'] }, stub), {
    uuid: away.uuid,
    host: null,
    stub: true,
    cell: { name: 'cell3' },
  })
  const here = items.find(({ cell }) => cell.name === 'cell2')!
  t.equal((await cells.instances.get(here.uuid, { scope: 'all' }, stub))?.stub, undefined)
  const { count } = await cells.instances.count({ scope: 'all' }, stub)
  t.equal(count, items.filter(({ cell }) => cell.name === 'cell2').length + standing.length)
  const byProject = await cells.instances.count({ scope: 'all', group_by: ['project_id', 'host'] }, stub)
  t.equal(byProject.count, count)
  t.ok(byProject.groups.some(({ host }) => host === null))
  t.equal(
    (await cells.instances.count({ scope: 'all', filters: { host: null } }, stub)).count,
    (await cells.instances.count({ scope: 'all', filters: { host: null } })).count,
    'not by what a mapping does not know',
  )
  await only([])
})

t.test('a cell that fails on the way goes on as stubs', async t => {
  await only([])
  const whole = await cells.instances.list({ scope: 'all', fields: ['uuid'] })
  await only([])
  await local.query('cell1', 'RENAME TABLE tags TO no_tags')
  const page = await cells.instances.list(
    { scope: 'all', fields: ['uuid', 'host'], include: ['tags', 'metadata'] },
    stub,
  )
  const ofCell1 = page.items.filter(({ cell }) => cell.name === 'cell1')
  t.same(
    page.items.map(({ uuid }) => uuid),
    whole.items.map(({ uuid }) => uuid),
    'each in its place',
  )
  if (ofCell1.some(item => item.stub))
    t.same(
      new Set(ofCell1.map(({ host, tags, metadata, stub }) => JSON.stringify([host, tags, metadata, stub]))),
      new Set(['[null,null,null,true]']),
    )
  await local.query('cell1', 'RENAME TABLE no_tags TO tags')
})

t.test('a marker in a cell that is down', async t => {
  const stranger = async () => {
    const cells = await openCells({ apiDatabase: local.apiDatabase!, breaker: false })
    t.teardown(() => cells.close())
    return cells.instances
  }
  const unavailable = { code: 'cells-unavailable', cells: [{ name: 'cell2' }] }
  await only([])
  const byUuid = { scope: 'all', sort: ['uuid:desc'], fields: ['uuid'], limit: 20 } as const
  const whole = (await cells.instances.list({ ...byUuid, limit: 1_000 })).items
  const at = whole.findIndex(({ cell }, i) => cell.name === 'cell2' && i > 10)
  const marker = whole[at]!.uuid!
  await only(['cell2'])
  const behind = whole.slice(at).filter(({ cell }) => cell.name !== 'cell2')
  const page = await (await stranger()).list({ ...byUuid, marker })
  t.same(
    page.items.map(({ uuid }) => uuid),
    behind.slice(0, 20).map(({ uuid }) => uuid),
    'the mapping knows where it stands',
  )
  const byName = { scope: 'all', sort: ['display_name'], fields: ['uuid'], limit: 20 } as const
  await t.rejects((await stranger()).list({ ...byName, marker }), unavailable)
  await t.rejects((await stranger()).list({ ...byName, sort: ['created_at', 'uuid'], marker }), unavailable)

  const first = await cells.instances.list(byName, stub)
  const last = first.items.findLast(item => item.stub)!
  const shorter = { ...byName, limit: first.items.indexOf(last) + 1 }
  const { next } = await cells.instances.list(shorter, stub)
  const byCursor = await cells.instances.list({ ...byName, cursor: next! }, stub)
  const byMarker = await (await stranger()).list({ ...byName, marker: last.uuid! }, stub)
  t.same(byMarker.items, byCursor.items, 'a stub stands where it was')

  const own = mapped.find(({ cell }) => cell === 'cell1')!
  const project_id = String(own.project_id)
  const foreign = mapped.find(row => row.cell === 'cell2' && row.project_id !== project_id)!.uuid
  for (const marker of [foreign, '11111111-2222-4333-8444-555555555555'])
    for (const options of [{}, stub])
      await t.rejects(
        (await stranger()).list({ ...byUuid, scope: { project_id }, marker }, options),
        unavailable,
      )
  await only([])
})

t.test('where nothing stands for a record, nobody is asked', async t => {
  await t.rejects(cells.migrations.list({ scope: 'all' }, stub), { code: 'invalid-option', path: '/downCells' })
  const alone = await openCells({ cells: local.cells })
  t.teardown(() => alone.close())
  await t.rejects(alone.instances.list({ scope: 'all' }, stub), { code: 'invalid-option', path: '/downCells' })
})

t.test('an API database that is down as well has no stubs, and says so', async t => {
  await only(['cell2'])
  await local.query('api', 'RENAME TABLE instance_mappings TO elsewhere')
  const page = await cells.instances.list({ scope: 'all', fields: ['uuid'] }, stub)
  t.equal(page.items.filter(item => item.stub).length, 0)
  t.match(page.cells.at(-1), { name: API_DATABASE.name, state: 'failed' })
  t.match(page.cells[1], { name: 'cell2', state: 'failed', rows: 0 })
  await local.query('api', 'RENAME TABLE elsewhere TO instance_mappings')
  await only([])
})
