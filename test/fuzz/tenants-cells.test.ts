import t from 'tap'
import { seed } from '../fixtures/seed.js'
import { effort } from './fixtures/effort.js'
import { inOwnProcess } from './fixtures/own-process.js'
import type { TenantCounts } from './fixtures/tenant-property.js'
import { startTenants } from './fixtures/tenants-local.js'

/**
 * The same two tenants over real cells, with an API database, build requests and instances on the move: every answer is what one SQL
 * statement over all rows says of the tenant, and every statement, as it is sent, is one that the library may send.
 */
const REQUESTS = effort(1_500, 10_000)

interface Outcome extends Pick<TenantCounts, 'requests' | 'rows' | 'refusals'> {
  readonly statements: number
  readonly failures: readonly string[]
}

t.test(`${REQUESTS} requests over real cells, and never a row of another`, async t => {
  const local = await startTenants(seed)
  t.teardown(() => local.stop())
  const { failures, ...counts } = await inOwnProcess<Outcome>('tenants-cells.ts', {
    REQUESTS,
    FC_SEED: seed,
    API_DATABASE: local.apiDatabase,
    TRUTH: local.server('cell1').url('truth'),
  })
  t.comment(JSON.stringify(counts))
  t.same(failures, [])
  t.ok(counts.requests >= REQUESTS, 'as many as were promised')
  t.ok(counts.rows > REQUESTS / 2, 'with something to see')
  t.ok(counts.refusals > REQUESTS / 40, 'and something to refuse')
})
