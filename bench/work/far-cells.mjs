import { createPool } from 'mysql2/promise'
import { openCells } from '../../dist/index.js'
import { byTime } from '../contenders/fan-out.mjs'
import { VISIBLE } from '../data/generate.mjs'
import { farAway } from '../measure/far-away.mjs'
import { alternate, timed } from '../measure/rounds.mjs'

const DELAY = 20
const FEW = ['uuid', 'display_name', 'vm_state', 'host']

/** 70 real cells whose answers all take 20 ms longer: how often a page waits for them, one after the other. */
export const measureFarCells = async (cloud, rounds) => {
  const far = await farAway(cloud, DELAY)
  const addresses = cloud.far.map(({ uuid, name, database }) => ({ uuid, name, database: far.urlOf(database) }))
  const cells = await openCells({ cells: addresses })
  const pools = cloud.far.map(({ schema }) =>
    createPool({ socketPath: far.socketPath, user: 'root', database: schema, dateStrings: true }),
  )
  const union = cloud.far
    .map(({ schema }) => `SELECT uuid, created_at, id FROM ${schema}.instances WHERE ${VISIBLE}`)
    .join(' UNION ALL ')
  const order = 'ORDER BY created_at DESC, id DESC'
  const truth = limit => cloud.query(`SELECT uuid FROM (${union}) AS every_cell ${order}, uuid LIMIT ${limit}`)
  const page = (limit, fields) => async () => {
    const { items } = await cells.instances.list({ scope: 'all', limit, fields })
    return items
  }
  const fanOut = async () => {
    const sql = `SELECT * FROM instances WHERE ${VISIBLE} ${order} LIMIT 100`
    const parts = await Promise.all(pools.map(async pool => (await pool.query(sql))[0]))
    return parts.flat().sort(byTime).slice(0, 100)
  }
  const one = async () => {
    const sql = `SELECT * FROM instances WHERE ${VISIBLE} ${order} LIMIT 100`
    return (await pools[0].query(sql))[0]
  }
  const contenders = [
    { name: 'plain mysql2, one of them, 100 rows', work: one },
    { name: 'hand-written fan-out, limit 100', work: fanOut, limit: 100 },
    { name: 'crosscell, limit 20, four fields', work: page(20, FEW), limit: 20 },
    { name: 'crosscell, limit 100, four fields', work: page(100, FEW), limit: 100 },
    { name: 'crosscell, limit 20, full rows', work: page(20), limit: 20 },
    { name: 'crosscell, limit 100, full rows', work: page(100), limit: 100 },
    { name: 'crosscell, limit 1000, full rows', work: page(1_000), limit: 1_000 },
  ]
  try {
    for (const { name, work, limit } of contenders) {
      const uuids = (await work()).map(({ uuid }) => uuid)
      if (limit && String(uuids) !== String(await truth(limit))) throw new Error(`${name}: a wrong page`)
    }
    const measured = await alternate(
      contenders.map(({ name, work }) => ({ name, run: () => timed(work) })),
      rounds,
    )
    return {
      name: 'far-cells',
      title: `${cloud.far.length} real cells, every answer ${DELAY} ms late`,
      measures: measured.map(({ name, runs, p50, p95 }) => ({
        contender: name,
        runs,
        p50,
        p95,
        // Each wait is 20 ms; what is left is work.
        waits: Math.floor(p50 / DELAY),
      })),
    }
  } finally {
    await Promise.all([cells.close(), ...pools.map(pool => pool.end())])
    await far.close()
  }
}
