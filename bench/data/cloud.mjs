import { existsSync } from 'node:fs'
import { totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { startMariaDB, startMySQL } from '../../dist/testing/index.js'
import { dataFolder, keep } from './cache.mjs'
import { FAR_CELLS, generate } from './generate.mjs'

const STARTS = { mariadb: startMariaDB, mysql: startMySQL }

const seconds = since => `${((performance.now() - since) / 1_000).toFixed(1)} s`

/** A server that is asked to end has written everything when its process is gone. */
const shutDown = async server => {
  process.kill(server.pid, 'SIGTERM')
  while (server.pid !== undefined) await sleep(20)
}

const makeData = async (shape, bufferPoolMB, say) => {
  say(
    `making ${shape.cells} cells × ${shape.instances.toLocaleString('en')} instances with what belongs to them …`,
  )
  const start = performance.now()
  const local = await generate({ ...shape, bufferPoolMB })
  const server = local.server('cell1')
  await shutDown(server)
  keep(shape, join(dirname(server.socketPath), 'data'))
  await local.stop()
  say(`made in ${seconds(start)}, kept in ${dataFolder(shape)}`)
}

/**
 * The cells of a shape on one private server, whose data folder is kept between runs: made first where there is none.
 * The server ends with this process.
 */
export const openCloud = async (shape, say) => {
  const bufferPoolMB = Math.min(12_288, Math.floor(totalmem() / 2 ** 21))
  if (!existsSync(dataFolder(shape))) await makeData(shape, bufferPoolMB, say)
  const start = performance.now()
  const server = await STARTS[shape.kind]({
    bufferPoolMB,
    timeout: 300_000,
    // The last word on where the data is. More connections than the defaults, for 64 requests over 100 cells.
    args: [`--datadir=${dataFolder(shape)}`, '--max-connections=4000'],
  })
  const admin = await createConnection({ socketPath: server.socketPath, user: 'root', dateStrings: true })
  const query = async (sql, values) => (await admin.query({ sql, values, rowsAsArray: true }))[0]

  // Nova's URLs say the character set; crosscell leaves that to Python.
  const mapCells = socketPath =>
    query(
      "UPDATE nova_api.cell_mappings SET database_connection = CONCAT('mysql+pymysql://root@localhost/nova_', name, ?)",
      [`?unix_socket=${socketPath}&charset=utf8`],
    )
  await mapCells(server.socketPath)
  const cells = (await query('SELECT uuid, name FROM nova_api.cell_mappings ORDER BY id')).map(
    ([uuid, name]) => ({
      uuid,
      name,
      schema: `nova_${name}`,
      database: server.url(`nova_${name}`),
    }),
  )
  const other = (name, at) => ({
    uuid: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
    name,
    schema: `nova_${name}`,
    database: server.url(`nova_${name}`),
  })
  const far = Array.from({ length: FAR_CELLS }, (_, at) => other(`far${at + 1}`, at + 1))
  for (const { schema } of cells) await query(`SELECT SUM(LENGTH(hostname)) FROM ${schema}.instances`)
  const [[version]] = await query('SELECT VERSION()')
  say(`${shape.kind} ${version} with its data in memory after ${seconds(start)}`)
  return {
    ...shape,
    version,
    server,
    socketPath: server.socketPath,
    apiDatabase: server.url('nova_api'),
    cells,
    /** The same, but that all of the newest rows are in the first. */
    skewed: [other('newest', 999), ...cells.slice(1)],
    far,
    /** Lets the API database say that the cells are behind this socket. */
    mapCells,
    query,
    close: async () => {
      await admin.end()
      await shutDown(server)
      await server.stop()
    },
  }
}
