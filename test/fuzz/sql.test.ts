import t from 'tap'
import { instances } from '../../src/resources/instances.js'
import type { SqlValue } from '../../src/sql/fragment.js'
import { cellSchema } from '../../src/testing/schema.js'
import { judgeOf } from './fixtures/judge.js'
import { memoryDatabase } from './fixtures/memory-database.js'
import { memoryTables } from './fixtures/memory-tables.js'
import { whitelistOf } from './fixtures/whitelist.js'

/** What the other tests of this folder rely on: the judge refuses what is none of ours, and the databases in memory do as they are told. */
const judge = judgeOf(whitelistOf([instances], ['PRIMARY'], ['utf8mb3_general_ci']))
const SELECT = 'SELECT `id` FROM `instances` WHERE `project_id` = ?'

t.test('statements that may be sent', async t => {
  for (const text of [
    `/* crosscell 0123456789ab-7 */ ${SELECT}`,
    `${SELECT} AND (\`host\` IS NULL OR NOT \`id\` IN (SELECT \`id\` FROM \`instances\`)) ORDER BY \`id\` DESC LIMIT 5`.replace(
      '5',
      '1',
    ),
    `EXPLAIN FORMAT=TRADITIONAL ${SELECT} UNION ALL SELECT 1 FROM \`instances\` FORCE INDEX (\`PRIMARY\`)`,
    `WITH \`few\` AS (${SELECT}) SELECT COUNT(*) FROM \`few\` AS f JOIN \`instances\` AS i ON i.id = f.id`,
  ])
    judge({ text, values: ['x'] })
  for (const text of [
    'SHOW PROCESSLIST',
    'SHOW WARNINGS',
    'KILL QUERY 7',
    `SET SESSION time_zone = '+00:00' /*M!100101 , max_statement_time = 60 */`,
  ])
    judge({ text, values: [] })
  t.pass()
})

t.test('statements that may not', async t => {
  for (const text of [
    '',
    'DELETE FROM `instances`',
    'KILL 7',
    'SHOW GRANTS',
    `${SELECT}; ${SELECT}`,
    `${SELECT} FOR UPDATE`,
    `${SELECT} -- `,
    `${SELECT} /* x */`,
    `/*!50000 ${SELECT} */`,
    `${SELECT} UNION SELECT 1`,
    `${SELECT} OR SLEEP(9)`,
    `${SELECT} OR \`host\` = 'x'`,
    `${SELECT} OR \`host\` = "x"`,
    `${SELECT} OR \`id\` = 7`,
    `${SELECT} OR \`id\` = 0x10`,
    `${SELECT} OR \`secret\` = 1`,
    `${SELECT} OR @@version = 1`,
    `${SELECT} COLLATE utf8mb4_bin`,
    `${SELECT} INTO OUTFILE 'x'`,
    'SELECT `id` FROM `mysql`.`user` WHERE ?',
    'SELECT `id` FROM `instances` FORCE INDEX (`x`) WHERE ?',
    'SELECT `id` FROM `inst``ances` WHERE ?',
    'SELECT \u{ff40}id FROM `instances` WHERE ?',
  ])
    t.throws(() => judge({ text, values: ['x'] }), text)
  t.throws(() => judge({ text: SELECT, values: [] }), /0 values/)
  t.throws(() => judge({ text: SELECT, values: [{ toSqlString: () => '1' }] as never }), /sent otherwise/)
})

t.test('values that the driver must escape come as they are', async t => {
  for (const value of ["'", '\\', "\\' OR 1=1 -- ", '\0\b\t\n\r\x1a"%_', '😀', '`?', -1.5, 1e300, null])
    judge({ text: SELECT, values: [value] })
  t.throws(
    () => judge({ text: SELECT, values: ['x'] }, SELECT.replace('?', `'x' OR 1 = 1`)),
    /something is sent behind/,
  )
  t.throws(() => judge({ text: SELECT, values: ['x'] }, SELECT.replace('?', `'y'`)), /sent otherwise/)
})

const rows = ['mine', 'MINE', 'mine ', 'theirs', null].map((project_id, i) => ({
  id: i + 1,
  project_id,
  vcpus: 5 - i,
}))
const database = memoryDatabase(memoryTables(cellSchema, { instances: rows }), () => 1)
const found = (text: string, ...values: SqlValue[]) => database({ text, values }).flat()

t.test('rows in memory are found by what a statement says, and by nothing else', async t => {
  t.same(found('SELECT `id` FROM `instances`'), [1, 2, 3, 4, 5])
  t.same(found('SELECT `id` FROM `instances` WHERE `project_id` = ?', 'Mine'), [1, 2, 3])
  const exactly =
    'CAST(CONVERT(`project_id` USING utf8mb4) AS BINARY) = CAST(CONVERT(? USING utf8mb4) AS BINARY)'
  t.same(found(`SELECT \`id\` FROM \`instances\` WHERE ${exactly}`, 'mine'), [1])
  t.same(found('SELECT `id` FROM `instances` WHERE NOT `project_id` = ?', 'mine'), [4])
  t.same(
    found('SELECT `id` FROM `instances` WHERE `project_id` IN (?, ?) OR `project_id` IS NULL', 'theirs', null),
    [4, 5],
  )
  t.same(found('SELECT `id` FROM `instances` WHERE `project_id` LIKE ?', 'm_n%'), [1, 2, 3])
  t.same(found('SELECT `id` FROM `instances` ORDER BY `project_id`, `vcpus` LIMIT 2'), [5, 3])
  t.same(found('SELECT `project_id`, COUNT(*) FROM `instances` GROUP BY `project_id` LIMIT 9'), [
    'mine',
    3,
    'theirs',
    1,
    null,
    1,
  ])
  t.same(
    found(
      'SELECT i.id FROM `instances` AS i WHERE EXISTS (SELECT 1 FROM `instances` AS o WHERE o.vcpus = i.id AND o.id = ?)',
      2,
    ),
    [4],
  )
})
