import { createPool } from 'mysql2/promise'
import { openCells } from '../../dist/index.js'
import { byTime } from '../contenders/fan-out.mjs'
import { VISIBLE } from '../data/generate.mjs'
import { farAway } from '../measure/far-away.mjs'
import { alternate, timed } from '../measure/rounds.mjs'

const DELAY = 20
const FEW = ['uuid', 'display_name', 'vm_state', 'host']

const order = 'ORDER BY created_at DESC, id DESC'
const statement = `SELECT * FROM instances WHERE ${VISIBLE} ${order} LIMIT 100`
const FEW_ROWS = `SELECT ${FEW}, created_at, id FROM instances FORCE INDEX (instances_deleted_created_at_idx) WHERE ${VISIBLE} ${order}`

/** The contenders over the cells behind a socket. */
const contendersOver = async (cloud, { socketPath, urlOf }) => {
  const cells = await openCells({
    cells: cloud.far.map(({ uuid, name, database }) => ({ uuid, name, database: urlOf(database) })),
  })
  const pools = cloud.far.map(({ schema }) =>
    createPool({ socketPath, user: 'root', database: schema, dateStrings: true }),
  )
  const one = async pool => (await pool.query(statement))[0]
  // As many statements as a page of 100 takes, for as many rows; no order over all cells, no records.
  const statements = () => Promise.all(pools.map(pool => pool.query(`${FEW_ROWS} LIMIT 3`)))
  const fanOut = async () => (await Promise.all(pools.map(one))).flat().sort(byTime).slice(0, 100)
  const page = (limit, fields) => async () =>
    (await cells.instances.list({ scope: 'all', limit, fields })).items
  return {
    works: [
      { name: 'plain mysql2, one of them, 100 rows', work: () => one(pools[0]) },
      { name: 'plain mysql2, three rows of four fields of each', work: statements },
      { name: 'hand-written fan-out, limit 100', work: fanOut, limit: 100 },
      { name: 'crosscell, limit 20, four fields', work: page(20, FEW), limit: 20 },
      { name: 'crosscell, limit 100, four fields', work: page(100, FEW), limit: 100 },
      { name: 'crosscell, limit 20, full rows', work: page(20), limit: 20 },
      { name: 'crosscell, limit 100, full rows', work: page(100), limit: 100 },
      { name: 'crosscell, limit 1000, full rows', work: page(1_000), limit: 1_000 },
    ],
    close: () => Promise.all([cells.close(), ...pools.map(pool => pool.end())]),
  }
}

const check = async (cloud, works) => {
  const union = cloud.far
    .map(({ schema }) => `SELECT uuid, created_at, id FROM ${schema}.instances WHERE ${VISIBLE}`)
    .join(' UNION ALL ')
  for (const { name, work, limit } of works.filter(({ limit }) => limit)) {
    const expected = await cloud.query(
      `SELECT uuid FROM (${union}) AS every_cell ${order}, uuid LIMIT ${limit}`,
    )
    if (String((await work()).map(({ uuid }) => uuid)) !== String(expected.flat()))
      throw new Error(`${name}: a wrong page`)
  }
}

const measure = ({ works }, rounds) =>
  alternate(
    works.map(({ name, work }) => ({ name, run: () => timed(work) })),
    rounds,
  )

/** 70 real cells whose answers all take 20 ms longer, and how often a page waits for them, one after the other. */
export const measureFarCells = async (cloud, rounds) => {
  const proxy = await farAway(cloud, DELAY)
  const near = await contendersOver(cloud, { socketPath: cloud.socketPath, urlOf: url => url })
  const far = await contendersOver(cloud, proxy)
  try {
    await check(cloud, near.works)
    await check(cloud, far.works)
    const here = await measure(near, rounds)
    const there = await measure(far, rounds)
    return {
      name: 'far-cells',
      title: `${cloud.far.length} real cells, every answer ${DELAY} ms late`,
      measures: there.map(({ name, runs, p50, p95 }, at) => ({
        contender: name,
        runs,
        p50,
        p95,
        waits: Math.round((p50 - here[at].p50) / DELAY),
        near: here[at].p50,
      })),
    }
  } finally {
    await Promise.all([near.close(), far.close()])
    await proxy.close()
  }
}
