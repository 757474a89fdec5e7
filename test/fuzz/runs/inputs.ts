import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import type { Cells } from '../../../src/index.js'
import { commandLine } from '../fixtures/command-lines.js'
import { fuzzCloud } from '../fixtures/fuzz-cloud.js'
import { hostile, hostileText, SECRET } from '../fixtures/hostile.js'
import { judgedLibrary } from '../fixtures/judged-library.js'
import { mutated, mutations } from '../fixtures/mutation.js'
import { outcomes, type Tally } from '../fixtures/outcome.js'
import { failureOf } from '../fixtures/report.js'
import { databaseUrl } from '../fixtures/urls.js'
import { validDefinition } from '../fixtures/valid-definitions.js'

/** Gives everything that takes input, but for queries, as many inputs as the environment says, and prints what became of them. */
const inputs = Number(process.env.INPUTS)
const seed = Number(process.env.FC_SEED)

const judged = await judgedLibrary(fuzzCloud())
const { library } = judged
const { openCells, defineResource } = library
const { parseDatabaseUrl } = await import('../../../src/cells/database-url.js')
const { readCellMappings } = await import('../../../src/cells/directory.js')
const { parseArguments } = await import('../../../src/cli/arguments.js')
const { optionsOf, queryOf } = await import('../../../src/cli/query.js')

const cell = { uuid: 'c1', name: 'cell1', database: `mysql://u:${SECRET}@db/cell1` }
const open = (secret: string): Promise<Cells> => openCells({ cells: [cell], cursorSecrets: [secret] })
const cells = await open(`${SECRET} of sixteen`)
const others = await open('another secret of sixteen')
const { signal } = new AbortController()

const query = { scope: 'all', sort: ['display_name', 'id'], limit: 2, fields: ['uuid'] } as const
const foreign = { ...query, scope: { project_id: 'somebody' } } as const
const cursors: string[] = []
for (const [of, asked] of [
  [cells, { ...query, sort: ['host'] }],
  [cells, { ...query, filters: { host: 'x' } }],
  [others, query],
  [cells, query],
] as const) {
  const { next } = await of.instances.list(asked)
  if (next !== null) cursors.push(next)
}
const own = cursors.at(-1)!

/** A cursor, one of another query or of another secret, and what can be made of them. */
const cursor = fc
  .tuple(fc.constantFrom(...cursors), fc.nat(), fc.nat({ max: 255 }), hostileText(SECRET))
  .chain(([text, at, byte, odd]) => {
    const bytes = Buffer.from(text, 'base64url')
    const flipped = Buffer.from(bytes)
    flipped[at % bytes.length]! ^= byte
    return fc.constantFrom<unknown>(
      text,
      flipped.toString('base64url'),
      text.slice(0, at % text.length),
      bytes.subarray(at % bytes.length).toString('base64url'),
      bytes.toString('base64'),
      `${text}=`,
      `${text.slice(0, at % text.length)}${odd}`,
      Buffer.from(odd).toString('base64url'),
      Buffer.from(JSON.stringify({ values: [odd, 1, odd], collations: [] })).toString('base64url'),
    )
  })
const randomCursor = fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes).toString('base64url'))

const { tally, now, later } = outcomes(library)

const parts = {
  cursors: fc.asyncProperty(
    fc.oneof(cursor, randomCursor, hostile(SECRET)),
    fc.constantFrom(query, foreign),
    async (given, asked) => {
      let taken = false
      await later(async () => {
        await cells.instances.list({ ...asked, cursor: given } as never)
        taken = given !== undefined
      })
      if (taken && (given !== own || asked !== query)) throw new Error('a cursor of something else is taken')
    },
  ),
  markers: fc.asyncProperty(
    fc.oneof(
      fc.uuid(),
      fc.uuid().map(uuid => uuid.toUpperCase()),
      hostileText(SECRET),
      hostile(SECRET),
    ),
    given => later(() => cells.instances.list({ ...query, marker: given } as never)),
  ),
  asks: fc.asyncProperty(
    fc.constantFrom('usage', 'status', 'capacity'),
    fc.record({ deadline: fc.nat(), serviceDownTime: fc.nat() }, { requiredKeys: [] }),
    mutations,
    async (what, options, changes) => {
      const input = mutated({ usage: { scope: { project_id: SECRET } }, options }, changes) as never as {
        usage: never
        options: never
      }
      await later(async () =>
        what === 'usage' ? cells.usage(input?.usage, input?.options) : cells[what as 'status'](input?.options),
      )
    },
  ),
  urls: fc.asyncProperty(databaseUrl, async url => now(() => parseDatabaseUrl(url, '/apiDatabase'))),
  templates: fc.asyncProperty(
    fc.tuple(
      databaseUrl,
      fc.oneof(
        fc.constantFrom('{scheme}://{username}:{password}@{hostname}:{port}/{path}', '{constructor}', '{x}'),
        hostileText(SECRET).map(text => `mysql://{username}@h/${text}{port}`),
      ),
    ),
    ([url, template]) =>
      later(async () => {
        const api = { query: async () => [['u', 'n', template]] }
        for (const { database } of await readCellMappings(api, url))
          parseDatabaseUrl(database, '/cells/0/database')
      }),
  ),
  configs: fc.asyncProperty(
    fc.record(
      {
        cells: fc.constantFrom([cell], [cell, { ...cell, uuid: 'c2' }]),
        buildRequests: fc.constantFrom('in-order', 'first', 'none'),
        projectCells: fc.boolean(),
        directoryTtl: fc.nat(),
        connectionsPerCell: fc.integer({ min: 1, max: 9 }),
        concurrency: fc.integer({ min: 1, max: 9 }),
        statementTimeout: fc.integer({ min: 1_000, max: 9_999 }),
        breaker: fc.constantFrom(false, {}, { failures: 2, slow: 10 }),
        maxLimit: fc.integer({ min: 1, max: 9 }),
        cursorSecrets: fc.constant([`${SECRET} of sixteen`]),
        tls: fc.constant({ ca: SECRET }),
      },
      { requiredKeys: ['cells'] },
    ),
    mutations,
    async (config, changes) => {
      const input = mutated(config, changes)
      await later(async () => (await openCells(input as never)).close())
    },
  ),
  definitions: fc.asyncProperty(
    validDefinition,
    mutations,
    fc.nat({ max: 49 }),
    async (definition, changes, some) => {
      const input = mutated(definition, changes, true)
      await later(async () => {
        const resource = defineResource(input as never)
        // To compile what checks its queries takes a while.
        if (some > 0) return
        await cells
          .of(resource)
          .list({ scope: 'all', limit: 1, include: Object.keys(resource.relations) as never })
      })
    },
  ),
  arguments: fc.asyncProperty(commandLine, async argv => {
    await later(async () => {
      const parsed = parseArguments(argv, {})
      if ('exit' in parsed) {
        if ((parsed.stdout + parsed.stderr).includes(SECRET)) throw new Error(`shows a URL: ${parsed.stderr}`)
      } else if ('list' in parsed) {
        const { list } = parsed
        await cells.instances.list(queryOf(list), optionsOf(list, signal))
      }
    })
  }),
}

/** How large a part of all inputs each of them has. */
const SHARES: Readonly<Record<keyof typeof parts, number>> = {
  cursors: 0.3,
  markers: 0.1,
  asks: 0.05,
  urls: 0.15,
  templates: 0.05,
  configs: 0.05,
  definitions: 0.15,
  arguments: 0.15,
}

const report: Record<string, Tally> = {}
const failures: string[] = []
let given = 0
for (const [name, property] of Object.entries(parts)) {
  for (const code of Object.keys(tally)) delete tally[code]
  const started = performance.now()
  const outcome = await fc.check<unknown>(
    property
      .beforeEach(async () => {
        judged.asked.length = 0
        // Nothing else lets timers have their turn.
        if (++given % 256 === 0) await setImmediate()
      })
      .afterEach(() => {
        judged.check()
        if (judged.asked.some(([, { text }]) => text.includes(SECRET)))
          throw new Error('a value stands in a statement')
      }) as never,
    { numRuns: Math.ceil(inputs * SHARES[name as keyof typeof parts]), seed },
  )
  report[name] = { ...tally }
  if (process.env.TIMES) console.error(name, Math.round(performance.now() - started), 'ms')
  failures.push(...failureOf(outcome).map(failure => `${name}: ${failure}`))
}
await cells.close()
await others.close()
console.log(JSON.stringify({ tally: report, statements: judged.total, failures }))
