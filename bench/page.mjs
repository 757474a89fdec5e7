/**
 * A page of 1000 full rows over ten cells against 1000 rows of one cell read by plain mysql2, and the rows that are
 * fetched for it. All contenders alternate in one run; each result is checked against SQL before a time is
 * printed.
 *
 *   npm run bench            10 cells with 20,000 instances each
 *   npm run bench -- 100000  … with as many as you like
 */
import { createPool } from 'mysql2/promise'
import { openCells } from '../dist/index.js'
import { startLocalCells } from '../dist/testing/index.js'

const CELLS = 10
const ROUNDS = 60
const perCell = Number(process.argv[2] ?? 20_000)

const median = values => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
const spread = values => {
  const sorted = values.toSorted((a, b) => a - b)
  return `${sorted[Math.floor(sorted.length / 4)].toFixed(1)}–${sorted[Math.floor((sorted.length * 3) / 4)].toFixed(1)}`
}

console.log(`making ${CELLS} cells with ${perCell} instances each …`)
const local = await startLocalCells({
  cells: CELLS,
  cell0: false,
  instances: Array.from({ length: CELLS }, () => perCell),
  relations: false,
  bufferPoolMB: 2_048,
})
for (const { name } of local.cells) await local.query(name, 'ANALYZE TABLE instances')
const cells = await openCells({ apiDatabase: local.apiDatabase })
const [first] = local.cells
const one = await openCells({ cells: [first] })
const socketPath = new URL(first.database.replace('mysql+pymysql', 'http')).searchParams.get('unix_socket')
const pool = createPool({ socketPath, user: 'root', database: 'nova_cell1', dateStrings: true })

const VISIBLE = `deleted = 0 AND (vm_state <> 'soft-delete' OR vm_state IS NULL) AND (hidden <> 1 OR hidden IS NULL)`
const ORDER = 'ORDER BY created_at DESC, id DESC'
const query = { scope: 'all', limit: 1_000 }

const plain = async () => {
  const connection = await pool.getConnection()
  const [rows] = await connection.query({
    sql: `SELECT * FROM instances WHERE ${VISIBLE} ${ORDER} LIMIT 1000`,
    rowsAsArray: true,
  })
  connection.release()
  return rows.length
}

const union = local.cells
  .map(({ name }) => `(SELECT uuid, created_at, id FROM nova_${name}.instances WHERE ${VISIBLE})`)
  .join(' UNION ALL ')
const truth = async offset =>
  (await local.query('cell1', `${union} ${ORDER}, uuid LIMIT 1000 OFFSET ${offset}`)).map(([uuid]) => uuid)

const check = async (page, offset, what) => {
  if (String(page.items.map(item => item.uuid)) !== String(await truth(offset)))
    throw new Error(`${what}: a wrong page`)
}

const firstPage = await cells.instances.list(query)
await check(firstPage, 0, 'the first page')
const [[total]] = await local.query('cell1', `SELECT COUNT(*) FROM (${union}) AS all_cells`)
const middle = Math.floor(Number(total) / 2)
const before = (await local.query('cell1', `${union} ${ORDER}, uuid LIMIT 1 OFFSET ${middle - 1}`))[0][0]
const cursor = (await cells.instances.list({ ...query, limit: 1, marker: before })).next
// The cursor of that one-row page stands one row further on.
await check(await cells.instances.list({ ...query, cursor }), middle + 1, 'a page in the middle')
const small = await cells.instances.list({ ...query, limit: 20 })

const contenders = {
  'plain mysql2, 1000 rows of one cell (the floor)': plain,
  'crosscell, 1000 rows of one cell': () => one.instances.list(query),
  'crosscell, 1000 rows of ten cells': () => cells.instances.list(query),
  'crosscell, 1000 rows of ten cells, in the middle': () => cells.instances.list({ ...query, cursor }),
  'crosscell, 20 rows of ten cells': () => cells.instances.list({ ...query, limit: 20 }),
}
const times = Object.fromEntries(Object.keys(contenders).map(name => [name, []]))
for (let round = -10; round < ROUNDS; round++)
  for (const [name, run] of Object.entries(contenders)) {
    const start = performance.now()
    await run()
    if (round >= 0) times[name].push(performance.now() - start)
  }

const floor = median(times['plain mysql2, 1000 rows of one cell (the floor)'])
console.log(`\nmedian of ${ROUNDS} (quartiles), ratio to the floor; pages checked against SQL`)
for (const [name, of] of Object.entries(times))
  console.log(
    `${name.padEnd(50)} ${median(of).toFixed(1).padStart(6)} ms (${spread(of)})  ${(median(of) / floor).toFixed(2)} ×`,
  )
const fetched = page => (page.cells.reduce((sum, cell) => sum + cell.fetched, 0) / page.items.length).toFixed(2)
console.log(`\nkeys fetched per row returned: ${fetched(firstPage)} (limit 1000), ${fetched(small)} (limit 20)`)
console.log('full rows fetched per row returned: 1.00 (only winners’ rows are fetched)')

await Promise.all([cells.close(), one.close(), pool.end()])
await local.stop()
