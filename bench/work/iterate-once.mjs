/**
 * Reads everything once, in a process of its own so that its memory is its own, and prints what that took as JSON:
 *
 *   node iterate-once.mjs '{"how":"crosscell","cells":[…]}'
 *   node iterate-once.mjs '{"how":"plain","socketPath":"…","sql":"SELECT …","passes":10}'
 */
import { createHash } from 'node:crypto'
import { createConnection } from 'mysql2'
import { openCells } from '../../dist/index.js'

const asked = JSON.parse(process.argv[2])

const crosscell = async seen => {
  const cells = await openCells({ cells: asked.cells })
  for await (const { uuid } of cells.instances.iterate({ scope: 'all' })) seen(uuid)
  await cells.close()
}

const plain = async seen => {
  const connection = createConnection({ socketPath: asked.socketPath, user: 'root', dateStrings: true })
  let place = 0
  const once = () =>
    new Promise((resolve, reject) => {
      const query = connection.query({ sql: asked.sql, rowsAsArray: true })
      query.on('fields', fields => {
        place = fields.findIndex(({ name }) => name === 'uuid')
      })
      query.on('result', row => seen(row[place]))
      query.on('error', reject)
      query.on('end', resolve)
    })
  for (let pass = 0; pass < asked.passes; pass++) await once()
  connection.end()
}

let rows = 0
let peak = 0
const digest = createHash('sha256')
const look = () => {
  peak = Math.max(peak, process.memoryUsage.rss())
}
const before = process.memoryUsage.rss()
const cpu = process.cpuUsage()
const start = performance.now()
await { crosscell, plain }[asked.how](uuid => {
  digest.update(uuid)
  if (rows++ % 5_000 === 0) look()
})
look()
const ms = performance.now() - start
const { user, system } = process.cpuUsage(cpu)
console.log(
  JSON.stringify({
    rows,
    ms,
    cpu: (user + system) / 1_000,
    memory: peak - before,
    digest: digest.digest('hex'),
  }),
)
