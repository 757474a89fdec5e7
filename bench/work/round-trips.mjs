import { instances, openCells } from '../../dist/index.js'
import { truthOf } from '../data/truth.mjs'
import { farAway } from '../measure/far-away.mjs'
import { alternate, timed } from '../measure/rounds.mjs'

const ROUNDS = 7

/**
 * How often a page waits for the cells, one after the other, however many statements run at the same time: what it takes
 * longer when every answer comes so much later.
 */
export const measureRoundTrips = async (cloud, rounds) => {
  // Long against the work, so that waits can be told from it; less so where it is only tried.
  const delay = rounds < ROUNDS ? 25 : 100
  const far = await farAway(cloud, delay)
  const of = (cells, urlOf) =>
    cells.map(({ uuid, name, database }) => ({ uuid, name, database: urlOf(database) }))
  const near = await openCells({ cells: of(cloud.cells, url => url) })
  const away = await openCells({ cells: of(cloud.cells, far.urlOf) })
  const skewedNear = await openCells({ cells: of(cloud.skewed, url => url) })
  const skewedAway = await openCells({ cells: of(cloud.skewed, far.urlOf) })
  const nearApi = await openCells({ apiDatabase: cloud.apiDatabase })
  await cloud.mapCells(far.socketPath)
  const awayApi = await openCells({ apiDatabase: far.urlOf(cloud.apiDatabase) })
  await cloud.mapCells(cloud.socketPath)

  const [{ length }] = [cloud.cells]
  const middle = Math.floor((length * cloud.instances) / 2)
  const { uuids } = await truthOf(cloud, { scope: 'all', sort: 'time', limit: 200, offset: middle })
  // A marker that no page has ended with is looked up: another one each time.
  let next = 0
  const first = { scope: 'all', limit: 1_000 }
  const few = ['uuid', 'display_name', 'vm_state', 'host']
  const detail = { ...first, include: Object.keys(instances.relations).filter(it => it !== 'request_spec') }
  const works = [
    ['limit 20, four fields', near, away, () => ({ ...first, limit: 20, fields: few })],
    ['limit 20, full rows', near, away, () => ({ ...first, limit: 20 })],
    ['limit 1000, full rows', near, away, () => first],
    ['limit 1000, full rows, apiDatabase', nearApi, awayApi, () => first],
    ['limit 1000, all newest rows in one cell', skewedNear, skewedAway, () => first],
    ['limit 1000, behind a marker that is new', near, away, () => ({ ...first, marker: uuids[next++ % 200] })],
    [
      'limit 1000, behind a marker that is new, apiDatabase',
      nearApi,
      awayApi,
      () => ({ ...first, marker: uuids[next++ % 200] }),
    ],
    ['limit 1000, all relations', near, away, () => detail],
  ]
  try {
    const measures = []
    for (const [name, from, to, query] of works) {
      const [here, there] = await alternate(
        [from, to].map(cells => ({ name, run: () => timed(() => cells.instances.list(query())) })),
        Math.min(rounds, ROUNDS),
      )
      measures.push({
        contender: `crosscell, ${name}`,
        runs: there.runs,
        waits: Math.round((there.p50 - here.p50) / delay),
        p50: here.p50,
      })
    }
    return {
      name: 'round-trips',
      title: `Waits one after the other, by answers that come ${delay} ms late`,
      measures,
    }
  } finally {
    await Promise.all([near, away, skewedNear, skewedAway, nearApi, awayApi].map(cells => cells.close()))
    await far.close()
  }
}
