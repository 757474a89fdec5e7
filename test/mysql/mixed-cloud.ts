import t from 'tap'
import { openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { textsFor } from '../listing/fixtures/things-data.js'

/**
 * Nova's tables in a MariaDB cell (utf8mb3_general_ci, PAD SPACE), and in a MySQL cell that was made with MySQL's own
 * collation (utf8mb4_0900_ai_ci, NO PAD). The order is that of one table by utf8mb4_general_ci, on either server.
 */
const local = await startLocalCells({
  kind: ['mariadb', 'mysql'],
  cell0: false,
  cells: 2,
  instances: [700, 500],
  relations: false,
})
t.teardown(() => local.stop())
await local.query('cell2', 'ALTER TABLE instances CONVERT TO CHARACTER SET utf8mb4')

const texts = {
  cell1: textsFor(['utf8mb3_general_ci', 'utf8mb3_general_ci']),
  cell2: textsFor(['utf8mb4_0900_ai_ci']),
}
const VISIBLE = `deleted = 0 AND NOT vm_state <=> 'soft-delete' AND NOT hidden <=> 1`
for (const [cell, names] of Object.entries(texts)) {
  const ids = await local.query(
    cell,
    `SELECT id FROM instances WHERE ${VISIBLE} ORDER BY id LIMIT ${2 * names.length}`,
  )
  for (const [i, [id]] of ids.entries())
    await local.query(cell, 'UPDATE instances SET display_name = ?, display_description = ? WHERE id = ?', [
      names[i % names.length]!,
      names.at(-1 - (i % names.length))!,
      id as number,
    ])
}

/** All rows of both cells in one table of either server. */
const COLUMNS = 'id, uuid, created_at, deleted, hidden, vm_state, display_name, display_description'
for (const server of ['cell1', 'cell2']) {
  await local.query(
    server,
    `CREATE TABLE truth (id INT NOT NULL, uuid VARCHAR(36) CHARACTER SET ascii NOT NULL, created_at DATETIME, deleted INT,
     hidden TINYINT(1), vm_state VARCHAR(255), display_name VARCHAR(255), display_description VARCHAR(255)
     ) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`,
  )
  for (const cell of ['cell1', 'cell2']) {
    const rows = await local.query(cell, `SELECT ${COLUMNS} FROM instances`)
    await local.query(server, `INSERT INTO truth (${COLUMNS}) VALUES ?`, [rows] as never)
  }
}

const cells = await openCells({ apiDatabase: local.apiDatabase!, maxLimit: 5_000 })
t.teardown(() => cells.close())

t.test('the cells are what this is about', async t => {
  for (const [cell, kind, collation] of [
    ['cell1', 'mariadb', 'utf8mb3_general_ci'],
    ['cell2', 'mysql', 'utf8mb4_0900_ai_ci'],
  ] as const) {
    t.equal(local.server(cell).kind, kind)
    const [[found, version]] = (await local.query(
      cell,
      `SELECT COLLATION_NAME, VERSION() FROM information_schema.COLUMNS
       WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'instances' AND COLUMN_NAME = 'display_name'`,
    )) as [[string, string]]
    t.equal(found, collation)
    t.equal(/MariaDB/.test(version), kind === 'mariadb', version)
  }
  // 'ß' is 's' by the one and 'ss' by the other; spaces at the end count by the second; emoji are all equal by the first.
  const differ = `SELECT 'ß' = 's', 'a' = 'a ', '😀' = '😁'`
  const by = async (collation: string) => {
    const literals = differ.replace(/'[^']*'/g, literal => `_utf8mb4${literal} COLLATE ${collation}`)
    return (await local.query('cell2', literals))[0]
  }
  t.same(await by('utf8mb4_general_ci'), [1, 1, 1])
  t.same(await by('utf8mb4_0900_ai_ci'), [0, 0, 0])
})

for (const sort of [
  ['display_name'],
  ['display_name:desc', 'created_at:asc'],
  ['display_description', 'display_name:desc'],
  ['vm_state', 'display_name'],
])
  t.test(`sorted by ${sort}, pages of any size are one table in order`, async t => {
    const last = sort.at(-1)!.split(':')[1] ?? 'asc'
    const order = [...sort.map(key => key.replace(':', ' ')), `id ${last}`, 'CAST(uuid AS BINARY)'].join(', ')
    const truths = await Promise.all(
      ['cell1', 'cell2'].map(server =>
        local.query(server, `SELECT uuid, display_name FROM truth WHERE ${VISIBLE} ORDER BY ${order}`),
      ),
    )
    t.same(truths[0], truths[1], 'both servers order the table alike')
    t.ok(truths[0]!.length > 800, `${truths[0]!.length} rows`)
    for (const limit of [7, 100, 1_001, 5_000])
      for (const by of ['cursor', 'marker'] as const) {
        const got: (string | null)[][] = []
        for (let start = {}; ; ) {
          const fields = ['uuid', 'display_name'] as const
          const page = await cells.instances.list({ scope: 'all', sort, fields, limit, ...start } as never)
          if (!page.complete) t.same(page.cells, [], 'every cell answers')
          got.push(...page.items.map(item => [item.uuid, item.display_name]))
          if (page.next === null || !page.complete) break
          start = by === 'cursor' ? { cursor: page.next } : { marker: got.at(-1)![0] }
        }
        t.same(got, truths[0], `pages of ${limit} by ${by}`)
      }
  })

t.test('a page keeps the order when one of the cells has none to give', async t => {
  const query = { scope: 'all', sort: ['display_name'], fields: ['uuid'], limit: 300 } as const
  const first = await cells.instances.list(query)
  await local.query('cell1', 'RENAME TABLE instances TO elsewhere')
  const fresh = await openCells({ apiDatabase: local.apiDatabase! })
  t.teardown(() => fresh.close())
  const second = await cells.instances.list({ ...query, cursor: first.next! })
  await local.query('cell1', 'RENAME TABLE elsewhere TO instances')
  t.equal(second.complete, false)
  const rest = await local.query(
    'cell2',
    `SELECT uuid FROM truth WHERE ${VISIBLE} ORDER BY display_name, id, CAST(uuid AS BINARY)`,
  )
  const mine = new Set((await local.query('cell2', 'SELECT uuid FROM instances')).map(([uuid]) => uuid))
  t.same(
    second.items.map(item => item.uuid),
    rest
      .slice(300)
      .flatMap(([uuid]) => (mine.has(uuid!) ? [uuid] : []))
      .slice(0, 300),
  )
})
