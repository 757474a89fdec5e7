import fc from 'fast-check'
import t from 'tap'
import { type Cells, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { seed } from '../fixtures/seed.js'

const local = await startLocalCells({ cells: 3, cell0: false, instances: [9, 9, 9], seed: 5, servers: 'own' })
t.teardown(() => local.stop())
const apiDatabase = local.apiDatabase!
const [one, two, three] = local.cells as [Cell, Cell, Cell]
type Cell = (typeof local.cells)[number]

/** Rows of a cell: how they are called, and when they were made. */
type Rows = Readonly<Record<string, number>>

const uuidOf = (name: string) => `000000${name.charCodeAt(0).toString(16)}-0000-4000-8000-000000000000`

/** Cells that hold these rows and no others, and mappings that say where each instance is. */
const clouds = async (rows: Readonly<Record<string, Rows>>, homes: Readonly<Record<string, string | null>>) => {
  for (const { name } of local.cells) {
    await local.query(
      name,
      `UPDATE instances SET deleted = id, hidden = 0, vm_state = 'active', project_id = 'mine', user_id = 'me', uuid = CONCAT('${name}-', id)`,
    )
    for (const [i, [instance, day]] of Object.entries(rows[name] ?? {}).entries())
      await local.query(
        name,
        `UPDATE instances SET deleted = 0, uuid = ?, display_name = ?, created_at = '2024-01-01' + INTERVAL ? DAY WHERE id = ?`,
        [uuidOf(instance), `${instance} in ${name}`, day, i + 1],
      )
  }
  await local.query('api', 'DELETE FROM instance_mappings')
  for (const [instance, home] of Object.entries(homes))
    await local.query(
      'api',
      `INSERT INTO instance_mappings (instance_uuid, project_id, user_id, cell_id)
       VALUES (?, 'mine', 'me', (SELECT id FROM cell_mappings WHERE name = ?))`,
      [uuidOf(instance), home],
    )
}
const open = async (options: object = {}) => {
  const cells = await openCells({ apiDatabase, breaker: false, ...options })
  t.teardown(() => cells.close())
  return cells
}
const mine = {
  scope: { project_id: 'mine' },
  sort: ['created_at:asc'],
  fields: ['uuid', 'display_name'],
} as const
const me = { scope: { project_id: 'mine' } } as const
const all = async (cells: Cells, limit: number, by: 'cursor' | 'marker', query: object = {}) => {
  const names: (string | null)[] = []
  for (let start = {}; ; ) {
    const page = await cells.instances.list({ ...mine, ...query, ...start, limit })
    t.ok(page.items.length === limit || page.next === null, 'no short page before the last')
    names.push(...page.items.map(item => item.display_name))
    if (page.next === null) return names
    if (names.length > 100) throw new Error('paging that does not end')
    start = by === 'cursor' ? { cursor: page.next } : { marker: page.items.at(-1)!.uuid }
  }
}

t.test(
  'both copies visible, pages apart, in one page, and next to each other: the mapping decides',
  async t => {
    const cells = await open()
    for (const home of ['cell1', 'cell2'])
      for (const [here, there] of [
        [1, 9],
        [9, 1],
        [4, 5],
        [5, 5],
      ] as const) {
        await clouds(
          { cell1: { m: here, a: 2, b: 6 }, cell2: { m: there, c: 3, d: 7 }, cell3: { e: 8 } },
          { m: home, a: 'cell1', b: 'cell1', c: 'cell2', d: 'cell2', e: 'cell3' },
        )
        const at = home === 'cell1' ? here : there
        const rest = [
          [2, 'a in cell1'],
          [3, 'c in cell2'],
          [6, 'b in cell1'],
          [7, 'd in cell2'],
          [8, 'e in cell3'],
        ] as [number, string][]
        const want = [...rest, [at, `m in ${home}`] as [number, string]]
          .sort(([a], [b]) => a - b)
          .map(([, name]) => name)
        for (const limit of [1, 2, 3, 10]) t.same(await all(cells, limit, 'cursor'), want)
        t.same(await all(await open(), 2, 'marker'), want)
        const listed: (string | null)[] = []
        for await (const { display_name } of cells.instances.iterate(mine)) listed.push(display_name)
        t.same(listed, want)
        t.equal((await cells.instances.get(uuidOf('m'), me))?.display_name, `m in ${home}`)
      }
  },
)

t.test('one copy hidden: the current one shows by what it is itself', async t => {
  const cells = await open()
  await clouds({ cell1: { m: 1 }, cell2: { m: 2 } }, { m: 'cell1' })
  await local.query('cell2', `UPDATE instances SET hidden = 1 WHERE uuid = ?`, [uuidOf('m')])
  t.same(await all(cells, 1, 'cursor'), ['m in cell1'])
  t.same(await all(cells, 1, 'cursor', { filters: { hidden: 'any' } }), ['m in cell1'])
  t.same(await all(cells, 1, 'cursor', { filters: { hidden: true } }), [])
})

t.test('rows that no mapping knows are shown', async t => {
  const cells = await open()
  await clouds({ cell1: { a: 1 }, cell2: { b: 2, c: 3 } }, { b: null })
  t.same(await all(cells, 1, 'cursor'), ['a in cell1', 'b in cell2', 'c in cell2'])
  t.equal((await cells.instances.get(uuidOf('a'), me))?.display_name, 'a in cell1')
  t.equal((await cells.instances.get(uuidOf('b'), me))?.display_name, 'b in cell2')
})

t.test('any copies anywhere, against the mappings', async t => {
  const cells = await open()
  const cell = fc.constantFrom('cell1', 'cell2', 'cell3')
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const placed = fc.record({
    copies: fc.array(fc.tuple(cell, fc.constantFrom(...names), fc.nat({ max: 5 })), { maxLength: 15 }),
    homes: fc.tuple(...names.map(() => fc.option(cell))),
    limit: fc.constantFrom(1, 2, 4),
  })
  await fc.assert(
    fc.asyncProperty(placed, async ({ copies, homes, limit }) => {
      const rows: Record<string, Record<string, number>> = {}
      for (const [at, name, day] of copies) rows[at] = { ...rows[at], [name]: day }
      const home = Object.fromEntries(names.map((name, i) => [name, homes[i]!]))
      // An instance without a mapping is in one cell.
      for (const name of names)
        if (home[name] === null)
          for (const [i, at] of local.cells.filter(({ name: at }) => rows[at]?.[name] !== undefined).entries())
            if (i > 0) delete rows[at.name]![name]
      await clouds(rows, Object.fromEntries(Object.entries(home).filter(([, at]) => at !== null)))
      const want = Object.entries(rows)
        .flatMap(([at, of]) => Object.entries(of).map(([name, day]) => ({ at, name, day })))
        .filter(({ at, name }) => home[name] === null || home[name] === at)
        .map(({ at, name }) => `${name} in ${at}`)
      const got = await all(cells, limit, 'cursor')
      t.same([...got].sort(), want.sort())
    }),
    { numRuns: 15, seed },
  )
})

t.test('an instance that has moved is found where it is now', async t => {
  const cells = await open()
  await clouds({ cell1: { m: 1, a: 2 }, cell2: { m: 3, b: 4 } }, { m: 'cell1', a: 'cell1', b: 'cell2' })
  const found = async () => (await cells.instances.get(uuidOf('m'), { scope: 'all' }))?.display_name
  t.equal(await found(), 'm in cell1')
  await local.query(
    'api',
    `UPDATE instance_mappings SET cell_id = (SELECT id FROM cell_mappings WHERE name = 'cell2') WHERE instance_uuid = ?`,
    [uuidOf('m')],
  )
  t.equal(await found(), 'm in cell2', 'at once')
  const fresh = await open()
  const behind = async () =>
    (await fresh.instances.list({ ...mine, marker: uuidOf('m') })).items.map(item => item.display_name)
  t.same(await behind(), ['b in cell2'], 'a marker stands where the current copy is')
  await local.query('api', 'DELETE FROM instance_mappings WHERE instance_uuid = ?', [uuidOf('m')])
  t.match(await found(), /^m in cell/, 'no mapping any more: every cell is asked')
})

t.test('only the instance’s own cell is asked for it', async t => {
  await clouds({ cell1: { a: 1 }, cell2: { b: 2 } }, { a: 'cell1', b: 'cell2' })
  const cells = await open()
  await cells.instances.list(mine)
  await local.stopCell('cell3')
  t.equal((await cells.instances.get(uuidOf('a'), me))?.display_name, 'a in cell1')
  await t.rejects(
    cells.instances.get(uuidOf('a'), { scope: { project_id: 'other' } }),
    { code: 'cells-unavailable' },
    'to others it is as unknown as any: it may be in the cell that is down',
  )
  const page = await cells.instances.list({ ...mine, marker: uuidOf('a') })
  t.same(
    page.items.map(item => item.display_name),
    ['b in cell2'],
  )
  await local.stopCell('cell2')
  await t.rejects(cells.instances.get(uuidOf('b'), me), {
    code: 'cells-unavailable',
    cells: [{ name: 'cell2' }],
  })
  t.equal(await cells.instances.get(uuidOf('b'), me, { downCells: 'omit' }), null)
  await t.rejects((await open()).instances.list({ ...mine, marker: uuidOf('b') }), {
    code: 'cells-unavailable',
  })
  await local.startCell('cell2')
  await local.startCell('cell3')
})

t.test('an instance in a cell that is not asked is not found', async t => {
  await clouds({ cell1: { a: 1 }, cell2: { b: 2 } }, { a: 'cell1', b: 'cell2' })
  await local.query('api', `UPDATE cell_mappings SET disabled = 1 WHERE name = 'cell2'`)
  const cells = await open()
  t.equal(await cells.instances.get(uuidOf('b'), me), null)
  await t.rejects(cells.instances.list({ ...mine, marker: uuidOf('b') }), { code: 'marker-not-found' })
  await local.query('api', 'UPDATE cell_mappings SET disabled = 0')
})

t.test('when the API database does not answer, copies are not told apart, and the answer says so', async t => {
  const cells = await open({ buildRequests: 'none' })
  await clouds({ cell1: { a: 1, m: 2 }, cell2: { m: 3 } }, { a: 'cell1', m: 'cell2' })
  t.equal((await cells.instances.get(uuidOf('m'), { scope: 'all' }))?.display_name, 'm in cell2')
  await local.stopCell('api')
  const page = await cells.instances.list(mine)
  t.same(
    page.items.map(item => item.display_name),
    ['a in cell1', 'm in cell1', 'm in cell2'],
  )
  t.equal(page.complete, false)
  t.match(page.cells.at(-1), { name: 'nova_api', state: 'failed' })
  t.equal(
    (await cells.instances.get(uuidOf('m'), { scope: 'all' }))?.display_name,
    'm in cell2',
    'where it was last',
  )
  const [a] = (await cells.instances.list({ ...mine, limit: 1 })).items
  t.equal((await cells.instances.list({ ...mine, marker: a!.uuid })).items.length, 2)
  await local.startCell('api')
})

t.test('only the cells that a project is in', async t => {
  await clouds({ cell1: { a: 1 }, cell2: { b: 2 }, cell3: { c: 3 } }, { a: 'cell1', b: 'cell2', c: 'cell3' })
  await local.query(
    'api',
    `UPDATE instance_mappings SET project_id = 'other', user_id = NULL WHERE instance_uuid = ?`,
    [uuidOf('c')],
  )
  const cells = await open({ projectCells: true })
  const asked = (page: { cells: readonly { name: string }[] }) => page.cells.map(({ name }) => name)
  const page = await cells.instances.list(mine)
  t.same(asked(page), ['cell1', 'cell2', 'nova_api'])
  t.same(
    page.items.map(item => item.display_name),
    ['a in cell1', 'b in cell2'],
  )
  t.same(asked(await cells.instances.list({ ...mine, scope: 'all' })), ['cell1', 'cell2', 'cell3', 'nova_api'])
  t.same(asked(await cells.instances.list({ ...mine, scope: { user_id: 'me' } })), [
    'cell1',
    'cell2',
    'cell3',
    'nova_api',
  ])
  t.same(asked(await cells.migrations.list({ scope: { project_id: 'mine' } })), [
    'cell1',
    'cell2',
    'cell3',
    'nova_api',
  ])
  t.same(asked(await cells.instances.count({ scope: { project_id: 'nobody' } })), ['nova_api'])
  const rows = cells.instances.iterate(mine)
  const names: (string | null)[] = []
  for await (const { display_name } of rows) names.push(display_name)
  t.same(names, ['a in cell1', 'b in cell2'])
  t.same(asked(rows), ['cell1', 'cell2', 'nova_api'])
  await local.stopCell('api')
  const without = await cells.instances.list(mine)
  t.same(asked(without), ['cell1', 'cell2', 'cell3', 'nova_api'], 'all, when nobody says which')
  t.equal(without.complete, false)
  await local.startCell('api')
})

t.test('cells without an API database: every copy is shown with its cell', async t => {
  await clouds({ cell1: { m: 1 }, cell2: { m: 2 } }, {})
  const cells = await openCells({ cells: [one, two, three] })
  t.teardown(() => cells.close())
  t.same(await all(cells, 1, 'cursor'), ['m in cell1', 'm in cell2'])
  t.same(
    await all(cells, 1, 'marker', { fields: ['uuid'] }),
    [undefined, undefined],
    'the process that gave the page knows',
  )
  const other = await openCells({ cells: [one, two, three] })
  t.teardown(() => other.close())
  await t.rejects(other.instances.list({ ...mine, marker: uuidOf('m') }), {
    code: 'invalid-marker',
    expected: 'a cursor',
  })
})
