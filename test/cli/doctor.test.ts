import t from 'tap'
import { instances } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/index.js'
import { command, screen } from './fixtures/command.js'
import { lines } from './fixtures/everything.js'

const local = await startLocalCells({
  cells: 2,
  cell0: false,
  servers: 'own',
  instances: [400, 300],
  relations: false,
  bufferPoolMB: 32,
})
t.teardown(local.stop)
const env = { CROSSCELL_API_DB: local.apiDatabase }
const doctor = (...argv: string[]) => command(['doctor', ...argv], { env })
const tableOf = (stdout: string) =>
  stdout
    .split('\n\n')[0]!
    .trimEnd()
    .split('\n')
    .map(line => line.split(/ {2,}/))
const rowOf = (stdout: string, key: string) => tableOf(stdout).find(row => row[0] === key)
/** The statements below each heading. */
const mendsOf = (stdout: string) =>
  Object.fromEntries(
    stdout
      .split('\n\n')
      .slice(1)
      .map(block => block.trim().split('\n'))
      .filter(([, ddl]) => ddl?.startsWith('ALTER'))
      .map(([heading, ...ddl]) => [heading, ddl]),
  )
/** What the keys are said to be, each once. */
const pagesOf = (stdout: string) => [
  ...new Set(
    tableOf(stdout)
      .slice(1)
      .map(([, page]) => page),
  ),
]
const ON_CREATED = 'instances_deleted_created_at_idx'

t.test('which sort keys are cheap, which are scans, and the DDL that mends these: all of it does', async t => {
  const { code, stdout, stderr } = await doctor()
  t.match({ code, stderr }, { code: 0, stderr: '' })
  const [header, ...rows] = tableOf(stdout)
  t.same(header, ['key', 'page', 'rows', 'index'])
  t.same(
    rows.map(([key]) => key),
    instances.sortKeys.toSorted(),
  )
  // What Nova's own indexes serve, of the whitelist.
  const cheap = { created_at: ON_CREATED, id: 'PRIMARY', project_id: 'instances_project_id_idx' }
  for (const [key, index] of Object.entries(cheap)) t.same(rowOf(stdout, key), [key, 'cheap', '-', index])
  t.match(rowOf(stdout, 'display_name'), ['display_name', 'scan', /^\d+$/, '-'])
  const mends = mendsOf(stdout)
  t.same(Object.keys(mends), ['-- in every cell'])
  // `uuid, id` is read off the unique index of `uuid` by MySQL, and sorted by MariaDB.
  const served = ['created_at', 'id', 'project_id', ...(local.server('cell1').kind === 'mysql' ? ['uuid'] : [])]
  const scans = instances.sortKeys.filter(key => !served.includes(key))
  t.same(
    mends['-- in every cell'],
    scans
      .toSorted()
      .map(
        key => `ALTER TABLE \`instances\` ADD INDEX \`crosscell_deleted_${key}\` (\`deleted\`, \`${key}\`);`,
      ),
  )

  for (const ddl of mends['-- in every cell']!) await local.query('cell1', ddl)
  const half = await doctor()
  t.equal(half.code, 0)
  t.match(rowOf(half.stdout, 'display_name'), [
    'display_name',
    'scan in 1 of 2',
    /^\d+$/,
    'crosscell_deleted_display_name',
  ])
  t.same(mendsOf(half.stdout), { '-- in cell2': mends['-- in every cell'] })

  for (const ddl of mendsOf(half.stdout)['-- in cell2']!) await local.query('cell2', ddl)
  const whole = await doctor()
  t.same(pagesOf(whole.stdout), ['cheap'])
  t.notMatch(whole.stdout, /ALTER|--/)
})

t.test('json: the same, for programs', async t => {
  await local.query('cell2', 'ALTER TABLE instances DROP INDEX crosscell_deleted_host')
  const { code, stdout, stderr } = await doctor('--format', 'json')
  t.match({ code, stderr }, { code: 0, stderr: '' })
  const { resource, complete, keys, cells } = JSON.parse(stdout)
  t.same({ resource, complete, count: keys.length }, { resource: 'instances', complete: true, count: 34 })
  t.match(
    keys.find(({ key }: { key: string }) => key === 'host'),
    {
      page: 'scan',
      cells: 2,
      scans: ['cell2'],
      indexes: ['crosscell_deleted_host'],
      rows: Number,
      remedies: [
        { code: 'no-index', ddl: /^ALTER TABLE `instances` .*\(`deleted`, `host`\)$/, cells: ['cell2'] },
      ],
    },
  )
  t.match(cells, [
    { name: 'cell1', state: 'ok' },
    { name: 'cell2', state: 'ok' },
    { name: 'nova_api', state: 'ok' },
  ])
})

t.test('what no index mends is a comment', async t => {
  await local.query('cell2', "ALTER TABLE instances MODIFY locked_by ENUM('admin', 'owner')")
  await local.query('cell2', 'ALTER TABLE instances MODIFY node VARCHAR(255) COLLATE utf8mb4_unicode_ci')
  const { code, stdout } = await doctor()
  t.equal(code, 0)
  t.same(rowOf(stdout, 'locked_by'), ['locked_by', 'refused', '-', '-'])
  t.match(stdout, /^-- can't sort by locked_by: the members of the ENUM are not in one order \(.*\)$/m)
  t.match(rowOf(stdout, 'node'), ['node', 'scan'])
  t.match(stdout, /^-- no index helps node in every cell: converted-text$/m)
})

t.test('each resource, and a terminal', async t => {
  for (const resource of ['migrations', 'instance_actions', 'services', 'compute_nodes']) {
    const stdout = screen(60)
    t.match(await command(['doctor', '--resource', resource], { env, stdout }), { code: 0, stderr: '' })
    t.ok(stdout.text().includes(`ALTER TABLE \`${resource}\` ADD INDEX`), resource)
  }
  const bare = Object.assign(screen(), { isTTY: true })
  t.match(await command(['doctor', '--resource', 'services'], { env, stdout: bare }), { code: 0 })
})

t.test('a cell that lacks what every order ends with is missing', async t => {
  await local.query('cell2', 'ALTER TABLE services RENAME COLUMN uuid TO other')
  const { code, stdout, stderr } = await doctor('--resource', 'services')
  t.equal(code, 3)
  t.equal(stderr, 'crosscell: warning: partial answer, without cell2 failed (ER_BAD_FIELD_ERROR)\n')
  t.match(rowOf(stdout, 'host'), ['host', 'scan'])
  t.match(rowOf(stdout, 'id'), ['id', 'cheap'])
})

t.test('a cell that is down leaves the answer partial; without any, nothing is known', async t => {
  await local.stopCell('cell2')
  const { code, stdout, stderr } = await doctor()
  t.equal(code, 3)
  t.match(rowOf(stdout, 'created_at'), ['created_at', 'cheap', '-', ON_CREATED])
  t.match(stderr, /^crosscell: warning: partial answer, without cell2 failed \((ECONNREFUSED|ENOENT)\)\n$/)
  const cell2 = local.cells.find(({ name }) => name === 'cell2')!
  const alone = await command(['doctor', '--cell', `cell2=${cell2.database}`, '--deadline', '5000'])
  t.equal(alone.code, 3)
  t.same(pagesOf(alone.stdout), ['unknown'])
  const json = await command(['doctor', '--cell', `cell2=${cell2.database}`, '--format', 'json'])
  t.match(JSON.parse(json.stdout), { complete: false, cells: [{ name: 'cell2', state: 'failed' }] })
})

t.test('wrong arguments, and help', async t => {
  t.match(await command(['doctor']), { code: 2, stderr: /no database: give --api-db/ })
  t.match(await doctor('--resource', 'flavors'), {
    code: 2,
    stderr: /Allowed choices are instances, migrations/,
  })
  t.match(await doctor('--deadline', 'soon'), { code: 2, stderr: /^crosscell: invalid-option: \/deadline: / })
  t.match(await command(['doctor', '--api-bd=mysql://root:s3cret@h/x']), { code: 2, stderr: /^(?!.*s3cret)/s })
  const help = await command(['doctor', '--help'])
  t.match(help, { code: 0, stderr: '', stdout: /Usage: crosscell doctor/ })
  t.ok(lines(help.stdout).every(line => line.length <= 120))
})
