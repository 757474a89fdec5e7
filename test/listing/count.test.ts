import t from 'tap'
import { instances, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { numbers } from '../../src/testing/sql-text.js'

const local = await startLocalCells({ cells: 3, instances: 900, servers: 'own', relations: false, seed: 5 })
t.teardown(() => local.stop())
const cells = await openCells({ apiDatabase: local.apiDatabase! })
t.teardown(() => cells.close())

// The truth: all cells' rows in one table of one server.
await local.query('cell1', 'CREATE TABLE everything LIKE instances')
await local.query('cell1', 'ALTER TABLE everything DROP PRIMARY KEY, MODIFY id INT NOT NULL')
const columns = Object.keys(instances.columns)
for (const { name } of local.cells) {
  const rows = await local.query(
    name,
    `SELECT ${columns.map(c => `CAST(${c} AS CHAR)`).join(', ')} FROM instances`,
  )
  await local.query('cell1', `INSERT INTO everything (${columns.join(', ')}) VALUES ?`, [rows] as never)
}
const VISIBLE = `deleted = 0 AND NOT vm_state <=> 'soft-delete' AND NOT hidden <=> 1`

t.test('all, and what filters and scopes leave of it', async t => {
  for (const [query, where] of [
    [{ scope: 'all' }, VISIBLE],
    [{ scope: 'all', filters: { vm_state: 'active' } }, `${VISIBLE} AND vm_state = 'active'`],
    [{ scope: { project_id: 'project-1' } }, `${VISIBLE} AND project_id = 'project-1'`],
    [{ scope: 'all', filters: { host: 'no such host' } }, 'FALSE'],
  ] as const) {
    const [[want]] = (await local.query('cell1', `SELECT COUNT(*) FROM everything WHERE ${where}`)) as [
      [number],
    ]
    const { count, groups, complete, cells: report } = await cells.instances.count(query)
    t.same([count, groups, complete], [want, [{ count: want }], true])
    t.same(
      report.map(cell => cell.state),
      ['ok', 'ok', 'ok', 'ok', 'ok'],
    )
  }
})

t.test('groups add up over the cells, by the collation, in order', async t => {
  for (const keys of [
    ['vm_state'],
    ['display_name'],
    ['locked_by', 'power_state'],
    ['created_at'],
    ['locked', 'display_name', 'project_id'],
  ] as const) {
    const want = await local.query(
      'cell1',
      `SELECT COUNT(*) FROM everything WHERE deleted = 0 AND NOT vm_state <=> 'soft-delete' GROUP BY ${keys.join(', ')} ORDER BY ${keys.join(', ')}`,
    )
    const { groups, count } = await cells.instances.count({
      scope: 'all',
      group_by: keys,
      filters: { hidden: 'any' },
    })
    t.same(
      groups.map(group => group.count),
      want.flat(),
      String(keys),
    )
    t.equal(
      count,
      want.flat().reduce((sum: number, n) => sum + Number(n), 0),
    )
    t.same(Object.keys(groups[0]!), [...keys, 'count'])
  }
  const { groups } = await cells.instances.count({
    scope: 'all',
    group_by: ['locked_by', 'locked'],
    filters: { hidden: 'any' },
  })
  t.same([...new Set(groups.map(group => group.locked_by))], [null, 'owner', 'admin'], 'by ordinal')
  t.ok(groups.some(group => group.locked === true))
})

t.test('a count without a cell says so, and is refused where it must be whole', async t => {
  const whole = await cells.instances.count({ scope: 'all' })
  await local.stopCell('cell2')
  const part = await cells.instances.count({ scope: 'all' })
  t.equal(part.complete, false)
  t.ok(part.count < whole.count)
  t.match(part.cells[2], { name: 'cell2', state: 'failed' })
  await t.rejects(cells.instances.count({ scope: 'all' }, { downCells: 'fail' }), { code: 'cells-unavailable' })
  await local.startCell('cell2')
  await local.query('cell3', 'ALTER TABLE tags RENAME COLUMN tag TO elsewhere')
  t.match((await cells.instances.count({ scope: 'all', filters: { tags: ['blue'] } })).cells[3], {
    state: 'failed',
    error: { reason: 'ER_BAD_FIELD_ERROR' },
  })
})

t.test('more groups than an answer may hold are an error', async t => {
  await local.query(
    'cell1',
    `INSERT INTO instances (uuid, deleted, hostname) SELECT UUID(), 0, n FROM (${numbers(10_001)}) AS seq`,
  )
  await t.rejects(cells.instances.count({ scope: 'all', group_by: ['hostname'] }), { code: 'too-many-groups' })
})

t.test('what can not be grouped by', async t => {
  for (const [group_by, path] of [
    [['user_data'], '/group_by/0'],
    [['host', 'host'], '/group_by'],
    ['host', '/group_by'],
    [['host', 'node', 'uuid', 'id', 'vcpus'], '/group_by'],
  ] as const)
    await t.rejects(cells.instances.count({ scope: 'all', group_by } as never), {
      code: 'unknown-group-key',
      path,
    })
  await t.rejects(cells.instances.count({ scope: 'all', limit: 5 } as never), {
    code: 'unknown-option',
    path: '/limit',
  })
})
