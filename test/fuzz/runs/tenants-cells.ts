import { deepStrictEqual as same } from 'node:assert'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { connect } from '../../../src/cells/connection.js'
import { parseDatabaseUrl } from '../../../src/cells/database-url.js'
import {
  type Cells,
  computeNodes,
  instanceActions,
  instances,
  migrations,
  openCells,
  services,
} from '../../../src/index.js'
import { memoryIndex } from '../../../src/testing/memory-index.js'
import { apiSchema, cellSchema } from '../../../src/testing/schema.js'
import { fill } from '../../listing/fixtures/filled-index.js'
import { judgeOf } from '../fixtures/judge.js'
import { failureOf } from '../fixtures/report.js'
import { withoutTag } from '../fixtures/sql-reader.js'
import type { Verbs } from '../fixtures/tenant-property.js'
import { type TenantQuestion, tenantQuestions } from '../fixtures/tenant-questions.js'
import type { Tenant } from '../fixtures/tenants.js'
import { whitelistOf } from '../fixtures/whitelist.js'
import { listen, type Sent } from '../fixtures/wire.js'

/** Asks as many requests as the environment says, over real cells, and prints what became of them. */
const requests = Number(process.env.REQUESTS)
const seed = Number(process.env.FC_SEED)
const truth = await connect(parseDatabaseUrl(process.env.TRUTH!, '/truth'))

const [collations] = await truth.query(
  `SELECT GROUP_CONCAT(COLLATION_NAME) FROM information_schema.COLLATIONS WHERE COLLATION_NAME LIKE 'utf8%general_ci'`,
)
const judge = judgeOf(
  whitelistOf(
    [instances, migrations, instanceActions, services, computeNodes],
    ['PRIMARY', ...Object.values({ ...cellSchema, ...apiSchema }).flatMap(table => Object.keys(table.indexes))],
    String(collations![0]).split(','),
  ),
)
// An indexer reads for nobody: what it sends is not looked at.
const index = memoryIndex()
await fill(index, process.env.API_DATABASE!)

let statements = 0
let wrong: unknown
let asked: Sent[] = []
const deaf = listen(sent => {
  if (sent.database === 'truth') return
  statements++
  asked.push(sent)
  try {
    judge(sent, sent.sent)
  } catch (error) {
    wrong ??= error
  }
})

const options = { apiDatabase: process.env.API_DATABASE!, cursorSecrets: ['a secret of sixteen characters'] }
const clouds = [
  await openCells(options),
  await openCells({ ...options, projectCells: true }),
  await openCells({ ...options, buildRequests: 'none' }),
  await openCells({ ...options, index }),
]
/** The clouds from here on have an index, which answers with the cells, and alone. */
const INDEXED = 3
const ANSWERS = [{}, { source: 'index' }]
const UNKNOWN = '99999999-0009-4000-8000-999999999999'

const counts = { requests: 0, rows: 0, refusals: 0 }
const owned = (tenant: Tenant): string => {
  const [[column, id]] = Object.entries(tenant) as [[string, string]]
  return `COALESCE(CAST(${column} AS BINARY) = CAST('${id}' AS BINARY), FALSE)`
}

const unlessUnavailable = (error: { readonly code?: unknown }): undefined => {
  if (error.code !== 'index-unavailable') throw error
}

const property =
  (cells: Cells, table: 'instances' | 'migrations', isWhole: boolean, how: object) =>
  async ({ tenant, other, verb, query, where, orderBy, limit, pick }: TenantQuestion): Promise<void> => {
    // Regular expressions are the cells' to judge.
    if ('source' in how && JSON.stringify(query).includes('"regexp"')) return
    const verbs = cells.of(table === 'instances' ? instances : migrations) as unknown as Verbs
    const mine = { ...query, scope: tenant, fields: ['uuid'] }
    const count = <T>(answer: Promise<T>): Promise<T> => {
      counts.requests++
      return answer
    }
    const uuids = async (condition: string): Promise<string[]> => {
      // Without build requests there are none of cell3, which is no cell any more.
      const there =
        isWhole || table !== 'instances' ? 'TRUE' : 'uuid NOT IN (SELECT uuid FROM nova_cell3.instances)'
      const rows = await truth.query(
        `SELECT uuid FROM ${table} WHERE ${condition} AND ${there} ORDER BY ${orderBy}`,
      )
      return rows.map(([uuid]) => String(uuid))
    }
    const sameRows = (items: readonly { readonly uuid: string }[], want: readonly string[]): void => {
      counts.rows += items.length
      same(
        items.map(({ uuid }) => uuid),
        want,
      )
    }
    const refusal = async (secret: string, ask: (one: string) => Promise<unknown>): Promise<unknown> => {
      asked = []
      const outcome = await count(
        ask(secret).catch(({ name, code, message, path, expected }) => ({
          name,
          code,
          message,
          path,
          expected,
        })),
      )
      const known = (value: unknown): unknown => (value === secret ? '…' : value)
      const heard = asked.map(({ database, text, values }) =>
        JSON.stringify([database, withoutTag(text), (values ?? []).map(known)]),
      )
      // Cells are asked at the same time: which of them hears of it first is chance.
      return { outcome, heard: heard.sort() }
    }
    const refusedAlike = async (
      foreign: string,
      unknown: string,
      ask: (one: string) => Promise<unknown>,
    ): Promise<void> => {
      counts.refusals++
      await refusal(unknown, ask)
      if (isDeepStrictEqual(await refusal(foreign, ask), await refusal(unknown, ask))) return
      // What is remembered for a while may just have been looked up again.
      same(await refusal(foreign, ask), await refusal(unknown, ask))
    }
    switch (verb) {
      case 'page': {
        const first = await count(verbs.list({ ...mine, limit }, how))
        const want = await uuids(where)
        sameRows(first.items, want.slice(0, limit))
        if (first.next === null) return same(want.length, first.items.length)
        const second = await count(verbs.list({ ...mine, limit, cursor: first.next }, how))
        return sameRows(second.items, want.slice(limit, 2 * limit))
      }
      case 'marker': {
        const want = await uuids(where)
        if (want.length === 0) return
        const at = pick % want.length
        // An index alone knows no build requests, and not which of two copies counts.
        const page = await count(verbs.list({ ...mine, limit, marker: want[at]! }, how)).catch(
          unlessUnavailable,
        )
        return page && sameRows(page.items, want.slice(at + 1, at + 1 + limit))
      }
      case 'iterate': {
        counts.requests++
        const items = []
        for await (const item of verbs.iterate(mine)) items.push(item)
        return sameRows(items, await uuids(where))
      }
      case 'count': {
        const { filters } = query
        // Both copies of what is on the move count, where both show (docs/adr/0007-copies.md).
        if ('hidden' in filters) return
        const answer = await count(verbs.count({ scope: tenant, filters, group_by: ['user_id'] }, how))
        return same(answer.count, (await uuids(where)).length)
      }
      case 'get': {
        const all = await uuids('TRUE')
        const uuid = all[pick % all.length]!
        const want = (await uuids(where)).includes(uuid) ? uuid : undefined
        const { filters } = query
        const got = await count(verbs.get(uuid, { scope: tenant, filters, fields: ['uuid'] }))
        return same(got?.uuid, want)
      }
      case 'usage': {
        const [[number]] = (await truth.query(
          `SELECT COUNT(*) FROM instances WHERE ${owned(tenant)} AND deleted = 0 AND NOT hidden <=> 1 AND NOT vm_state <=> 'soft-delete'`,
        )) as [[number]]
        return same((await count(cells.usage({ scope: tenant }))).instances, number)
      }
      case 'foreign marker': {
        const strangers = await uuids(`NOT ${owned(tenant)}`)
        const foreign = strangers[pick % strangers.length]!
        if (pick % 2 === 0) await count(verbs.list({ ...query, scope: 'all', limit, marker: foreign }))
        await refusedAlike(foreign, UNKNOWN, marker => verbs.list({ ...mine, limit, marker }, how))
        return refusedAlike(foreign, UNKNOWN, uuid => verbs.get(uuid, { scope: tenant }))
      }
      case 'foreign cursor': {
        const { next } = await count(verbs.list({ ...mine, scope: other, limit: 1 }, how))
        if (next === null || JSON.stringify(tenant) === JSON.stringify(other)) return
        return refusedAlike(next, Buffer.alloc(80).toString('base64url'), cursor =>
          verbs.list({ ...mine, limit, cursor }, how),
        )
      }
    }
  }

const failures: string[] = []
const parts = clouds.flatMap((cells, i) =>
  (['instances', 'migrations'] as const)
    .filter(table => table === 'instances' || i < INDEXED)
    .flatMap(table => (i < INDEXED ? [{}] : ANSWERS).map(how => ({ cells, table, isWhole: i !== 2, how }))),
)
for (const [i, { cells, table, isWhole, how }] of parts.entries()) {
  const run = property(cells, table, isWhole, how)
  const until = counts.requests + (requests - counts.requests) / (parts.length - i)
  const resource = table === 'instances' ? instances : migrations
  const questions = tenantQuestions(resource).filter(({ verb }) => verb !== 'usage' || isWhole)
  for (let round = 0; counts.requests < until; round++) {
    const outcome = await fc.check(
      fc.asyncProperty(questions, async question => {
        await run(question)
        if (wrong !== undefined) throw wrong
      }),
      { numRuns: 20, seed: seed + round },
    )
    if (!outcome.failed) continue
    failures.push(...failureOf(outcome).map(failure => `${table}, cloud ${i}: ${failure}`))
    break
  }
}
for (const cells of clouds) await cells.close()
deaf()
await truth.close()
console.log(JSON.stringify({ ...counts, statements, failures }))
