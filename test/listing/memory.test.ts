import t from 'tap'
import { openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'

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
       seq_1_to_${Math.ceil(ROWS / 2 / there)}
       LIMIT ${ROWS / 2 - there}`,
    )
  }
  const cells = await openCells({ apiDatabase: local.apiDatabase! })
  t.teardown(() => cells.close())
  // What is loaded and compiled once is no part of it.
  await cells.instances.list({ scope: 'all' })
  global.gc?.()
  const start = process.memoryUsage().rss
  let rows = 0
  let most = 0
  let previous = '9'
  for await (const { created_at } of cells.instances.iterate({ scope: 'all' })) {
    if ((created_at ?? '') > previous) t.fail('out of order')
    previous = created_at ?? ''
    if (++rows % 5_000 === 0) most = Math.max(most, process.memoryUsage().rss - start)
  }
  t.equal(rows, ROWS)
  const megabytes = most / 1e6
  t.comment(`${megabytes.toFixed(0)} MB above the start`)
  t.ok(megabytes < LIMIT_MB, `${megabytes.toFixed(0)} MB`)
})
