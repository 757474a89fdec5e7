import t from 'tap'
import { openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'

const local = await startLocalCells({ cells: 2, servers: 'own' })
t.teardown(() => local.stop())
for (const { name } of local.cells) await local.query(name, 'DELETE FROM services')
const cells = await openCells({ apiDatabase: local.apiDatabase! })
t.teardown(() => cells.close())

const cellNamed = async (name: string, options?: object) =>
  (await cells.status(options)).cells.find(cell => cell.name === name)!

t.test('every cell and the API database: whether they answer, and what they run on', async t => {
  const { cells: reports, complete, index } = await cells.status()
  t.equal(complete, true)
  t.equal(index, null)
  const names = ['cell0', 'cell1', 'cell2', 'nova_api']
  const uuids = [...local.cells.map(({ uuid }) => uuid), 'api']
  t.same(
    reports.map(({ uuid, name, state }) => [uuid, name, state]),
    names.map((name, i) => [uuids[i], name, 'ok']),
  )
  for (const { name, ms, server, schema, services } of reports) {
    const [[version]] = (await local.query(name.replace('nova_', ''), 'SELECT VERSION()')) as [[string]]
    t.equal(server, version)
    t.equal(schema, null)
    t.same(services, name === 'nova_api' ? null : { up: 0, down: 0, disabled: 0 })
    t.ok(ms > 0)
  }
  t.same(Object.keys(reports[0]!), ['uuid', 'name', 'state', 'ms', 'server', 'schema', 'services', 'breaker'])
})

t.test('the revision of the schema, however it is kept', async t => {
  const ALEMBIC = 'CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)'
  const MIGRATE =
    'CREATE TABLE migrate_version (repository_id VARCHAR(250) NOT NULL PRIMARY KEY, repository_path TEXT, version INT)'
  const schema = async (name: string) => (await cellNamed(name)).schema
  await local.query('cell1', MIGRATE)
  t.equal(await schema('cell1'), null)
  await local.query('cell1', `INSERT INTO migrate_version VALUES ('nova', '/', 402)`)
  t.equal(await schema('cell1'), '402', 'before Nova 24')
  await local.query('cell1', ALEMBIC)
  t.equal(await schema('cell1'), '402', 'on the way')
  await local.query('cell1', `INSERT INTO alembic_version VALUES ('8f2f1571d55b')`)
  t.equal(await schema('cell1'), '8f2f1571d55b', 'what Nova itself then says: nova/db/migration.py, db_version')
  await local.query('cell1', `INSERT INTO alembic_version VALUES ('16f1fbcab42b')`)
  t.equal(await schema('cell1'), '16f1fbcab42b,8f2f1571d55b')
  await local.query('api', ALEMBIC)
  await local.query('api', `INSERT INTO alembic_version VALUES ('b30f573d3377')`)
  t.equal(await schema('nova_api'), 'b30f573d3377')
  await local.server('cell2').query('CREATE DATABASE another')
  await local.server('cell2').query(ALEMBIC.replace('alembic', 'another.alembic'))
  t.equal(await schema('cell2'), null, 'another database on the same server has one')
})

t.test('the compute services, as Nova judges them by the database’s clock', async t => {
  const now = 'UTC_TIMESTAMP()'
  const service = (
    seen: string,
    { forced = 'NULL', disabled = 'NULL', deleted = 0, binary = 'nova-compute', created = 'NULL' } = {},
  ) =>
    local.query(
      'cell1',
      `INSERT INTO services (host, \`binary\`, topic, report_count, last_seen_up, created_at, forced_down, disabled, deleted)
VALUES (UUID(), '${binary}', 'compute', 1, ${seen}, ${created}, ${forced}, ${disabled}, ${deleted})`,
    )
  const services = async (options?: object) => (await cellNamed('cell1', options)).services
  await service(now)
  await service(`${now} - INTERVAL 30 SECOND`, { forced: '0', disabled: '0' })
  await service(`${now} + INTERVAL 30 SECOND`, { disabled: '1' })
  await service('NULL', { created: now })
  t.same(await services(), { up: 4, down: 0, disabled: 1 })
  await service(`${now} - INTERVAL 61 SECOND`)
  await service(`${now} + INTERVAL 1 HOUR`)
  await service(now, { forced: '1' })
  await service('NULL')
  await service(`${now} - INTERVAL 1 YEAR`, { created: now, disabled: '1' })
  t.same(await services(), { up: 4, down: 5, disabled: 2 })
  await service(now, { deleted: 7, disabled: '1' })
  await service(now, { binary: 'nova-conductor', disabled: '1' })
  t.same(await services(), { up: 4, down: 5, disabled: 2 })
  t.same(await services({ serviceDownTime: 3_000 }), { up: 5, down: 4, disabled: 2 })
  t.same(await services({ serviceDownTime: 1_000_000_000 }), { up: 7, down: 2, disabled: 2 })
  t.same((await cellNamed('cell2')).services, { up: 0, down: 0, disabled: 0 })
})

t.test('a user who may read the instances alone learns whether the cell answers', async t => {
  await local.query('cell1', `CREATE USER reader@localhost`)
  await local.query('cell1', 'GRANT SELECT ON nova_cell1.instances TO reader@localhost')
  const [, { uuid, name, database }] = local.cells as [unknown, (typeof local.cells)[number]]
  const some = await openCells({
    cells: [{ uuid, name, database: database.replace('//root@', '//reader@') }],
  })
  t.teardown(() => some.close())
  const { cells: reports, complete } = await some.status()
  t.match(reports, [{ name, state: 'ok', server: String, schema: null, services: null }])
  t.equal(complete, true)
})

t.test('a cell that is down says so, and the API database too', async t => {
  await local.stopCell('cell2')
  await local.stopCell('api')
  const { cells: reports, complete } = await cells.status()
  const down = {
    state: 'failed',
    error: { code: 'cell-failed', reason: /^E[A-Z]+$/ },
    server: null,
    schema: null,
    services: null,
  }
  t.match(reports, [
    { name: 'cell0', state: 'ok' },
    { name: 'cell1', state: 'ok', services: { up: 4 } },
    { name: 'cell2', ...down },
    { name: 'nova_api', ...down },
  ])
  t.equal(complete, false)
  await local.startCell('cell2')
  await local.startCell('api')
  t.equal((await cells.status()).complete, true)
})

t.test('a cell that hangs costs itself alone, and the answer comes in time', async t => {
  await local.server('cell1').pause()
  t.teardown(() => local.server('cell1').resume())
  const start = performance.now()
  const answer = await cells.status({ deadline: 600 })
  const took = performance.now() - start
  t.ok(took < 700, `${took} ms`)
  t.match(answer.cells, [
    { state: 'ok' },
    { state: 'timed-out', error: { reason: 'DEADLINE' }, server: null },
    { state: 'ok' },
    { state: 'ok' },
  ])
})

t.test('a caller’s abort ends the request with the caller’s reason', async t => {
  const reason = new Error('the client went away')
  await t.rejects(cells.status({ signal: AbortSignal.abort(reason) }), reason)
})

t.test('what is no option', async t => {
  for (const [options, code, path] of [
    [null, 'invalid-option', ''],
    [{ deadline: -1 }, 'invalid-option', '/deadline'],
    [{ serviceDownTime: 0 }, 'invalid-option', '/serviceDownTime'],
    [{ serviceDownTime: 1.5 }, 'invalid-option', '/serviceDownTime'],
    [{ serviceDownTime: '60' }, 'invalid-option', '/serviceDownTime'],
    [{ serviceDownTime: 1_000_000_001 }, 'invalid-option', '/serviceDownTime'],
    [{ downCells: 'fail' }, 'unknown-option', '/downCells'],
  ] as const)
    await t.rejects(cells.status(options as never), { code, path })
})
