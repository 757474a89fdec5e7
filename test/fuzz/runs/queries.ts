import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import type { Cells, Lister, Page } from '../../../src/index.js'
import type { Resource } from '../../../src/resources/resource.js'
import { fuzzCloud } from '../fixtures/fuzz-cloud.js'
import { hostile, SECRET } from '../fixtures/hostile.js'
import { judgedLibrary } from '../fixtures/judged-library.js'
import { mutated, mutations } from '../fixtures/mutation.js'
import { outcomes } from '../fixtures/outcome.js'
import { failureOf } from '../fixtures/report.js'
import { VERBS, type Verb, validQuery } from '../fixtures/valid-queries.js'

/** Asks as many queries as the environment says, right ones and broken ones, and prints what became of them. */
const inputs = Number(process.env.INPUTS)
const seed = Number(process.env.FC_SEED)

const judged = await judgedLibrary(fuzzCloud())
const { library } = judged
const { instances, migrations, instanceActions, services, computeNodes } = library
const resources: readonly Resource[] = [instances, migrations, instanceActions, services, computeNodes]
const cursorSecrets = [`${SECRET} of sixteen`]
const clouds = [
  await library.openCells({
    cells: [{ uuid: 'c1', name: 'cell1', database: `mysql://u:${SECRET}@db/cell1` }],
    cursorSecrets,
  }),
  await library.openCells({ apiDatabase: `mysql://u:${SECRET}@db/api`, cursorSecrets }),
]

/** The verbs, for somebody who keeps to no type. */
interface Verbs {
  list(query: unknown, options?: unknown): Promise<Page<unknown>>
  count(query: unknown, options?: unknown): Promise<unknown>
  explain(query: unknown, options?: unknown): Promise<unknown>
  catchUp(query: unknown, options?: unknown): Promise<unknown>
  get(uuid: unknown, query: unknown, options?: unknown): Promise<unknown>
  iterate(query: unknown, options?: unknown): AsyncIterable<unknown>
}

const verbsOf = (cells: Cells, resource: Resource): Verbs =>
  cells.of(resource) as Lister<never> as unknown as Verbs

const UUID = '00000000-0000-4000-8000-000000000000'
const startsOf = async (resource: Resource): Promise<object[]> => {
  const { next } = await verbsOf(clouds[0]!, resource).list({ scope: 'all', limit: 2 })
  return [{ cursor: next }, ...(resource.uuid === null ? [] : [{ marker: UUID }])]
}
const starts = new Map(await Promise.all(resources.map(async one => [one, await startsOf(one)] as const)))

const options = fc.option(
  fc.record(
    {
      deadline: fc.integer({ min: 1_000, max: 60_000 }),
      downCells: fc.constantFrom('omit', 'omit', 'fail', 'stub'),
    },
    { requiredKeys: [] },
  ),
  { nil: undefined },
)
const verbs = Object.keys(VERBS) as Verb[]
const asked = fc.record({
  asked: fc.oneof(
    ...resources.flatMap(resource =>
      verbs.map(verb =>
        validQuery(resource, verb, starts.get(resource)!).map(query => ({ of: resource.name, verb, query })),
      ),
    ),
  ),
  options,
  changes: fc.oneof(fc.constant([]), mutations),
  optionChanges: fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, mutations),
  uuid: fc.oneof(fc.constant(UUID), hostile(SECRET)),
  withApi: fc.integer({ min: 0, max: 9 }).map(tenth => tenth === 0),
})

const ask = async (
  verbs: Verbs,
  verb: Verb,
  uuid: unknown,
  query: unknown,
  options: unknown,
): Promise<void> => {
  if (verb === 'get') await verbs.get(uuid, query, options)
  else if (verb === 'iterate') for await (const _ of verbs.iterate(query, options));
  else await verbs[verb](query, options)
}

const { tally, later } = outcomes(library)
let slowest = 0
let asking = 0
const failure = await fc.check(
  fc.asyncProperty(asked, async ({ asked, options, changes, optionChanges, uuid, withApi }) => {
    const { of, verb, query } = asked
    // Nothing else lets timers have their turn.
    if (++asking % 256 === 0) await setImmediate()
    const started = performance.now()
    judged.asked.length = 0
    const input = mutated(query, changes)
    const said = options === undefined ? undefined : mutated(options, optionChanges)
    const resource = resources.find(({ name }) => name === of)!
    const verbs = verbsOf(clouds[withApi ? 1 : 0]!, resource)
    await later(() => ask(verbs, verb, uuid, input, said))
    judged.check()
    if (judged.asked.some(([, { text }]) => text.includes(SECRET)))
      throw new Error('a value stands in a statement')
    slowest = Math.max(slowest, performance.now() - started)
  }),
  { numRuns: inputs, seed },
)
for (const cells of clouds) await cells.close()
console.log(
  JSON.stringify({
    tally,
    statements: judged.total,
    slowest: Math.round(slowest),
    failures: failureOf(failure),
  }),
)
