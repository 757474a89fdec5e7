import { createPool } from 'mysql2/promise'
import { openCells } from '../../dist/index.js'
import { VISIBLE } from '../data/generate.mjs'
import { alternate, timed } from '../measure/rounds.mjs'

/** All that a list shows is counted: by one COUNT(*) in each cell at the same time, and by crosscell. */
export const measureCount = async (cloud, rounds) => {
  const pools = cloud.cells.map(({ schema }) =>
    createPool({ socketPath: cloud.socketPath, user: 'root', database: schema }),
  )
  const cells = await openCells({ apiDatabase: cloud.apiDatabase })
  const [[total]] = await cloud.query('SELECT COUNT(*) FROM bench.truth')
  const counts = {
    'COUNT(*) in each cell, plain mysql2': async () => {
      const sql = `SELECT COUNT(*) AS n FROM instances WHERE ${VISIBLE}`
      const parts = await Promise.all(pools.map(async pool => (await pool.query(sql))[0][0].n))
      return parts.reduce((sum, n) => sum + n, 0)
    },
    'crosscell, apiDatabase': async () => (await cells.instances.count({ scope: 'all' })).count,
  }
  try {
    for (const [name, count] of Object.entries(counts))
      if ((await count()) !== total) throw new Error(`${name}: not ${total}`)
    const measured = await alternate(
      Object.entries(counts).map(([name, count]) => ({ name, run: () => timed(count) })),
      rounds,
    )
    return {
      name: 'count',
      title: `count of all ${total.toLocaleString('en')}`,
      measures: measured.map(({ name, runs, p50, p95, ratio }) => ({
        contender: name,
        runs,
        p50,
        p95,
        toFloor: ratio,
      })),
    }
  } finally {
    await Promise.all([cells.close(), ...pools.map(pool => pool.end())])
  }
}
