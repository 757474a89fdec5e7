import t from 'tap'
import { connect } from '../../src/cells/connection.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import { type instances, type ListQuery, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { statementsOf } from '../fixtures/statements-of.js'

/** Nova's defect that a page far back costs more than the first, by what the servers read, sort and are asked. */
const ROWS = 8_000
const LIMIT = 100
const local = await startLocalCells({ cells: 2, cell0: false, instances: [ROWS, ROWS], relations: false })
t.teardown(() => local.stop())
const server = local.server('cell1')
const names = ['cell1', 'cell2']
for (const name of names) await local.query(name, 'ANALYZE TABLE instances')
const open = async () => {
  // The cells alone: what is asked of the API database is not the matter here.
  const opened = await openCells({ cells: local.cells })
  t.teardown(() => opened.close())
  return opened
}
const [cells, stranger] = await Promise.all([open(), open()])
type Query = ListQuery<typeof instances>
const warm = async (query: Query) => {
  for (const one of [cells, stranger]) await one.instances.list(query)
}

/** Whose rows, and what is in front of the place `part` of the way through them. */
const VISIBLE = `deleted = 0 AND NOT vm_state <=> 'soft-delete' AND NOT hidden <=> 1`
const uuidAt = async (part: number, where = 'TRUE'): Promise<string> => {
  const rows = await server.query(
    `SELECT uuid FROM (${names.map(name => `SELECT * FROM nova_${name}.instances`).join(' UNION ALL ')}) AS i
     WHERE ${VISIBLE} AND ${where} ORDER BY created_at DESC, id DESC`,
  )
  return String(rows[Math.floor(part * rows.length)]![0])
}

/** Rows that a server reads, and sorts, for a statement in cell1. */
const workFor = async (statement: string): Promise<{ read: number; sorted: number }> => {
  const session = await connect(parseDatabaseUrl(local.cells[0]!.database, ''))
  try {
    await session.query('FLUSH STATUS')
    await session.query(statement)
    const status = await session.query(
      `SHOW SESSION STATUS WHERE Variable_name LIKE 'Handler_read%' OR Variable_name LIKE 'Sort_%'`,
    )
    const sum = (prefix: string) =>
      status.reduce((all, [name, value]) => all + (String(name).startsWith(prefix) ? Number(value) : 0), 0)
    return { read: sum('Handler_read'), sorted: sum('Sort_') }
  } finally {
    await session.close()
  }
}

const ordered = (statements: readonly string[]) => statements.filter(text => text.includes('ORDER BY'))

t.test(
  'defect 12, a sort of the whole table for each page, and deep pages that read all before them',
  async t => {
    const sorts = [undefined, ['created_at'], ['id:desc']] as const
    for (const sort of sorts)
      await t.test(`sorted by ${sort ?? 'default'}`, async t => {
        const query: Query = { scope: 'all', limit: LIMIT, ...(sort && { sort }) }
        await warm(query)
        for (const part of [0, 0.5, 0.95]) {
          const on = part === 0 ? {} : { marker: await uuidAt(part) }
          const sent = await statementsOf(server, () => cells.instances.list({ ...query, ...on }))
          const keys = ordered(sent)
          t.equal(keys.length, 2, 'one for each cell')
          for (const statement of sent) {
            t.notMatch(statement, /ORDER BY.*uuid/s, 'no server sorts by what only decides between cells')
            const { read, sorted } = await workFor(statement)
            t.equal(sorted, 0, 'nothing is sorted')
            // Rows that are deleted or hidden are passed over: some 15 %.
            t.ok(read < 2 * LIMIT, `${read} rows read at ${part}`)
          }
        }
      })
    await t.test('that is measured: a sort by uuid behind id shows', async t => {
      const { read, sorted } = await workFor(
        `SELECT id FROM instances WHERE deleted = 0 ORDER BY created_at DESC, id DESC, uuid LIMIT ${LIMIT}`,
      )
      t.ok(read > ROWS / 2 && sorted > LIMIT / 2, `${read} rows read, ${sorted} sorted`)
    })
  },
)

t.test('defect 12, statements of a later page: few, and none that does not see the tenant', async t => {
  const [[project]] = (await local.query(
    'cell1',
    `SELECT project_id FROM instances WHERE ${VISIBLE} GROUP BY project_id ORDER BY COUNT(*) DESC LIMIT 1`,
  )) as [[string]]
  const scope = { project_id: project }
  const filters = { vm_state: ['active', 'stopped'] }
  const first = { scope, filters, limit: LIMIT } as const
  const place = await uuidAt(0.5, `project_id = '${project}' AND vm_state IN ('active', 'stopped')`)
  // Nova: four for each cell, one after the other.
  for (const [what, query] of [
    ['few fields', { ...first, fields: ['uuid', 'host'] }],
    ['all fields', first],
  ] as const)
    await t.test(what, async t => {
      await warm(query)
      const page = await cells.instances.list(query)
      const marker = page.items.at(-1)!.uuid
      for (const [how, one, on, more] of [
        ['by cursor', cells, { cursor: page.next! }, 0],
        ['by marker', cells, { marker }, 0],
        ['by a marker that is looked up', stranger, { marker: place }, 1],
      ] as const) {
        const sent = await statementsOf(server, async () => {
          t.equal((await one.instances.list({ ...query, ...on })).items.length, LIMIT)
        })
        t.equal(sent.length, 2 * (1 + more), `${how}: ${sent.length} statements for two cells`)
        for (const statement of sent) t.match(statement, `\`project_id\` = '${project}'`)
        t.equal(sent.filter(statement => statement.includes('`vm_state` IN')).length, 2)
      }
    })
})
