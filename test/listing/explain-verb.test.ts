import t from 'tap'
import { connect } from '../../src/cells/connection.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import { type CellsConfig, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { statementsOf } from '../fixtures/statements-of.js'

const local = await startLocalCells({
  cells: 2,
  cell0: false,
  servers: 'own',
  instances: [8_000, 4_000],
  relations: false,
  bufferPoolMB: 64,
})
t.teardown(local.stop)
for (const { name } of local.cells) await local.query(name, 'ANALYZE TABLE instances')

/** Cells that know nothing yet: what is remembered of a cell's indexes holds for ten minutes. */
const open = async (config: CellsConfig = { apiDatabase: local.apiDatabase! }) => {
  const cells = await openCells(config)
  t.teardown(() => cells.close())
  return cells
}
const cells = await open()
const ON_CREATED = 'instances_deleted_created_at_idx'
const IN_ORDER = { filesort: false, temporary: false, full: false }
const SHOWN = `deleted = 0 AND NOT vm_state <=> 'soft-delete' AND NOT hidden <=> 1`

const nth = async (order: string, n: number): Promise<string> => {
  const [[uuid]] = (await local.query(
    'cell1',
    `SELECT uuid FROM instances WHERE ${SHOWN} ORDER BY ${order} LIMIT 1 OFFSET ${n}`,
  )) as [[string]]
  return uuid
}

/** The statements with an order that a server was sent meanwhile. */
const sent = async (name: string, run: () => Promise<unknown>): Promise<string[]> =>
  (await statementsOf(local.server(name), run)).filter(text => /`instances`.*ORDER BY.*LIMIT/s.test(text))

/** The same text, with a value in each place that has one. */
const withValues = (statement: string): RegExp => {
  const value = String.raw`(?:NULL|-?\d+|'(?:[^'\\]|\\.)*')`
  const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
  return new RegExp(`^${statement.split('?').map(literal).join(value)}$`)
}

for (const [what, query] of Object.entries({
  'the first page': { scope: 'all' },
  'a marker in the middle': { scope: 'all', marker: await nth('created_at DESC, id DESC', 4_000) },
  'few fields, which come with the keys': { scope: 'all', fields: ['uuid', 'host'], limit: 10 },
  'the build requests’ tables': {
    scope: 'all',
    filters: { tags: ['blue'], display_name: { contains: 'web' } },
  },
} as const))
  t.test(`the statement is the one that list sends: ${what}`, async t => {
    // What a page was like may change what is asked for the next.
    for (const [i, name] of ['cell1', 'cell2', 'api'].entries()) {
      const { cells: said } = await cells.instances.explain(query)
      t.equal(said.length, 3)
      const [first] = await sent(name, () => cells.instances.list(query))
      t.match(first, withValues(said[i]!.statement!), name)
    }
  })

t.test('the default order is read off its index, from wherever it starts', async t => {
  const middle = await nth('created_at DESC, id DESC', 4_000)
  const page = await cells.instances.list({ scope: 'all', limit: 5 })
  for (const start of [{}, { marker: middle }, { cursor: page.next! }]) {
    const { complete, cells: said } = await cells.instances.explain({ scope: 'all', ...start })
    t.equal(complete, true)
    for (const cell of said.slice(0, 2)) {
      t.match(cell, { state: 'ok', ms: Number, index: ON_CREATED, rows: Number, ...IN_ORDER })
      t.notOk('advice' in cell)
      t.match(cell.statement, /FORCE INDEX .* ORDER BY `created_at` DESC, `id` DESC LIMIT \?$/)
      t.equal(cell.statement!.includes('`created_at` <= ?'), 'marker' in start || 'cursor' in start)
    }
    t.match(said[2], { name: 'nova_api', state: 'ok', statement: /^WITH .* LIMIT \?$/, filesort: true })
    t.notOk('advice' in said[2]!, 'nobody can give it an index')
  }
})

const ON_NAME = 'crosscell_deleted_display_name'
const NO_INDEX = {
  code: 'no-index',
  columns: ['deleted', 'display_name'],
  ddl: `ALTER TABLE \`instances\` ADD INDEX \`${ON_NAME}\` (\`deleted\`, \`display_name\`)`,
} as const

t.test('an order that no index gives: all is read and sorted, and what would mend it mends it', async t => {
  const query = { scope: 'all', sort: ['display_name'], limit: 100 } as const
  const before = await cells.instances.explain(query)
  for (const cell of before.cells.slice(0, 2)) t.match(cell, { filesort: true, advice: NO_INDEX })
  t.ok(before.cells[0]!.rows! > 3_000, `${before.cells[0]!.rows} of 8,000, by the statistics`)

  await local.query('cell1', NO_INDEX.ddl)
  const fresh = await open()
  const middle = await nth('display_name, id', 3_000)
  for (const dir of ['asc', 'desc'] as const)
    for (const start of [{}, { marker: middle }]) {
      const asked = { ...query, ...start, sort: [`display_name:${dir}`] } as const
      const [mended, other] = (await fresh.instances.explain(asked)).cells
      t.match(mended, { index: ON_NAME, ...IN_ORDER })
      t.notOk('advice' in mended!)
      t.match(other, { filesort: true, advice: NO_INDEX })

      const [statement] = await sent('cell1', () => fresh.instances.list(asked))
      const connection = await connect(parseDatabaseUrl(local.cells[0]!.database, '/'))
      await connection.query('FLUSH STATUS')
      await connection.query(statement!)
      const counters = await connection.query(`SHOW STATUS LIKE 'Handler_read%'`)
      await connection.close()
      const read = counters.reduce((sum, [, count]) => sum + Number(count), 0)
      t.ok(read < 250, `${read} rows read for a page of 100`)
    }
})

t.test('the advice is about the rows that the query shows', async t => {
  const { cells: said } = await cells.instances.explain({
    scope: 'all',
    filters: { deleted: 'any' },
    sort: ['host:desc', 'vcpus:desc'],
  })
  t.same(said[1]!.advice, {
    code: 'no-index',
    columns: ['host', 'vcpus'],
    ddl: 'ALTER TABLE `instances` ADD INDEX `crosscell_host_vcpus` (`host`, `vcpus`)',
  })
})

t.test('where a filter is the better way in, no index is missing', async t => {
  const [[project]] = (await local.query('cell2', 'SELECT project_id FROM instances LIMIT 1')) as [[string]]
  for (const sort of [['display_name'], ['created_at:desc', 'host']] as const) {
    const { cells: said } = await cells.instances.explain({ scope: { project_id: project }, sort })
    for (const cell of said) t.notOk('advice' in cell)
  }
})

t.test('what no index mends says so', async t => {
  const adviceOf = async (...sort: string[]) =>
    (await cells.instances.explain({ scope: 'all', sort: sort as [] })).cells[1]!.advice
  t.same(await adviceOf('created_at:desc', 'id:asc'), {
    code: 'mixed-directions',
    columns: ['created_at'],
    ddl: null,
  })
  // 255 characters of utf8mb3 and an INT: 3,064 bytes are not too long, 3,829 are.
  const texts = ['display_name', 'hostname', 'host', 'node']
  const fits = await adviceOf(...texts)
  t.match(fits, { code: 'no-index' })
  await local.query('cell2', fits!.ddl!)
  t.match(await adviceOf(...texts, 'key_name'), {
    code: 'key-too-long',
    columns: ['deleted', ...texts, 'key_name'],
    ddl: null,
  })
  const small = ['auto_disk_config', 'instance_type_id', 'launch_index', 'launched_at', 'locked', 'locked_by']
  const more = ['memory_mb', 'power_state', 'progress', 'root_gb', 'terminated_at', 'updated_at', 'vcpus']
  t.match(await adviceOf(...small, ...more, 'uuid', 'access_ip_v4'), { code: 'no-index' })
  t.match(await adviceOf(...small, ...more, 'uuid', 'access_ip_v4', 'access_ip_v6'), { code: 'key-too-long' })
})

t.test('cells whose texts compare differently: those that convert have no use for an index', async t => {
  await local.query(
    'cell2',
    'ALTER TABLE instances MODIFY availability_zone VARCHAR(255) COLLATE utf8mb4_general_ci',
  )
  const fresh = await open()
  const said = (await fresh.instances.explain({ scope: 'all', sort: ['availability_zone', 'vcpus'] })).cells
  t.same(said[0]!.advice, { code: 'converted-text', columns: ['availability_zone'], ddl: null })
  t.match(said[1]!.advice, { code: 'no-index', columns: ['deleted', 'availability_zone', 'vcpus'] })
})

t.test('no value of the query, of a marker or of a row is shown', async t => {
  const [[project, marker, at]] = (await local.query(
    'cell1',
    `SELECT project_id, uuid, CAST(created_at AS CHAR) FROM instances WHERE ${SHOWN} LIMIT 1`,
  )) as [[string, string, string]]
  const said = await cells.instances.explain({
    scope: { project_id: project },
    filters: { display_name: { contains: 'pa55' }, tags: ['s3cret'], vcpus: { ne: 7_654_321 } },
    marker,
  })
  const text = JSON.stringify(said)
  for (const value of [project, 'pa55', 's3cret', '7654321', marker, at]) t.notMatch(text, value)
  t.match(said.cells, [{ statement: /`project_id` = \?/ }, { statement: /created_at/ }, { statement: /\?/ }])
})

t.test('what list refuses is refused alike', async t => {
  const marker = await nth('id', 100)
  for (const [query, code] of [
    [{ scope: { project_id: 'somebody else' }, marker }, 'marker-not-found'],
    [{ scope: 'all', cursor: 'x' }, 'invalid-cursor'],
    [{ scope: 'all', sort: ['nme'] }, 'unknown-sort-key'],
    [{ scope: 'all', group_by: ['host'] }, 'unknown-option'],
    [{}, 'missing-scope'],
  ] as const) {
    await t.rejects(cells.instances.list(query as never), { code })
    await t.rejects(cells.instances.explain(query as never), { code })
  }
  await t.rejects(cells.instances.explain({ scope: 'all' }, { deadline: 0 }), { code: 'invalid-option' })
})

t.test('who is not asked has nothing to explain', async t => {
  const NOTHING = {
    state: 'ok',
    statement: null,
    index: null,
    rows: null,
    filesort: null,
    temporary: null,
    full: null,
  }
  t.same(await cells.instances.explain({ scope: 'all', limit: 0 }), {
    decision: { from: 'cells', overlay: false, reason: 'no-index', unserved: [] },
    complete: true,
    cells: [],
  })
  t.match((await cells.migrations.explain({ scope: 'all' })).cells, [
    { statement: /FROM `migrations`/, advice: { code: 'no-index', columns: ['deleted', 'created_at'] } },
    { statement: /FROM `migrations`/ },
    { name: 'nova_api', ...NOTHING },
  ])
  // The build requests come before the instances of the cells, and are passed there.
  const first = await open({ apiDatabase: local.apiDatabase!, buildRequests: 'first' })
  const { next } = await first.instances.list({ scope: 'all', limit: 5 })
  const said = await first.instances.explain({ scope: 'all', cursor: next! })
  t.match(said.cells, [{ index: ON_CREATED }, { index: ON_CREATED }, { name: 'nova_api', ...NOTHING }])
})

t.test('a cell that is down is reported, and the others explain', async t => {
  const alone = await open({ cells: local.cells })
  const marker = await nth('id', 100)
  await alone.instances.explain({ scope: 'all' })
  await local.stopCell('cell2')
  const down = {
    name: 'cell2',
    state: 'failed',
    error: { code: 'cell-failed', reason: /^E[A-Z]+$/ },
    statement: null,
    index: null,
    rows: null,
  }
  // Known already, or not; and found to be down when it was asked for the marker.
  for (const [asked, start] of [
    [cells, {}],
    [await open(), {}],
    [alone, { marker }],
  ] as const) {
    const said = await asked.instances.explain({ scope: 'all', ...start })
    t.equal(said.complete, false)
    t.match(said.cells, [{ name: 'cell1', state: 'ok', index: ON_CREATED }, down])
    t.notOk('advice' in said.cells[1]!)
  }
  await t.rejects(cells.instances.explain({ scope: 'all' }, { downCells: 'fail' }), {
    code: 'cells-unavailable',
    cells: [{ name: 'cell2' }],
  })
})
