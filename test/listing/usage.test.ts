import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { openCells as openWatched } from './fixtures/ask-directly.js'

type Numbers = [instances: number, cores: number, ram: number]

const local = await startLocalCells({ cells: 2, instances: 500, servers: 'own', relations: false, seed: 3 })
t.teardown(() => local.stop())

const MINE = { project_id: 'project-1' } as const
const spec = (vcpus: unknown, memory_mb: unknown) => {
  const flavor = { 'nova_object.name': 'Flavor', 'nova_object.data': { name: 'm1', vcpus, memory_mb } }
  return JSON.stringify({
    'nova_object.name': 'RequestSpec',
    'nova_object.data': { num_instances: 1, flavor },
  })
}
const setSpec = (uuid: unknown, text: string) =>
  local.query('api', 'REPLACE INTO request_specs (instance_uuid, spec) VALUES (?)', [[uuid, text]] as never)

// A tenant whose id differs in its case only, and Nova's request spec for every instance.
for (const { name } of local.cells) {
  const rename = `UPDATE instances SET project_id = 'PROJECT-1' WHERE project_id = 'project-1' AND id % 3 = 0`
  await local.query(name, rename)
  const renamed = await local.query(name, `SELECT uuid FROM instances WHERE HEX(project_id) = HEX('PROJECT-1')`)
  const set = `UPDATE instance_mappings SET project_id = 'PROJECT-1' WHERE instance_uuid IN (?)`
  await local.query('api', set, [['', ...renamed.flat()]] as never)
  const rows = await local.query(name, 'SELECT uuid, vcpus, memory_mb FROM instances')
  await local.query('api', 'REPLACE INTO request_specs (instance_uuid, spec) VALUES ?', [
    rows.map(([uuid, vcpus, memory]) => [uuid, spec(vcpus, memory)]),
  ] as never)
}

const cells = await openCells({ apiDatabase: local.apiDatabase!, breaker: false })
t.teardown(() => cells.close())

/** What Nova counts: nova/objects/instance.py, InstanceList._get_counts_in_db. */
const VISIBLE = `deleted = 0 AND (vm_state <> 'soft-delete' OR vm_state IS NULL) AND (hidden = 0 OR hidden IS NULL)`
/** What has a live mapping: a hidden copy has one as well, for there is no other copy in this data. */
const MAPPED = `deleted = 0 AND (vm_state <> 'soft-delete' OR vm_state IS NULL)`
const is = (column: string, id: string) => `HEX(${column}) = HEX('${id}')`
const truth = async (cell: string, where: string): Promise<Numbers> => {
  const sums = 'SELECT COUNT(*), SUM(vcpus), SUM(memory_mb) FROM instances WHERE'
  const [row] = await local.query(cell, `${sums} ${where}`)
  return row!.map(Number) as Numbers
}
const added = (all: readonly Numbers[]): Numbers =>
  all.reduce(([a, b, c], [x, y, z]) => [a + x, b + y, c + z], [0, 0, 0])
interface Used {
  readonly instances: unknown
  readonly cores: unknown
  readonly ram: unknown
}
const numbers = ({ instances, cores, ram }: Used) => [instances, cores, ram]
const named = <N extends { readonly name: string }>(all: readonly N[], name: string): N =>
  all.find(cell => cell.name === name)!

const [[SOMEBODY]] = (await local.query(
  'cell1',
  `SELECT user_id FROM instances WHERE ${VISIBLE} GROUP BY user_id ORDER BY COUNT(*) DESC LIMIT 1`,
)) as [[string]]
const SCOPES = [
  ['all', 'TRUE'],
  [MINE, is('project_id', 'project-1')],
  [{ project_id: 'PROJECT-1' }, is('project_id', 'PROJECT-1')],
  [{ user_id: SOMEBODY }, is('user_id', SOMEBODY)],
  [{ project_id: 'nobody' }, 'FALSE'],
  [{ project_id: 'grüße 😀' }, 'FALSE'],
] as const

t.test('counts what Nova counts, in each cell and in all', async t => {
  for (const [scope, where] of SCOPES) {
    const want = await Promise.all(local.cells.map(({ name }) => truth(name, `${VISIBLE} AND ${where}`)))
    const { cells: reports, complete, ...sum } = await cells.usage({ scope })
    t.same(sum, { instances: added(want)[0], cores: added(want)[1], ram: added(want)[2] })
    t.same(
      reports.map(({ name, state, source, ...used }) => [name, state, source, ...numbers(used)]),
      [
        ...local.cells.map(({ name }, i) => [name, 'ok', 'cell', ...want[i]!]),
        ['nova_api', 'ok', 'instance-mappings', 0, 0, 0],
      ],
    )
    t.equal(complete, true)
    t.ok(reports.every(report => report.ms > 0))
    if (where === 'FALSE') t.same(sum, { instances: 0, cores: 0, ram: 0 })
    else t.ok(sum.instances > 5, `${sum.instances} instances`)
  }
  const report = (await cells.usage({ scope: 'all' })).cells[0]!
  t.same(Object.keys(report), ['uuid', 'name', 'state', 'ms', 'instances', 'cores', 'ram', 'source'])
})

interface Mapping {
  readonly cell?: string
  readonly project?: string
  readonly queued?: 0 | 1 | null
  readonly requested?: boolean
  readonly text?: string | null
}

/** What Nova's API writes when an instance is wanted, before any cell knows of it. */
const build = async (t: Test, made: Mapping = {}): Promise<string> => {
  const { cell, project = 'project-1', queued = 0, requested = true, text = spec(3, 700) } = made
  const uuid = randomUUID()
  const [[id]] = (await local.query('api', 'SELECT MAX(id) FROM cell_mappings WHERE name = ?', [
    cell ?? '',
  ])) as [[number | null]]
  await local.query(
    'api',
    'INSERT INTO instance_mappings (instance_uuid, cell_id, project_id, queued_for_delete, user_id) VALUES (?)',
    [[uuid, id, project, queued, 'somebody']] as never,
  )
  if (text !== null) await setSpec(uuid, text)
  if (requested)
    await local.query('api', 'INSERT INTO build_requests (instance_uuid, project_id) VALUES (?)', [
      [uuid, project],
    ] as never)
  t.teardown(async () => {
    for (const table of ['instance_mappings', 'request_specs', 'build_requests'])
      await local.query('api', `DELETE FROM ${table} WHERE instance_uuid = ?`, [uuid])
    await local.query('cell1', 'DELETE FROM instances WHERE uuid = ?', [uuid])
  })
  return uuid
}

const insert = (cell: string, uuid: string) =>
  local.query(
    cell,
    `INSERT INTO instances (uuid, project_id, deleted, vm_state, vcpus, memory_mb) VALUES (?, 'project-1', 0, 'building', 3, 700)`,
    [uuid],
  )

t.test('an instance that is being built counts, once', async t => {
  const before = await cells.usage({ scope: MINE })
  const all = await cells.usage({ scope: 'all' })
  await build(t)
  await build(t, { queued: null, text: spec(40, 1_000) })
  const row = await build(t)
  await build(t, { project: 'PROJECT-1' })
  await build(t, { project: 'project-1 ' })
  await build(t, { queued: 1 })
  await build(t, { requested: false })
  const cell = await truth('cell1', `${VISIBLE} AND ${is('project_id', 'project-1')}`)
  await insert('cell1', row)
  const { cells: reports, complete, ...sum } = await cells.usage({ scope: MINE })
  t.same(numbers(sum), [before.instances + 3, before.cores + 46, before.ram + 2_400])
  t.same(numbers(named(reports, 'nova_api')), [3, 46, 2_400])
  t.same(numbers(named(reports, 'cell1')), cell, 'its row is passed over')
  t.equal(complete, true, 'nobody knows more of it')
  t.same(numbers(await cells.usage({ scope: { user_id: 'somebody' } })), [5, 52, 3_800])
  t.same(numbers(await cells.usage({ scope: { user_id: 'SOMEBODY' } })), [0, 0, 0])
  t.same(numbers(await cells.usage({ scope: 'all' })), [all.instances + 5, all.cores + 52, all.ram + 3_800])
})

t.test('a flavor that can’t be read is never a small one', async t => {
  const before = await cells.usage({ scope: MINE })
  await build(t)
  const bad = ['', 'no JSON', '[]', '{}', '"text"', spec('many', true), spec(-4, 1.5), spec(null, {}), null]
  for (const text of bad) {
    await t.test(String(text), async t => {
      await build(t, { text })
      const { cells: reports, complete, ...sum } = await cells.usage({ scope: MINE })
      t.match(named(reports, 'nova_api'), { state: 'ok', instances: 2, cores: null, ram: null })
      t.same(sum, { instances: before.instances + 2, cores: before.cores, ram: before.ram })
      t.equal(complete, false)
    })
  }
  await t.test('the one that is known is said', async t => {
    await build(t, { text: spec(null, 300) })
    const { cells: reports, complete } = await cells.usage({ scope: MINE })
    t.match(named(reports, 'nova_api'), { instances: 2, cores: null, ram: 1_000 })
    t.equal(complete, false)
  })
})

t.test('the instance mappings answer for a cell that is down', async t => {
  const want = await Promise.all(
    SCOPES.map(async ([scope, where]) => ({
      scope,
      up: await Promise.all(['cell0', 'cell1'].map(name => truth(name, `${VISIBLE} AND ${where}`))),
      down: await truth('cell2', `${MAPPED} AND ${where}`),
    })),
  )
  await local.stopCell('cell2')
  t.teardown(() => local.startCell('cell2'))
  for (const { scope, up, down } of want) {
    const { cells: reports, complete, ...sum } = await cells.usage({ scope })
    t.match(named(reports, 'cell2'), {
      state: 'failed',
      source: 'instance-mappings',
      error: { code: 'cell-failed', reason: /^E[A-Z]+$/ },
    })
    t.same(numbers(named(reports, 'cell2')), down)
    t.same(numbers(sum), added([...up, down]))
    t.equal(complete, false, 'also when it is none')
  }
  const { down } = want[1]!
  t.ok(down[0] > 5, `${down[0]} instances`)

  await t.test('what is mapped to it while it is counted as being built counts once', async t => {
    const moving = await build(t)
    const watched = await openWatched({
      apiDatabase: local.apiDatabase!,
      before: async text => {
        if (!text.includes('FROM cell_mappings')) return
        const move = `UPDATE instance_mappings SET cell_id = (SELECT id FROM cell_mappings WHERE name = 'cell2') WHERE instance_uuid = ?`
        await local.query('api', move, [moving])
      },
    })
    t.teardown(() => watched.close())
    const { cells: reports } = await watched.usage({ scope: MINE })
    t.same(numbers(named(reports, 'nova_api')), [1, 3, 700])
    t.same(numbers(named(reports, 'cell2')), down)
    const after = await cells.usage({ scope: MINE })
    t.same(numbers(named(after.cells, 'nova_api')), [0, 0, 0])
    t.same(numbers(named(after.cells, 'cell2')), added([down, [1, 3, 700]]))
  })

  await t.test('one of its flavors can’t be read', async t => {
    await build(t, { cell: 'cell2', text: spec('many', 300) })
    await build(t, { cell: 'cell2', queued: null, requested: false })
    await build(t, { cell: 'cell2', queued: 1 })
    const [instances, , ram] = down
    const { cells: reports } = await cells.usage({ scope: MINE })
    t.match(named(reports, 'cell2'), { instances: instances + 2, cores: null, ram: ram + 1_000 })
    await build(t, { cell: 'cell2', text: spec(1, 'much') })
    t.match(named((await cells.usage({ scope: MINE })).cells, 'cell2'), { cores: null, ram: null })
  })

  await t.test('the mappings do not know the cell', async t => {
    await local.query('api', `UPDATE cell_mappings SET uuid = 'another' WHERE name = 'cell2'`)
    const uuid = named(local.cells, 'cell2').uuid
    t.teardown(() => local.query('api', `UPDATE cell_mappings SET uuid = ? WHERE name = 'cell2'`, [uuid]))
    const { cells: reports } = await cells.usage({ scope: MINE })
    t.match(
      reports.find(cell => cell.uuid === uuid),
      { state: 'failed', instances: null, cores: null, ram: null, source: null },
    )
  })

  await t.test('the mappings do not answer for it', async t => {
    await build(t)
    await local.query('api', 'RENAME TABLE cell_mappings TO no_mappings')
    t.teardown(() => local.query('api', 'RENAME TABLE no_mappings TO cell_mappings'))
    const { cells: reports, complete } = await cells.usage({ scope: MINE })
    t.match(named(reports, 'cell2'), { state: 'failed', instances: null, cores: null, source: null })
    t.match(named(reports, 'nova_api'), { state: 'failed', error: { reason: 'ER_NO_SUCH_TABLE' }, cores: 3 })
    t.equal(complete, false)
  })
})

t.test('a cell that hangs costs itself alone, and the answer comes in time', async t => {
  const want = await Promise.all([truth('cell0', VISIBLE), truth('cell1', MAPPED), truth('cell2', VISIBLE)])
  await local.server('cell1').pause()
  t.teardown(() => local.server('cell1').resume())
  const start = performance.now()
  const answer = await cells.usage({ scope: 'all' }, { deadline: 1_000 })
  const took = performance.now() - start
  const { cells: reports, ...sum } = answer
  t.ok(took < 1_100, `${took} ms`)
  t.match(named(reports, 'cell1'), { state: 'timed-out', error: { reason: 'DEADLINE' } })
  t.same(numbers(sum), added(want))
})

t.test('a cell that is not asked is not forgotten', async t => {
  const want = await truth('cell2', `${MAPPED} AND ${is('project_id', 'project-1')}`)
  const whole = await cells.usage({ scope: MINE })
  const { uuid } = named(local.cells, 'cell2')
  await local.query('api', `UPDATE cell_mappings SET name = NULL, disabled = 1 WHERE name = 'cell2'`)
  t.teardown(() =>
    local.query('api', `UPDATE cell_mappings SET name = 'cell2', disabled = 0 WHERE name IS NULL`),
  )
  const two = await openCells({ apiDatabase: local.apiDatabase! })
  t.teardown(() => two.close())
  const { cells: reports, complete } = await two.usage({ scope: MINE })
  t.same(
    reports.map(({ name, state }) => [name, state]),
    [
      ['cell0', 'ok'],
      ['cell1', 'ok'],
      [uuid, 'not-asked'],
      ['nova_api', 'ok'],
    ],
  )
  t.match(reports[2], { uuid, ms: 0, source: 'instance-mappings' })
  t.same(numbers(reports[2]!), want)
  t.equal(complete, false)
  t.equal((await two.usage({ scope: { project_id: 'nobody' } })).complete, true, 'nobody misses it')
  t.same(named(whole.cells, 'cell1').cores, named((await two.usage({ scope: MINE })).cells, 'cell1').cores)
})

t.test('without its API database', async t => {
  const whole = await cells.usage({ scope: 'all' })
  const direct = await openCells({ cells: local.cells })
  t.teardown(() => direct.close())

  await t.test('there never was one: the cells are all there is', async t => {
    const { cells: reports, ...rest } = await direct.usage({ scope: 'all' })
    const { instances, cores, ram } = whole
    t.same(rest, { instances, cores, ram, complete: true })
    t.same(
      reports.map(({ name }) => name),
      ['cell0', 'cell1', 'cell2'],
    )
  })

  await t.test('it is down: what is being built is not known', async t => {
    await local.stopCell('api')
    t.teardown(() => local.startCell('api'))
    const { cells: reports, complete, ...sum } = await cells.usage({ scope: 'all' })
    t.same(numbers(sum), numbers(whole))
    t.equal(complete, false)
    t.match(named(reports, 'nova_api'), { state: 'failed', instances: null, cores: null, source: null })

    await t.test('and a cell as well', async t => {
      await local.stopCell('cell2')
      t.teardown(() => local.startCell('cell2'))
      const { cells: reports } = await cells.usage({ scope: 'all' })
      t.match(named(reports, 'cell2'), { state: 'failed', instances: null, cores: null, source: null })
      t.match(named((await direct.usage({ scope: 'all' })).cells, 'cell2'), { source: null })
    })
  })
})

t.test('a caller’s abort ends the request with the caller’s reason', async t => {
  const reason = new Error('the client went away')
  await t.rejects(cells.usage({ scope: 'all' }, { signal: AbortSignal.abort(reason) }), reason)
  const controller = new AbortController()
  await local.server('cell1').pause()
  t.teardown(() => local.server('cell1').resume())
  const asked = cells.usage({ scope: 'all' }, { signal: controller.signal })
  setImmediate(() => controller.abort(reason))
  await t.rejects(asked, reason)
})

t.test('what is no query', async t => {
  for (const [query, code, path] of [
    [undefined, 'invalid-option', ''],
    [[], 'invalid-option', ''],
    [{}, 'missing-scope', '/scope'],
    [{ scope: undefined }, 'missing-scope', '/scope'],
    [{ scope: 'mine' }, 'invalid-scope', '/scope'],
    [{ scope: { project_id: '' } }, 'invalid-scope', '/scope/project_id'],
    [{ scope: { project_id: 'a', user_id: 'b' } }, 'invalid-scope', '/scope'],
    [{ scope: 'all', filters: {} }, 'unknown-option', '/filters'],
    [{ scope: 'all', group_by: [] }, 'unknown-option', '/group_by'],
  ] as const)
    await t.rejects(cells.usage(query as never), { code, path })
  for (const [options, code, path] of [
    [null, 'invalid-option', ''],
    [{ deadline: 0 }, 'invalid-option', '/deadline'],
    [{ signal: 'now' }, 'invalid-option', '/signal'],
    [{ downCells: 'fail' }, 'unknown-option', '/downCells'],
  ] as const)
    await t.rejects(cells.usage({ scope: 'all' }, options as never), { code, path })
})
