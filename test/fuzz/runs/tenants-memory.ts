import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { judgedLibrary } from '../fixtures/judged-library.js'
import { type MemoryDatabase, memoryDatabase } from '../fixtures/memory-database.js'
import { failureOf } from '../fixtures/report.js'
import { withoutTag } from '../fixtures/sql-reader.js'
import { type TenantCounts, tenantProperty, type Verbs } from '../fixtures/tenant-property.js'
import { tenantRequests } from '../fixtures/tenant-requests.js'
import { CELLS, tenantsCloud } from '../fixtures/tenants.js'

/** Asks as many requests as the environment says, over rows in memory, and prints what became of them. */
const requests = Number(process.env.REQUESTS)
const seed = Number(process.env.FC_SEED)

let isDown = true
const judged = await judgedLibrary((database, statement) => {
  if (database === 'failing' && isDown) throw Object.assign(new Error(), { code: 'ECONNRESET', fatal: true })
  return databases.get(database)!(statement)
})
const { openCells, instances, migrations, instanceActions } = judged.library
const cloud = tenantsCloud(seed)
const databases = new Map(
  [...cloud.databases].map(([name, tables]): [string, MemoryDatabase] => [
    name,
    memoryDatabase(tables, n => [3, 500, 20][(n + judged.total) % 3]!),
  ]),
)

const heard = async (secret: string, ask: () => Promise<unknown>): Promise<unknown> => {
  judged.asked.length = 0
  await ask()
  const known = (value: unknown): unknown => (value === secret ? '…' : value)
  return judged.asked.map(([database, { text, values }]) => [database, withoutTag(text), values.map(known)])
}

const cursorSecrets = ['a secret of sixteen characters']
const api = { apiDatabase: 'mysql://db/api', buildRequests: 'none', cursorSecrets } as const
const clouds = {
  'cells alone': await openCells({
    cells: CELLS.map(i => ({ uuid: `c${i}`, name: `cell${i}`, database: `mysql://db/cell${i}` })),
    cursorSecrets,
  }),
  'with an API database': await openCells(api),
  'the cells of the project': await openCells({ ...api, projectCells: true }),
}
const failing = await openCells({
  ...api,
  apiDatabase: 'mysql://db/api with a failing cell',
  breaker: false,
})
const fail = (down: boolean): void => {
  isDown = down
}
const worlds = [
  ...Object.entries(clouds).map(([name, cells]) => ({
    name,
    cells,
    withStubs: {},
    without: {},
    fail: undefined,
  })),
  {
    name: 'with a cell that is down',
    cells: failing,
    withStubs: { downCells: 'stub' },
    without: { downCells: 'omit' },
    fail,
  },
]
const resources = { instances, migrations, instance_actions: instanceActions } as const

const counts: TenantCounts = { requests: 0, rows: 0, refusals: 0, stubs: 0, late: 0 }
const failures: string[] = []
let parts = worlds.length * Object.keys(resources).length
for (const { name, cells, withStubs, without, fail } of worlds)
  for (const [table, resource] of Object.entries(resources)) {
    const run = tenantProperty({
      verbs: cells.of(resource) as unknown as Verbs,
      rows: cloud.rows[table as keyof typeof resources],
      hasUuid: resource.uuid !== null,
      heard,
      counts,
      options: table === 'instances' ? withStubs : without,
      ...(fail && { fail }),
    })
    const until = counts.requests + (requests - counts.requests) / parts--
    const property = fc.asyncProperty(tenantRequests(resource), async request => {
      judged.asked.length = 0
      await run(request)
      judged.check()
    })
    for (let round = 0; counts.requests < until; round++) {
      // Nothing else lets timers have their turn.
      await setImmediate()
      const outcome = await fc.check(property, { numRuns: 100, seed: seed + round })
      if (!outcome.failed) continue
      failures.push(...failureOf(outcome).map(failure => `${table}, ${name}: ${failure}`))
      break
    }
  }
for (const { cells } of worlds) await cells.close()
console.log(JSON.stringify({ ...counts, statements: judged.total, failures }))
