import t from 'tap'
import { seed } from '../fixtures/seed.js'
import { effort } from './fixtures/effort.js'
import { inOwnProcess } from './fixtures/own-process.js'
import type { TenantCounts } from './fixtures/tenant-property.js'

/**
 * Two projects and two users, whose ids only bytes tell apart, over rows in memory. The databases there read the text of the
 * statements that are sent, and nothing else: a statement without its scope would show the others' rows.
 */
const REQUESTS = effort(50_000, 1_000_000)

interface Outcome extends TenantCounts {
  readonly statements: number
  readonly failures: readonly string[]
}

t.test(`${REQUESTS} requests, and never a row of another`, async t => {
  const { failures, ...counts } = await inOwnProcess<Outcome>('tenants-memory.ts', {
    REQUESTS,
    FC_SEED: seed,
  })
  t.comment(JSON.stringify(counts))
  t.same(failures, [])
  t.ok(counts.requests >= REQUESTS, 'as many as were promised')
  t.ok(counts.rows > REQUESTS / 5, 'with something to see')
  t.ok(counts.refusals > REQUESTS / 40, 'and something to refuse')
  t.ok(counts.stubs > REQUESTS / 200 && counts.late > REQUESTS / 200, 'also of a cell that was down')
})
