import t from 'tap'
import { API_DATABASE, defineResource, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'

const local = await startLocalCells({ cells: 2, cell0: false, instances: [4, 4], seed: 6, relations: false })
t.teardown(() => local.stop())
const cells = await openCells({ apiDatabase: local.apiDatabase! })
t.teardown(() => cells.close())

const instanceOf = async (cell: string, id: number) =>
  String((await local.query(cell, `SELECT uuid FROM instances WHERE id = ${id}`))[0]![0])
const act = (cell: string, id: number, instance: string, action: string, start: string) =>
  local.query(
    cell,
    `INSERT INTO instance_actions (created_at, id, action, instance_uuid, request_id, user_id, project_id, start_time, deleted)
     VALUES ('2024-01-01', ?, ?, ?, CONCAT('req-', ?), 'me', 'mine', ?, 0)`,
    [id, action, instance, action, start],
  )
const [a, b] = [await instanceOf('cell1', 1), await instanceOf('cell2', 1)]
// The same ids and times in both cells: only the cell tells their rows apart.
for (const [id, action] of ['create', 'reboot', 'resize'].entries()) {
  await act('cell1', id + 1, a, action, '2024-01-01 10:00:00')
  await act('cell2', id + 1, b, action, '2024-01-01 10:00:00')
}
const mine = { scope: { project_id: 'mine' } } as const
const [one, two] = local.cells
const [first, second] = [one!, two!].sort((x, y) => (x.uuid < y.uuid ? -1 : 1))

t.test('rows without a uuid: ties are broken by the cell, and no page loses one', async t => {
  for (const limit of [1, 2, 3, 4, 100])
    for (const dir of ['asc', 'desc'] as const) {
      const got: string[] = []
      for await (const page of cells.instanceActions.pages({ ...mine, sort: [`start_time:${dir}`], limit }))
        got.push(...page.items.map(({ id, cell }) => `${id} ${cell.name}`))
      const ids = dir === 'asc' ? [1, 2, 3] : [3, 2, 1]
      t.same(
        got,
        ids.flatMap(id => [`${id} ${first!.name}`, `${id} ${second!.name}`]),
      )
    }
})

t.test('the actions of an instance with their events', async t => {
  for (const [id, event, result] of [
    [1, 'compute__do_build', 'Success'],
    [2, 'compute_reboot', 'Error'],
    [3, 'compute_reboot_again', null],
  ] as const)
    await local.query(
      'cell1',
      `INSERT INTO instance_actions_events (id, event, action_id, start_time, result, host, deleted)
       VALUES (?, ?, ?, '2024-01-01 10:00:01', ?, 'h', 0)`,
      [id, event, id === 1 ? 1 : 2, result],
    )
  const page = await cells.instanceActions.list({
    ...mine,
    filters: { instance_uuid: a },
    sort: ['id:asc'],
    fields: ['action', 'request_id'],
    include: ['events'],
  })
  t.match(page.items, [
    {
      action: 'create',
      events: [{ event: 'compute__do_build', result: 'Success', start_time: '2024-01-01T10:00:01Z' }],
    },
    {
      action: 'reboot',
      events: [{ result: 'Error' }, { event: 'compute_reboot_again', result: null, host: 'h' }],
    },
    { action: 'resize', events: [] },
  ])
  t.same((await cells.instanceActions.count({ ...mine, group_by: ['action'] })).groups.length, 3)
  t.same((await cells.instanceActions.list({ scope: { project_id: 'other' } })).items, [])
})

t.test('nothing is found by a uuid that there is not', async t => {
  const uuid = '00000000-0000-4000-8000-000000000000'
  await t.rejects(cells.instanceActions.list({ ...mine, marker: uuid }), {
    code: 'invalid-marker',
    path: '/marker',
  })
  await t.rejects(cells.instanceActions.get(uuid as never, mine), { code: 'invalid-option', path: '/uuid' })
})

t.test('what moved with an instance comes once, from where the instance is', async t => {
  // Nova copies an instance's actions and migrations into the cell that it moves to, uuids included.
  await act('cell2', 7, a, 'create', '2024-01-01 10:00:00')
  const migrate = (cell: string, uuid: string, instance: string) =>
    local.query(
      cell,
      `INSERT INTO migrations (created_at, uuid, instance_uuid, status, migration_type, cross_cell_move, hidden, deleted, project_id)
       VALUES ('2024-02-02', ?, ?, 'finished', 'resize', 1, 0, 0, 'mine')`,
      [uuid, instance],
    )
  const uuid = (n: number) => `0000000${n}-0000-4000-8000-000000000000`
  await migrate('cell1', uuid(1), a)
  await migrate('cell2', uuid(1), a)
  await migrate('cell2', uuid(2), b)
  await migrate('cell1', uuid(3), 'no instance')
  const actions = async () =>
    (await cells.instanceActions.list({ ...mine, filters: { action: 'create', instance_uuid: a } })).items.map(
      item => item.cell.name,
    )
  const migrations = async () => {
    const got: string[] = []
    for await (const page of cells.migrations.pages({ ...mine, sort: ['uuid'], fields: ['uuid'], limit: 1 }))
      got.push(...page.items.map(item => `${item.uuid?.[7]} ${item.cell.name}`))
    return got
  }
  t.same(await actions(), ['cell1'])
  t.same(await migrations(), ['1 cell1', '2 cell2', '3 cell1'])
  await local.query(
    'api',
    `UPDATE instance_mappings SET cell_id = (SELECT id FROM cell_mappings WHERE name = 'cell2') WHERE instance_uuid = ?`,
    [a],
  )
  t.same(await actions(), ['cell2'])
  t.same(await migrations(), ['1 cell2', '2 cell2', '3 cell1'])
  const { cells: asked } = await cells.migrations.list({ ...mine, sort: ['instance_uuid'] })
  t.match(asked.at(-1), { ...API_DATABASE, state: 'ok', rows: 0 })
})

t.test('what names an instance has to be a column', async t => {
  t.throws(
    () =>
      defineResource({
        name: 'things',
        columns: { id: { kind: 'int' }, uuid: { kind: 'text' } },
        sortKeys: ['id'],
        mapped: 'instance',
      }),
    { code: 'invalid-resource', path: '/mapped' },
  )
})
