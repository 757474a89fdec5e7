import { createHash } from 'node:crypto'
import t from 'tap'
import { command } from './fixtures/command.js'
import { DEFAULT_ORDER, lines, SHOWN, startListing } from './fixtures/everything.js'

const { local, env, sql, list, uuids } = await startListing()

t.test(
  'table: 100 rows by default, the columns that fit a screen, and what each cell did on stderr',
  async t => {
    const { stdout, stderr } = await list()
    const [header, ...rows] = lines(stdout)
    t.same(header!.split(/ +/), [
      'uuid',
      'display_name',
      'vm_state',
      'project_id',
      'host',
      'created_at',
      'cell',
    ])
    const expected = await sql('uuid, cell', SHOWN, DEFAULT_ORDER, 100)
    t.same(
      rows.map(row => [row.split(' ')[0], row.split(' ').at(-1)]),
      expected,
    )
    const [next, ...cells] = lines(stderr)
    t.match(next, /^100 rows, more follow: next page with --cursor [\w-]+$/)
    const perCell = Object.fromEntries(cells.map(line => /^(\w+) ok (\d+) rows? \d+ ms$/.exec(line)!.slice(1)))
    t.same(
      perCell,
      Object.fromEntries(
        [...local.cells, { name: 'nova_api' }].map(({ name }) => [
          name,
          String(expected.filter(([, cell]) => cell === name).length),
        ]),
      ),
    )
  },
)

t.test('a cursor is good in the next run, with the same databases, for the same query', async t => {
  const page = ['--sort', 'vm_state,host:desc', '--limit', '7', '--format', 'ndjson', '--fields', 'uuid']
  const expected = await sql('uuid', SHOWN, 'vm_state, host DESC, id DESC', 14)
  const first = await list(...page)
  const cursor = /--cursor (\S+)/.exec(first.stderr)![1]!
  const second = await list(...page, '--cursor', cursor)
  t.same(
    [...lines(first.stdout), ...lines(second.stdout)].map(line => [JSON.parse(line).uuid]),
    expected,
  )
  t.match(await command(['list', '--sort', 'vm_state', '--cursor', cursor], { env }), {
    code: 2,
    stdout: '',
    stderr: /^crosscell: invalid-cursor: /,
  })
  const others = local.cells.flatMap(({ name, database }) => ['--cell', `${name}=${database}`])
  t.match(await command(['list', ...page, ...others, '--cursor', cursor]), {
    code: 2,
    stderr: /invalid-cursor/,
  })
})

t.test('a marker starts behind it, and the last page says so', async t => {
  const expected = await sql('uuid', SHOWN, 'id')
  const last = expected.length - 6
  const { stdout, stderr } = await list(
    ...['--sort', 'id', '--marker', String(expected[last]![0]), '--format', 'csv', '--fields', 'uuid'],
  )
  t.same(lines(stdout), ['uuid', ...expected.slice(last + 1).map(String)])
  t.match(stderr, /^5 rows, no more\n/)
})

t.test('json: a page with its cursor, every column, and each cell', async t => {
  const { stdout, stderr } = await list('--format', 'json', '--limit', '2')
  t.equal(stderr, '', 'what there is to say is in the page')
  const page = JSON.parse(stdout)
  t.same(Object.keys(page), ['items', 'next', 'complete', 'cells', 'missed', 'source'])
  t.match(page, { next: /^[\w-]+$/, complete: true, source: 'cells' })
  t.match(
    page.cells,
    local.cells.map(({ uuid, name }) => ({ uuid, name, state: 'ok' })),
  )
  const columns = await local.query(
    'cell1',
    "SELECT column_name FROM information_schema.columns WHERE table_schema = 'nova_cell1' AND table_name = 'instances'",
  )
  const [item] = page.items
  t.same(
    Object.keys(item).sort(),
    [...columns.flat().filter(name => name !== 'internal_id'), 'cell'].sort(),
    'all but the one that Nova has no use for any more',
  )
  const [expected] = await sql('uuid, cell', SHOWN, DEFAULT_ORDER, 1)
  t.same([item.uuid, item.cell.name], expected)
})

t.test('the scope: everything, a project, a user', async t => {
  const [[project, user]] = (await sql('project_id, user_id', SHOWN, DEFAULT_ORDER, 1)) as [[string, string]]
  for (const [option, id, column] of [
    ['--project', project, 'project_id'],
    ['--user', user, 'user_id'],
  ] as const)
    t.same(
      await uuids('--all', option, id),
      await sql('uuid', `${SHOWN} AND ${column} = '${id}'`, DEFAULT_ORDER),
    )
})

t.test('filters mean in SQL what they say', async t => {
  for (const [where, ...terms] of [
    ["vm_state = 'error'", 'vm_state=error'],
    ["vm_state IN ('error', 'paused')", 'vm_state=error', 'vm_state=paused'],
    ["display_name LIKE '%web%' AND vcpus >= 4", 'display_name:contains=web', 'vcpus:gte=4'],
    ['locked = 1', 'locked=true'],
    ["locked_by = 'admin'", 'locked_by=admin'],
    ['host IS NULL', 'host:is_null=true'],
    ['host IS NULL', 'host:=null'],
    ["task_state = 'spawning' OR task_state IS NULL", 'task_state:=["spawning",null]'],
    ["created_at < '2025-01-01'", 'created_at:lt=2025-01-01'],
  ] as const)
    t.same(
      await uuids('--all', ...terms.flatMap(term => ['--filter', term])),
      await sql('uuid', `${SHOWN} AND (${where})`, DEFAULT_ORDER),
      terms.join(' '),
    )
  t.same(
    await uuids('--all', '--filter', 'deleted=true'),
    await sql('uuid', "(deleted <> 0 OR vm_state = 'soft-delete') AND COALESCE(hidden, 0) = 0", DEFAULT_ORDER),
  )
})

t.test('cells by name and URL have the same uuid in every run', async t => {
  const cells = local.cells.slice(1).flatMap(({ name, database }) => ['--cell', `${name}=${database}`])
  const { code, stdout } = await command(['list', '--format', 'json', '--limit', '1', ...cells])
  t.equal(code, 0)
  const [{ name, uuid }] = JSON.parse(stdout).cells
  const hash = createHash('sha256').update('cell1').digest('hex')
  t.equal(name, 'cell1')
  t.match(uuid, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  t.equal(uuid.replaceAll('-', ''), hash.slice(0, 32))
})

t.test('what the library refuses is one line with its code, and asks no cell', async t => {
  for (const [code, pattern, ...argv] of [
    ['unknown-sort-key', /\/sort\/0\/key: got "nme"; expected one of access_ip_v4, /, '--sort', 'nme'],
    ['invalid-direction', /expected asc or desc/, '--sort', 'host:up'],
    ['unknown-filter', /\/filters\/nme: .*expected one of created_at, /, '--filter', 'nme=x'],
    ['unknown-operator', /\/filters\/vcpus\/like: /, '--filter', 'vcpus:like=4'],
    ['invalid-filter-value', /\/filters\/vcpus\/in\/0: .*whole number/, '--filter', 'vcpus=four'],
    ['invalid-filter-value', /\/filters\/deleted: .*true, false or 'any'/, '--filter', 'deleted=maybe'],
    ['unknown-field', /\/fields\/0: got "nme"/, '--fields', 'nme'],
    ['invalid-limit', /\/limit: got 5000; expected a whole number from 0 to 1000/, '--limit', '5000'],
    ['invalid-limit', /\/limit: got "ten"; expected/, '--limit', 'ten'],
    ['invalid-marker', /\/marker: /, '--marker', '7'],
    ['marker-not-found', /\/marker: /, '--marker', '00000000-0000-4000-8000-000000000000'],
    ['invalid-cursor', /\/cursor: /, '--cursor', 'x'],
    ['invalid-option', /\/deadline: /, '--deadline', 'soon'],
    ['invalid-scope', /\/scope\/project_id: /, '--project', ''],
  ] as const) {
    const result = await command(['list', ...argv], { env })
    t.match(result, { code: 2, stdout: '' })
    t.ok(result.stderr.startsWith(`crosscell: ${code}: `), `${code}: ${result.stderr}`)
    t.match(result.stderr, pattern)
    t.equal(lines(result.stderr).length, 1)
  }
  t.match(await command(['list', '--cell', 'a=postgresql://u:s3cret@h/x']), {
    code: 2,
    stderr: /^crosscell: invalid-url: \/cells\/0\/database: /,
  })
})
