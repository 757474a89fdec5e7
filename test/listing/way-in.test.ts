import t from 'tap'
import { connect } from '../../src/cells/connection.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import { openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { statementsOf } from '../fixtures/statements-of.js'

/** Projects of all sizes in one cell: which way in each is given, and how many rows the server reads by it. */
const local = await startLocalCells({ cells: 1, cell0: false, instances: 30_000, relations: false })
t.teardown(() => local.stop())
const server = local.server('cell1')
const mariadb = server.kind === 'mariadb'
await local.query('cell1', 'ANALYZE TABLE instances')
const database = parseDatabaseUrl(local.cells[0]!.database, '/')

const open = async () => {
  const cells = await openCells({ cells: local.cells })
  t.teardown(() => cells.close())
  return cells
}

/** The statements about instances that the server was sent meanwhile. */
const sent = async (run: () => Promise<unknown>): Promise<string[]> =>
  (await statementsOf(server, run)).filter(statement => statement.includes('`instances`'))

/** What EXPLAIN says of each step, and how many rows the server's handlers read. */
const measured = async (statement: string) => {
  const connection = await connect(database)
  const steps = await connection.query(`EXPLAIN ${statement}`)
  await connection.query('FLUSH STATUS')
  await connection.query(statement)
  const counters = await connection.query(`SHOW SESSION STATUS LIKE 'Handler_read%'`)
  await connection.close()
  return {
    keys: steps.map(step => step[5]),
    extra: steps.map(step => String(step[9])),
    read: counters.reduce((sum, [, count]) => sum + Number(count), 0),
  }
}

const SHOWN = `deleted = 0 AND NOT vm_state <=> 'soft-delete' AND NOT hidden <=> 1`
const [LIVE] = (
  (await local.query('cell1', 'SELECT COUNT(*) FROM instances WHERE deleted = 0')) as [[number]]
)[0]

/** The project whose size is the nearest, and how many rows it has that are not deleted. */
const projectOf = async (size: number) => {
  const [[project, live]] = (await local.query(
    'cell1',
    `SELECT project_id, COUNT(*) FROM instances WHERE deleted = 0 GROUP BY project_id ORDER BY ABS(CAST(COUNT(*) AS SIGNED) - ${size}) LIMIT 1`,
  )) as [[string, number]]
  return { project, live }
}

const inOrder = async (project: string, order: string): Promise<string[]> => {
  const rows = await local.query(
    'cell1',
    `SELECT uuid FROM instances WHERE project_id = '${project}' AND ${SHOWN} ORDER BY ${order}`,
  )
  return rows.map(([uuid]) => String(uuid))
}

const BY_TIME = 'instances_deleted_created_at_idx'
const BY_PROJECT = 'instances_project_id_deleted_idx'

const CASES = [
  { what: 'few: found and sorted', size: 100, limit: 100, keys: [BY_PROJECT], sorted: true },
  {
    what: 'some: walked, but only those looked at that are found',
    size: 900,
    limit: 100,
    keys: [BY_TIME, BY_PROJECT],
  },
  { what: 'many: walked', size: 5_000, limit: 5, keys: [BY_TIME] },
]

for (const { what, size, limit, keys, sorted = false } of CASES)
  t.test(what, { skip: !mariadb }, async t => {
    const { project, live } = await projectOf(size)
    const all = await inOrder(project, 'created_at DESC, id DESC')
    const scope = { project_id: project }
    const cells = await open()
    for (const start of [{}, { marker: all[all.length >> 1]! }]) {
      const statements = await sent(async () => {
        const { items } = await cells.instances.list({ scope, limit, fields: ['uuid'], ...start })
        const from = 'marker' in start ? (all.length >> 1) + 1 : 0
        t.same(
          items.map(({ uuid }) => uuid),
          all.slice(from, from + limit),
        )
      })
      const statement = statements.find(text => text.includes('ORDER BY'))!
      const { keys: used, extra, read } = await measured(statement)
      t.same(
        used.filter(key => key === BY_TIME || key === BY_PROJECT),
        keys,
        statement,
      )
      t.equal(extra.join().includes('filesort'), sorted)
      const withoutRows = extra.some(says => /Using index(?! condition)/.test(says))
      t.equal(withoutRows, keys.length === 2, 'entries are walked without their rows')
      // Each entry is one read, and a look at what was found another. Half as much again: rows are not spread evenly.
      const walked = (limit * LIVE) / live
      const found = keys.includes(BY_PROJECT) ? live + limit : 0
      const looked = keys.includes(BY_TIME) ? 1.5 * (2 * walked + limit) : 0
      t.ok(
        read <= found + looked + 10,
        `${read} rows read, ${found} and ${Math.round(looked)} expected at the most`,
      )
    }
  })

t.test('each of them to the end, in either direction, gives every row once', async t => {
  for (const { size, limit } of CASES)
    for (const dir of ['desc', 'asc'] as const) {
      const { project } = await projectOf(size)
      const expected = await inOrder(project, `created_at ${dir}, id ${dir}`)
      const scope = { project_id: project }
      const query = { scope, sort: [`created_at:${dir}`], fields: ['uuid'] } as const
      const cells = await open()
      const got: string[] = []
      // The way in depends on the limit: the statements of a large project are many.
      for await (const page of cells.instances.pages({
        ...query,
        limit: limit * Math.ceil(expected.length / (limit * 30)),
      }))
        got.push(...page.items.map(({ uuid }) => uuid))
      t.same(got, expected, `${size} ${dir}`)
      const iterated: string[] = []
      for await (const { uuid } of cells.instances.iterate(query)) iterated.push(uuid)
      t.same(iterated, expected)
    }
})

t.test('a cell is asked once how many rows there are; MySQL never', async t => {
  const { project } = await projectOf(300)
  const cells = await open()
  const asked = async (query: object) => {
    const statements = await sent(() => cells.instances.list({ scope: { project_id: project }, ...query }))
    return statements.filter(text => text.startsWith('EXPLAIN')).length
  }
  t.equal(await asked({}), mariadb ? 1 : 0)
  t.equal(await asked({ limit: 5 }), 0)
  t.equal(await asked({ filters: { host: 'somewhere' } }), mariadb ? 1 : 0, 'other filters, other rows')
  t.equal(await asked({ filters: { host: 'somewhere' }, limit: 5 }), 0)
  t.equal(await asked({ sort: ['display_name'] }), 0, 'no order to choose')
  t.equal(await asked({ sort: ['id'] }), 0, 'the project’s index has the order')
})
