import t from 'tap'
import { openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { statementsOf } from '../fixtures/statements-of.js'

/** The statements that were really sent, from the server's own log, and how the server runs them. */
const local = await startLocalCells({ cells: 1, cell0: false, instances: 30_000, relations: false })
t.teardown(() => local.stop())
const server = local.server('cell1')
await local.query('cell1', 'ANALYZE TABLE instances')
const cells = await openCells({ apiDatabase: local.apiDatabase! })
t.teardown(() => cells.close())

/** The statements about instances that `run` sends. */
const sent = async (run: () => Promise<unknown>): Promise<string[]> =>
  (await statementsOf(server, run)).filter(statement => /^SELECT.*`instances`/s.test(statement))

const mysql = server.kind === 'mysql'
/** Where EXPLAIN has them; MySQL's has two columns more. */
const [TYPE, KEY, EXTRA] = mysql ? [4, 6, 11] : [3, 5, 9]
const ANALYZE = mysql ? 'EXPLAIN ANALYZE' : 'ANALYZE FORMAT=JSON'
const READ = mysql ? /actual time=\S+ rows=([\d.e+]+)/g : /"r_rows": ([\d.]+)/g

/** What EXPLAIN says, and how many rows were really read. */
const plan = async (statement: string) => {
  const traditional = `EXPLAIN ${mysql ? 'FORMAT=TRADITIONAL ' : ''}${statement}`
  const [explained] = (await local.query('cell1', traditional)) as [(string | number | null)[]]
  const analyzed = String((await local.query('cell1', `${ANALYZE} ${statement}`))[0]![0])
  const read = Math.max(...[...analyzed.matchAll(READ)].map(match => Number(match[1])))
  return { type: explained[TYPE!], key: explained[KEY!], extra: String(explained[EXTRA!]), read }
}

const uuidAt = async (part: number): Promise<string> => {
  const [[uuid]] = (await local.query(
    'cell1',
    `SELECT uuid FROM instances WHERE deleted = 0 AND hidden <> 1 AND vm_state <> 'soft-delete'
     ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET ${Math.floor(part * 25_000)}`,
  )) as [[string]]
  return uuid
}

const LIMIT = 100
const markers = {
  'the first page': undefined,
  'the middle': await uuidAt(0.5),
  'near the end': await uuidAt(0.95),
}

for (const [where, marker] of Object.entries(markers))
  for (const sort of [['created_at:desc', 'id:desc'], ['created_at'], ['id']] as const)
    t.test(`${sort} at ${where}: read off an index, no filesort, no more rows than it takes`, async t => {
      const start = marker === undefined ? {} : { marker }
      const statements = await sent(() => cells.instances.list({ scope: 'all', sort, limit: LIMIT, ...start }))
      const batch = statements.find(statement => statement.includes('ORDER BY'))!
      const { type, key, extra, read } = await plan(batch)
      t.notMatch(extra, /filesort|temporary/, extra)
      t.equal(key, sort[0] === 'id' ? 'PRIMARY' : 'instances_deleted_created_at_idx')
      t.ok(type === 'range' || type === 'ref' || type === 'index', String(type))
      // Rows that are soft-deleted or hidden are read and passed over: some 5 %.
      t.ok(read < 2 * LIMIT, `${read} rows read`)
    })

t.test('the scope is part of every statement', async t => {
  const scope = { project_id: 'some project' }
  const statements = await sent(async () => {
    await cells.instances.list({ scope })
    await cells.instances.list({ scope, marker: await uuidAt(0) }).catch(() => {})
    await cells.instances.get(await uuidAt(0), { scope })
    for await (const _ of cells.instances.iterate({ scope, filters: { deleted: 'any', hidden: 'any' } }))
      t.fail()
  })
  t.ok(statements.length >= 4)
  // The one that finds the marker's place for this test is the test's own.
  for (const statement of statements.filter(text => !text.includes('OFFSET')))
    t.match(statement, "`project_id` = 'some project'")
})
