import t from 'tap'
import { planCells } from '../../src/testing/cell-plan.js'
import { type LocalCells, startLocalCells } from '../../src/testing/index.js'
import { defaultKind } from '../../src/testing/server-kind.js'
import { privateTmpdir } from './fixtures/private-tmpdir.js'

const tmp = await privateTmpdir()
t.teardown(tmp.restore)

const counts = (local: LocalCells) =>
  Promise.all(
    local.cells.map(async ({ name }) => (await local.query(name, 'SELECT COUNT(*) FROM instances'))[0]![0]),
  )

t.test('by default: three cells, cell0 and an API database on one server, with empty tables', async t => {
  const local = await startLocalCells()
  t.same(
    local.cells.map(cell => cell.name),
    ['cell0', 'cell1', 'cell2', 'cell3'],
  )
  t.equal(local.cells[0]!.uuid, '00000000-0000-0000-0000-000000000000')
  t.equal(new Set(local.cells.map(cell => cell.uuid)).size, 4)
  for (const name of ['cell0', 'cell3', 'api']) t.equal(local.server(name), local.server('cell1'))
  t.equal(local.apiDatabase, local.server('api').url('nova_api'))
  t.same(await counts(local), [0, 0, 0, 0])
  t.same(
    await local.query(
      'api',
      'SELECT id, uuid, name, database_connection, disabled FROM cell_mappings ORDER BY id',
    ),
    local.cells.map(({ uuid, name, database }, at) => [at + 1, uuid, name, database, 0]),
  )
  t.equal((await tmp.contents()).length, 1)
  await local.stop()
  await local.stop()
  t.same(await tmp.contents(), [])
})

t.test('with servers of their own, one cell stops and comes back and the others go on', async t => {
  const local = await startLocalCells({ cells: 2, servers: 'own', instances: [1, 20, 10], bufferPoolMB: 16 })
  t.equal((await tmp.contents()).length, 4)
  await local.stopCell('cell1')
  await t.rejects(local.query('cell1', 'SELECT 1'), { code: /ECONNREFUSED|ENOENT/ })
  t.same(await local.query('cell2', 'SELECT COUNT(*) FROM instances'), [[10]])
  t.same(await local.query('api', 'SELECT COUNT(*) FROM instance_mappings WHERE cell_id = ?', [2]), [[20]])
  await local.startCell('cell1')
  t.same(await counts(local), [1, 20, 10])
  await local.stopCell('api')
  await t.rejects(local.query('api', 'SELECT 1'))
  await local.stop()
  t.same(await tmp.contents(), [])
})

t.test('without cell0, API database and relations there are none of them', async t => {
  await using local = await startLocalCells({
    cells: 2,
    cell0: false,
    apiDatabase: false,
    instances: 30,
    relations: false,
  })
  t.same(
    local.cells.map(cell => cell.name),
    ['cell1', 'cell2'],
  )
  t.notOk('apiDatabase' in local)
  t.same(await counts(local), [20, 10])
  t.same(await local.query('cell1', 'SELECT COUNT(*) FROM instance_extra'), [[0]])
  await t.rejects(local.query('api', 'SELECT 1'), { code: 'unknown-cell' })
  await t.rejects(local.stopCell('cell1'), { code: 'shared-server', message: /servers: 'own'/ })
  await t.rejects(local.startCell('cell1'), { code: 'shared-server' })
  t.throws(() => local.server('cell9'), {
    code: 'unknown-cell',
    message: 'no cell cell9; there are cell1, cell2',
  })
})

t.test('instances are spread unevenly and none is lost', async t => {
  for (const total of [1, 10, 50_000, 1_000_003]) {
    const plan = planCells(10, true, total)
    t.equal(
      plan.reduce((sum, cell) => sum + cell.count, 0),
      total,
    )
  }
  t.same(
    planCells(3, true, 50_000).map(cell => cell.count),
    [1_327, 26_549, 13_274, 8_850],
  )
  t.same(
    planCells(2, false, [5, 6]).map(cell => cell.count),
    [5, 6],
  )
})

t.test('a list of instances must have a number for each cell', async t => {
  await t.rejects(startLocalCells({ instances: [1, 2, 3] }), {
    code: 'invalid-option',
    path: '/instances',
    expected: '4, one for each cell, cell0 first',
  })
  await t.rejects(startLocalCells({ cell0: false, instances: [] }), {
    code: 'invalid-option',
    expected: '3, one for each cell',
  })
})

t.test('a list of makes must have one for each cell', async t => {
  await t.rejects(startLocalCells({ kind: ['mariadb'] }), {
    code: 'invalid-option',
    path: '/kind',
    expected: '4, one for each cell',
  })
})

t.test('cells of one make share a server', async t => {
  const kind = defaultKind(process.env)
  await using local = await startLocalCells({ cells: 1, kind: [kind, kind], bufferPoolMB: 16 })
  t.equal((await tmp.contents()).length, 1)
  for (const name of ['cell0', 'cell1', 'api']) t.equal(local.server(name).kind, kind)
})

t.test('when a server does not start, none stays', async t => {
  const before = process.env.CROSSCELL_MYSQLD
  process.env.CROSSCELL_MARIADBD = '/nowhere/mariadbd'
  process.env.CROSSCELL_MYSQLD = '/nowhere/mysqld'
  t.teardown(() => {
    delete process.env.CROSSCELL_MARIADBD
    if (before === undefined) delete process.env.CROSSCELL_MYSQLD
    else process.env.CROSSCELL_MYSQLD = before
  })
  for (const kind of ['mariadb', 'mysql'] as const)
    for (const servers of ['own', 'shared'] as const)
      await t.rejects(startLocalCells({ servers, kind }), { code: `${kind}-not-found` })
  t.same(await tmp.contents(), [])
})
