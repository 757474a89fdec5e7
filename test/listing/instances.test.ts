import t from 'tap'
import type { SqlRow } from '../../src/cells/connection.js'
import { type CellsConfig, instances, type ListQuery, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'

const local = await startLocalCells({ cells: 3, instances: 3_000, seed: 7 })
t.teardown(() => local.stop())
const open = async (config: Partial<CellsConfig> = {}) => {
  const cells = await openCells({ apiDatabase: local.apiDatabase!, ...config })
  t.teardown(() => cells.close())
  return cells
}
const cells = await open()

const VISIBLE = `deleted = 0 AND NOT vm_state <=> 'soft-delete' AND NOT hidden <=> 1`

/** All cells in one statement. */
const everywhere = (select: string, where: string, rest = ''): Promise<SqlRow[]> =>
  local.query(
    'cell1',
    `${local.cells
      .map(({ name }) => `(SELECT ${select}, '${name}' AS cell FROM nova_${name}.instances WHERE ${where})`)
      .join(' UNION ALL ')} ${rest}`,
  )

t.test('the default: what is visible, newest first', async t => {
  const want = await everywhere(
    'uuid, created_at, id',
    VISIBLE,
    'ORDER BY created_at DESC, id DESC, uuid LIMIT 1000',
  )
  const page = await cells.instances.list({ scope: 'all' })
  t.equal(page.items.length, 1_000, 'Nova’s max_limit')
  t.same(
    page.items.map(item => [item.uuid, item.cell.name]),
    want.map(row => [row[0], row[3]]),
  )
  t.equal(page.complete, true)
  t.equal(page.source, 'cells')
  t.type(page.next, 'string')
  t.same(
    page.cells.map(cell => [cell.name, cell.state, cell.rows]),
    [
      ...local.cells.map(({ name }) => [name, 'ok', want.filter(row => row[3] === name).length]),
      ['nova_api', 'ok', 0],
    ],
  )
  t.ok(page.cells.every(cell => cell.fetched >= cell.rows && cell.ms > 0))
})

t.test('values are exact, and every column is there', async t => {
  const { items } = await cells.instances.list({ scope: 'all', filters: { locked_by: { ne: null } }, limit: 5 })
  t.equal(items.length, 5)
  for (const item of items) {
    t.same(Object.keys(item).sort(), [...Object.keys(instances.columns), 'cell'].sort())
    const columns = Object.keys(instances.columns)
    const [row] = await local.query(
      item.cell.name,
      `SELECT ${columns.map(c => `CAST(${c} AS CHAR)`).join(', ')} FROM instances WHERE uuid = ?`,
      [item.uuid],
    )
    for (const [i, column] of columns.entries()) {
      const { kind } = instances.columns[column as keyof typeof instances.columns]
      const value = item[column as keyof typeof instances.columns]
      const text = row![i] as string | null
      const exact =
        text === null
          ? null
          : kind === 'int'
            ? Number(text)
            : kind === 'bool'
              ? text === '1'
              : kind === 'time'
                ? `${text.replace(' ', 'T')}Z`
                : text
      t.equal(value, exact, column)
    }
  }
})

t.test('fields narrow the record', async t => {
  const { items } = await cells.instances.list({
    scope: 'all',
    fields: ['display_name', 'locked_by'],
    limit: 3,
  })
  for (const item of items) t.same(Object.keys(item), ['display_name', 'locked_by', 'cell'])
})

t.test('flags show what is hidden by default', async t => {
  for (const [filters, where] of [
    [{ deleted: true }, `(deleted <> 0 OR vm_state = 'soft-delete') AND NOT hidden <=> 1`],
    [{ deleted: true, soft_deleted: false }, `deleted <> 0 AND NOT hidden <=> 1`],
    [{ deleted: 'any', soft_deleted: false }, `NOT vm_state <=> 'soft-delete' AND NOT hidden <=> 1`],
    [{ deleted: false, soft_deleted: true }, `deleted = 0 AND NOT hidden <=> 1`],
    [{ deleted: 'any', hidden: 'any', soft_deleted: 'any' }, 'TRUE'],
    [
      { soft_deleted: true, vm_state: 'soft-delete' },
      `deleted = 0 AND vm_state = 'soft-delete' AND NOT hidden <=> 1`,
    ],
    [{ changes_before: '2026-01-01' }, `updated_at <= '2026-01-01' AND NOT hidden <=> 1`],
    [{ changes_since: '2026-01-01' }, `updated_at >= '2026-01-01' AND NOT hidden <=> 1`],
    [
      { changes_since: '2026-01-01', changes_before: '2026-06-01T00:00:00Z', soft_deleted: false },
      `updated_at >= '2026-01-01' AND updated_at <= '2026-06-01' AND NOT vm_state <=> 'soft-delete' AND NOT hidden <=> 1`,
    ],
    [{ hidden: true, soft_deleted: 'any' }, 'deleted = 0 AND hidden = 1'],
  ] as const) {
    const want = await everywhere('uuid', where)
    t.ok(want.length > 0, where)
    const got: string[] = []
    for await (const { uuid } of cells.instances.iterate({ scope: 'all', filters, fields: ['uuid'] }))
      got.push(uuid)
    t.same(got.sort(), want.map(row => row[0]).sort(), where)
  }
})

t.test('a scope shows one project, or one user', async t => {
  const [[project, user]] = (await everywhere('project_id, user_id', VISIBLE)) as [[string, string]]
  for (const [scope, where] of [
    [{ project_id: project }, `project_id = '${project}'`],
    [{ user_id: user }, `user_id = '${user}'`],
  ] as const) {
    const want = await everywhere('uuid', `${VISIBLE} AND ${where}`)
    const got: string[] = []
    for await (const page of cells.instances.pages({ scope, limit: 7 }))
      got.push(...page.items.map(i => i.uuid))
    t.same(got.sort(), want.map(row => row[0]).sort())
  }
  // The collation holds these for the same; they are other tenants.
  for (const other of [project.toUpperCase(), `${project} `, `${project}' OR '1'='1`])
    t.same((await cells.instances.list({ scope: { project_id: other } })).items, [], other)
})

t.test('iterate gives what pages give, and goes on from its cursor', async t => {
  const query = { scope: 'all', sort: ['display_name', 'host:desc'], fields: ['uuid'] } as const
  const want: string[] = []
  for await (const page of cells.instances.pages({ ...query, limit: 400 }))
    want.push(...page.items.map(i => i.uuid))
  const rows = cells.instances.iterate(query)
  t.equal(rows.cursor, null)
  const got: string[] = []
  for await (const { uuid } of rows) {
    got.push(uuid)
    if (got.length === 1_234) break
  }
  const rest = cells.instances.iterate({ ...query, cursor: rows.cursor! })
  t.equal(rest.cursor, rows.cursor)
  for await (const { uuid } of rest) got.push(uuid)
  t.same(got, want)
  t.equal(rest.complete, true)
  t.equal(
    rest.cells.reduce((sum, cell) => sum + cell.rows, 0),
    want.length - 1_234,
  )
})

t.test('get: one record, or null', async t => {
  const { items } = await cells.instances.list({ scope: 'all', limit: 1 })
  const [item] = items
  t.same(await cells.instances.get(item!.uuid, { scope: 'all' }), item)
  t.same(
    await cells.instances.get(item!.uuid, { scope: { project_id: item!.project_id! }, fields: ['host'] }),
    {
      host: item!.host,
      cell: item!.cell,
    },
  )
  t.equal(await cells.instances.get(item!.uuid, { scope: { project_id: 'another' } }), null)
  t.equal(await cells.instances.get('00000000-0000-4000-8000-000000000000', { scope: 'all' }), null)
  const [[gone]] = (await everywhere('uuid', 'deleted <> 0')) as [[string]]
  t.equal(await cells.instances.get(gone, { scope: 'all' }), null)
  t.match(
    await cells.instances.get(gone, {
      scope: 'all',
      filters: { deleted: true, soft_deleted: 'any', hidden: 'any' },
    }),
    { uuid: gone },
  )
  for (const nothing of [undefined, null, 7]) {
    const asked = cells.instances.get(nothing as never, { scope: 'all' })
    await (nothing === null ? t.resolveMatch(asked, null) : t.rejects(asked, { code: 'invalid-filter-value' }))
  }
  await t.rejects(cells.instances.get(gone, undefined as never), { code: 'invalid-option' })
})

t.test('a regular expression that the servers refuse is the caller’s error, no cell’s', async t => {
  await t.rejects(
    cells.instances.list({ scope: 'all', filters: { vm_state: 'active', display_name: { regexp: 'a(' } } }),
    {
      code: 'invalid-filter-value',
      path: '/filters/display_name/regexp',
    },
  )
  const { items } = await cells.instances.list({
    scope: 'all',
    filters: { display_name: { regexp: '^web' } },
    fields: ['display_name'],
    limit: 20,
  })
  t.equal(items.length, 20)
  t.ok(items.every(item => /^web/i.test(item.display_name!)))
})

t.test('a filter or a scope that no column can hold finds nothing, and breaks nothing', async t => {
  const all = (await everywhere('uuid', VISIBLE)).length
  for (const [filters, found] of [
    [{ display_name: '😀' }, 0],
    [{ display_name: { ne: '😀' } }, all],
    [{ display_name: { contains: '😀' } }, 0],
    [{ display_name: { prefix: '😀' } }, 0],
    [{ display_name: { like: '%😀%' } }, 0],
    [{ display_name: { regexp: '😀+' } }, 0],
    [{ hostname: ['😀', '𝔸'] }, 0],
    [{ tags: ['😀'] }, 0],
    [{ not_tags: ['😀'] }, all],
    [{ metadata: { '😀': '😀' } }, 0],
  ] as const) {
    let rows = 0
    for await (const _ of cells.instances.iterate({ scope: 'all', filters, fields: ['uuid'] } as never)) rows++
    t.equal(rows, found, JSON.stringify(filters))
  }
  const page = await cells.instances.list({ scope: { project_id: '😀' } })
  t.same([page.items, page.complete], [[], true])
})

t.test('limit 0 asks nobody', async t => {
  t.same(await cells.instances.list({ scope: 'all', limit: 0 }), {
    items: [],
    next: null,
    complete: true,
    cells: [],
    missed: null,
    source: 'cells',
  })
})

t.test('few rows are fetched for each that is returned', async t => {
  for (const [limit, most] of [
    [1_000, 1.45],
    [20, 3],
  ] as const) {
    const page = await cells.instances.list({ scope: 'all', limit, filters: { memory_mb: { gt: 0 } } })
    const fetched = page.cells.reduce((sum, cell) => sum + cell.fetched, 0)
    t.comment(`limit ${limit}: ${fetched / page.items.length} rows fetched per row returned`)
    t.ok(fetched <= most * page.items.length)
  }
})

t.test('without an API database the cells are given', async t => {
  const given = await openCells({ cells: local.cells })
  t.same(
    (await given.instances.list({ scope: 'all' })).items,
    (await cells.instances.list({ scope: 'all' })).items,
  )
  await given.close()
})

t.test('the grants that the README names are enough', async t => {
  const server = local.server('cell1')
  await server.query(`CREATE USER 'reader'@'localhost'`)
  for (const { name } of local.cells)
    await server.query(`GRANT SELECT ON nova_${name}.instances TO 'reader'@'localhost'`)
  const reader = local.cells.map(cell => ({ ...cell, database: cell.database.replace('//root@', '//reader@') }))
  const given = await openCells({ cells: reader })
  t.teardown(() => given.close())
  const query = { scope: 'all', sort: ['display_name', 'created_at:desc'], limit: 50 } as const
  t.same((await given.instances.list(query)).items, (await cells.instances.list(query)).items)
  for (const table of ['cell_mappings', 'instance_mappings', 'build_requests'])
    await server.query(`GRANT SELECT ON nova_api.${table} TO 'reader'@'localhost'`)
  const whole = await openCells({ apiDatabase: local.apiDatabase!.replace('//root@', '//reader@') })
  t.teardown(() => whole.close())
  const page = await whole.instances.list(query)
  t.same([page.items, page.complete], [(await cells.instances.list(query)).items, true])
})

t.test('cursors of one process open in another that has the secret', async t => {
  const secret = 'sixteen characters'
  const [a, b, c] = await Promise.all([
    open({ cursorSecrets: [secret] }),
    open({ cursorSecrets: ['another of sixteen', secret] }),
    open(),
  ])
  const query: ListQuery<typeof instances> = { scope: 'all', limit: 5 }
  const cursor = (await a.instances.list(query)).next!
  t.same(
    (await b.instances.list({ ...query, cursor })).items,
    (await a.instances.list({ ...query, cursor })).items,
  )
  await t.rejects(c.instances.list({ ...query, cursor }), { code: 'invalid-cursor', path: '/cursor' })
})

t.test('closed cells say so', async t => {
  const closed = await openCells({ apiDatabase: local.apiDatabase! })
  const running = closed.instances.list({ scope: 'all', limit: 1 })
  await running
  await closed.close()
  await closed.close()
  await t.rejects(closed.instances.list({ scope: 'all' }), { code: 'closed', name: 'ClosedError' })
  t.throws(() => closed.instances.iterate({ scope: 'all' }), { code: 'closed' })
})
