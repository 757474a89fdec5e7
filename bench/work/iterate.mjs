import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { VISIBLE } from '../data/generate.mjs'
import { ORDERS } from '../data/truth.mjs'
import { spread } from '../measure/statistics.mjs'

const once = async asked => {
  const script = fileURLToPath(new URL('iterate-once.mjs', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(asked)])
  return JSON.parse(stdout)
}

const STEP = 100_000

/** The digest of the uuids that a statement gives in order, so many times over. */
const digestOf = async (cloud, { truth, passes }) => {
  const digest = createHash('sha256')
  for (let pass = 0; pass < passes; pass++)
    for (let behind = 0, more = true; more; behind += STEP) {
      const rows = await cloud.query(truth(behind))
      for (const [uuid] of rows) digest.update(uuid)
      more = rows.length === STEP
    }
  return digest.digest('hex')
}

/**
 * Everything is read: all cells in order by crosscell, and one cell by plain mysql2, as often as there are cells, so that both are
 * equally warm.
 */
export const measureIterate = async (cloud, rounds) => {
  const [{ schema }] = cloud.cells
  const plainIn = order => ({
    passes: cloud.cells.length,
    asked: {
      how: 'plain',
      passes: cloud.cells.length,
      socketPath: cloud.socketPath,
      sql: `SELECT * FROM ${schema}.instances WHERE ${VISIBLE} ORDER BY ${order}`,
    },
    truth: behind =>
      `SELECT uuid FROM ${schema}.instances WHERE ${VISIBLE} ORDER BY ${order} LIMIT ${STEP} OFFSET ${behind}`,
  })
  const cells = cloud.cells.map(({ uuid, name, database }) => ({ uuid, name, database }))
  const contenders = {
    'plain mysql2 stream, one cell, default sort': plainIn(ORDERS.time),
    'plain mysql2 stream, one cell, by id': plainIn('id'),
    'crosscell iterate, all cells, default sort': {
      passes: 1,
      asked: { how: 'crosscell', cells },
      truth: behind => `SELECT uuid FROM bench.truth WHERE by_time > ${behind} ORDER BY by_time LIMIT ${STEP}`,
    },
  }
  const runs = Object.fromEntries(Object.keys(contenders).map(name => [name, []]))
  for (const [name, contender] of Object.entries(contenders))
    if ((await once(contender.asked)).digest !== (await digestOf(cloud, contender)))
      throw new Error(`${name}: not the rows of SQL`)
  for (let round = 0; round < Math.ceil(rounds / 8); round++)
    for (const [name, { asked }] of Object.entries(contenders)) runs[name].push(await once(asked))
  const [floor] = Object.values(runs)
  const rate = ({ rows, ms }) => (rows * 1_000) / ms
  return {
    name: 'iterate',
    title: 'Everything, full rows, in a process of its own',
    measures: Object.entries(runs).map(([contender, all]) => ({
      contender,
      runs: all.length,
      rowsReturned: all[0].rows,
      rate: spread(all.map(rate)).median,
      rateToFloor: spread(all.map((one, round) => rate(one) / rate(floor[round]))),
      cpuPerRow: spread(all.map(({ cpu, rows }) => (cpu * 1_000) / rows)).median,
      memory: Math.max(...all.map(({ memory }) => memory)) / 2 ** 20,
    })),
  }
}
