import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { numbers } from '../../src/testing/sql-text.js'

/** `iterate` over a million rows stays below 150 MB of resident memory above the start. */
const ROWS = 1_000_000
const LIMIT_MB = 150

t.test(`iterating over ${ROWS} rows stays within ${LIMIT_MB} MB`, async t => {
  const local = await startLocalCells({ cells: 2, cell0: false, instances: 1_000, relations: false })
  t.teardown(() => local.stop())
  // Rows are copied inside the server, without the indexes that this order does not need.
  for (const { name } of local.cells) {
    const [[indexes]] = (await local.query(
      name,
      `SELECT GROUP_CONCAT(DISTINCT CONCAT('DROP INDEX \`', INDEX_NAME, '\`')) FROM information_schema.STATISTICS
       WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'instances' AND INDEX_NAME NOT IN ('PRIMARY', 'instances_deleted_created_at_idx')`,
    )) as [[string]]
    await local.query(name, `ALTER TABLE instances ${indexes}`)
    await local.query(name, `UPDATE instances SET deleted = 0, hidden = 0, vm_state = 'active'`)
    const [[columns]] = (await local.query(
      name,
      `SELECT GROUP_CONCAT(COLUMN_NAME) FROM information_schema.COLUMNS
       WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'instances' AND COLUMN_NAME NOT IN ('id', 'uuid')`,
    )) as [[string]]
    const [[there]] = (await local.query(name, 'SELECT COUNT(*) FROM instances')) as [[number]]
    await local.query(
      name,
      `INSERT INTO instances (${columns}, uuid) SELECT ${columns}, UUID() FROM instances,
       (${numbers(Math.ceil(ROWS / 2 / there))}) AS times
       LIMIT ${ROWS / 2 - there}`,
    )
  }
  // In a process of its own: the test runner's hooks take memory for every promise.
  const child = fileURLToPath(new URL('fixtures/iterate-all.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import=@tapjs/typescript/import',
    child,
    JSON.stringify(local.cells),
  ])
  const { rows, inOrder, megabytes } = JSON.parse(stdout) as {
    rows: number
    inOrder: boolean
    megabytes: number
  }
  t.equal(rows, ROWS)
  t.ok(inOrder)
  t.comment(`${megabytes.toFixed(0)} MB above the start`)
  t.ok(megabytes < LIMIT_MB, `${megabytes.toFixed(0)} MB`)
})
