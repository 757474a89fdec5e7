import { readFile } from 'node:fs/promises'
import t from 'tap'
import { connect } from '../../src/cells/connection.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import { type Cells, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { everyQuestion, lasting } from './fixtures/every-question.js'

const page = await readFile(new URL('../../docs/security.md', import.meta.url), 'utf8')
const [user, api, cell] = [...page.matchAll(/```sql\n(.*?)```/gs)].map(([, block]) =>
  block!
    .trim()
    .split('\n')
    .map(line => line.replace(/;.*$/, '')),
) as [string[], string[], string[]]

const local = await startLocalCells({ cells: 2, instances: 60 })
t.teardown(() => local.stop())
const server = local.server('api')
const databases = local.cells.map(({ name }) => `nova_${name}`)

/** The lines as the document has them, in each of the databases. */
const grants = [
  ...api,
  ...cell.flatMap(line => databases.map(database => line.replace('nova_cell1', database))),
]
const withoutTLS = user[0]!.replace(' REQUIRE SSL', '')
const asReader = (url: string) => url.replace('root@', 'reader:secret@')

const answersOf = async (cells: Cells, questions: readonly string[]) =>
  new Map(
    await Promise.all(
      questions.map(async (what): Promise<[string, { complete: boolean } & object]> => {
        const answer = await everyQuestion[what]!(cells).catch(error => ({ ...error, complete: false }))
        return [what, lasting(answer) as never]
      }),
    ),
  )

for (const name of ['api', ...local.cells.map(({ name }) => name)]) {
  await local.query(name, 'CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)')
  await local.query(name, `INSERT INTO alembic_version VALUES ('1a2b3c')`)
}
await local.query(
  'cell1',
  `INSERT INTO migrations (created_at, uuid, instance_uuid, deleted, migration_type, hidden)
   SELECT '2026-01-01', UUID(), uuid, 0, 'resize', 0 FROM instances LIMIT 3`,
)
const questions = Object.keys(everyQuestion)
const root = await openCells({ apiDatabase: local.apiDatabase!, breaker: false })
const expected = await answersOf(root, questions)
await root.close()

await server.query(withoutTLS)
for (const line of grants) await server.query(line)
await local.query(
  'api',
  `UPDATE cell_mappings SET database_connection = REPLACE(database_connection, 'root@', 'reader:secret@')`,
)
const open = () => openCells({ apiDatabase: asReader(local.apiDatabase!), breaker: false })

t.test('with these grants everything is answered, as root is', async t => {
  const cells = await open()
  const said = await answersOf(cells, questions)
  await cells.close()
  for (const what of questions) {
    t.equal(said.get(what)!.complete, true, what)
    t.same(said.get(what), expected.get(what), what)
  }
})

/** What is missed without a grant. */
const ALL = /^instances: |^migrations: list$|^instanceActions: (list|include events)$|^usage$/
const missed: Record<string, RegExp> = {
  'nova_api.instance_mappings': ALL,
  'nova_api.build_requests': ALL,
  'nova_api.request_specs': /^instances: include request_spec$|^usage$/,
  'nova_api.alembic_version': /^status$/,
  'nova_cell1.instances': /^instances: |^usage$|^capacity$/,
  'nova_cell1.instance_extra':
    /^instances: include (\w*flavor|keypairs|trusted_certs|numa_topology|pci_requests|device_metadata|resources|vcpu_model|migration_context)$/,
  'nova_cell1.instance_info_caches': /^instances: (include addresses|filter address)$/,
  'nova_cell1.instance_metadata': /^instances: (include|filter) metadata$/,
  'nova_cell1.instance_system_metadata': /^instances: (include|filter) system_metadata$/,
  'nova_cell1.instance_faults': /^instances: include fault$/,
  'nova_cell1.block_device_mapping': /^instances: include block_devices$/,
  'nova_cell1.pci_devices': /^instances: include pci_devices$/,
  'nova_cell1.tags': /^instances: (include tags|filter (not_)?tags(_any)?)$/,
  'nova_cell1.migrations': /^migrations: |^instances: include migration$/,
  'nova_cell1.instance_actions': /^instanceActions: /,
  'nova_cell1.instance_actions_events': /^instanceActions: include events$/,
  'nova_cell1.services': /^services: |^instances: include service$|^status$/,
  'nova_cell1.compute_nodes': /^computeNodes: |^capacity$/,
  'nova_cell1.alembic_version': /^status$/,
}

t.test('each of these grants is needed, and an answer without it says what it lacks', async t => {
  const some = questions.filter(what => !/: (by |get|pages|iterate|filter changes)/.test(what))
  const isThere = new Set<string>()
  for (const line of [...api, ...cell]) {
    const table = /ON (\S+) TO/.exec(line)![1]!
    isThere.add(table)
    await server.query(line.replace('GRANT', 'REVOKE').replace(' TO ', ' FROM '))
    if (table === 'nova_api.cell_mappings')
      await t.rejects(open(), { code: 'directory-unavailable', reason: 'ER_TABLEACCESS_DENIED_ERROR' })
    else {
      const cells = await open()
      const said = await answersOf(cells, some)
      await cells.close()
      const isMissed = (what: string) => JSON.stringify(said.get(what)) !== JSON.stringify(expected.get(what))
      t.same(
        some.filter(isMissed),
        some.filter(what => missed[table]!.test(what)),
        table,
      )
      // Of what is optional, `status` says null.
      for (const what of some.filter(what => isMissed(what) && what !== 'status'))
        t.match(
          [what, said.get(what), JSON.stringify(said.get(what))],
          [what, { complete: false }, /"ER_(TABLEACCESS_DENIED_ERROR|NO_SUCH_TABLE)"/],
        )
    }
    await server.query(line)
  }
  t.same([...isThere].sort(), ['nova_api.cell_mappings', ...Object.keys(missed)].sort())
})

t.test('with these grants nothing can be written, and nobody else’s statement be seen', async t => {
  const ask = async (text: string) => {
    const connection = await connect(parseDatabaseUrl(asReader(local.cells[1]!.database), '/'))
    try {
      return await connection.query(text)
    } finally {
      await connection.close()
    }
  }
  const asleep = server.query('SELECT SLEEP(60)').catch(() => {})
  const roots = async () =>
    (await server.query('SHOW PROCESSLIST')).filter(([, , , , , , , text]) => text === 'SELECT SLEEP(60)')
  while ((await roots()).length === 0) await new Promise(setImmediate)
  const [[thread]] = (await roots()) as [[number]]
  for (const [text, code] of Object.entries({
    'INSERT INTO tags (resource_id, tag) VALUES (1, 2)': 'ER_TABLEACCESS_DENIED_ERROR',
    'UPDATE instances SET host = NULL': 'ER_TABLEACCESS_DENIED_ERROR',
    'DELETE FROM instances': 'ER_TABLEACCESS_DENIED_ERROR',
    'REPLACE INTO tags (resource_id, tag) VALUES (1, 2)': 'ER_TABLEACCESS_DENIED_ERROR',
    'TRUNCATE TABLE instances': 'ER_TABLEACCESS_DENIED_ERROR',
    'DROP TABLE instances': 'ER_TABLEACCESS_DENIED_ERROR',
    'CREATE TABLE mine (id INT)': 'ER_TABLEACCESS_DENIED_ERROR',
    'CREATE TEMPORARY TABLE mine (id INT)': 'ER_DBACCESS_DENIED_ERROR',
    'ALTER TABLE instances ADD mine INT': 'ER_TABLEACCESS_DENIED_ERROR',
    'CREATE INDEX mine ON instances (host)': 'ER_TABLEACCESS_DENIED_ERROR',
    'LOCK TABLES instances READ': 'ER_DBACCESS_DENIED_ERROR',
    'CREATE VIEW mine AS SELECT 1': 'ER_TABLEACCESS_DENIED_ERROR',
    'CREATE FUNCTION mine () RETURNS INT RETURN 1': /^ER_/,
    'GRANT SELECT ON instances TO reader': /^ER_/,
    'SET GLOBAL max_connections = 1': 'ER_SPECIFIC_ACCESS_DENIED_ERROR',
    "SELECT 1 INTO OUTFILE '/tmp/crosscell'": /^ER_(SPECIFIC_)?ACCESS_DENIED_ERROR$/,
    "LOAD DATA INFILE '/etc/passwd' INTO TABLE tags": /^ER_/,
    'SELECT * FROM mysql.user': 'ER_TABLEACCESS_DENIED_ERROR',
    'SELECT * FROM console_auth_tokens': 'ER_TABLEACCESS_DENIED_ERROR',
    [`KILL ${thread}`]: 'ER_KILL_DENIED_ERROR',
    [`KILL QUERY ${thread}`]: 'ER_KILL_DENIED_ERROR',
  }))
    await t.rejects(ask(text), { code }, text)
  t.notMatch(JSON.stringify(await ask('SHOW PROCESSLIST')), /SLEEP/)
  await server.query(`KILL ${thread}`)
  await asleep
})

t.test('with these grants a statement that is given up is killed', async t => {
  const cells = await open()
  t.teardown(() => cells.close())
  await cells.instances.list({ scope: 'all', limit: 1 })
  const held = await connect(parseDatabaseUrl(local.cells[1]!.database, '/'))
  await held.query('LOCK TABLES tags WRITE')
  const page = await cells.instances.list({ scope: 'all', filters: { tags: ['blue'] } }, { deadline: 300 })
  t.match(page.cells, [
    { state: 'ok' },
    { name: 'cell1', state: 'timed-out' },
    { state: 'ok' },
    { state: 'ok' },
  ])
  const end = performance.now() + 1_000
  const goesOn = async () =>
    (await server.query('SHOW PROCESSLIST')).some(
      ([, user, , , , , , text]) => user === 'reader' && text !== null && String(text).includes('tags'),
    )
  while (performance.now() < end && (await goesOn()));
  t.equal(await goesOn(), false)
  await held.close()
})

t.test('with these grants stubs stand for a cell that is down', async t => {
  await local.query(
    'api',
    `UPDATE cell_mappings SET database_connection = 'mysql://reader:secret@localhost/nova_cell2?unix_socket=/nowhere' WHERE name = 'cell2'`,
  )
  const cells = await open()
  t.teardown(() => cells.close())
  const page = await cells.instances.list(
    { scope: 'all', sort: ['created_at'], limit: 100 },
    { downCells: 'stub' },
  )
  t.match(page.cells, [{ state: 'ok' }, { state: 'ok' }, { name: 'cell2', state: 'failed' }, { state: 'ok' }])
  t.ok(page.items.some(({ cell }) => cell.name === 'cell2'))
})
