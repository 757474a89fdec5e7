import t from 'tap'
import { seed } from '../fixtures/seed.js'
import { effort } from './fixtures/effort.js'
import type { Tally } from './fixtures/outcome.js'
import { inOwnProcess } from './fixtures/own-process.js'

/**
 * Whatever is given to the library, it is an answer or an error that says where and what, shows no value and changes no prototype; and
 * every statement that is sent is one that the library may send, with every value bound.
 */
const QUERIES = effort(25_000, 1_000_000)
const OTHERS = effort(75_000, 1_000_000)

interface Outcome {
  readonly tally: Readonly<Record<string, number | Tally>>
  readonly statements: number
  readonly failures: readonly string[]
}

for (const [what, file, inputs] of [
  ['queries and options', 'queries.ts', QUERIES],
  ['cursors, markers, URLs, configurations, definitions and command lines', 'inputs.ts', OTHERS],
] as const)
  t.test(`${inputs} ${what}`, async t => {
    const { failures, ...rest } = await inOwnProcess<Outcome>(file, { INPUTS: inputs, FC_SEED: seed })
    t.comment(JSON.stringify(rest))
    t.same(failures, [])
    t.ok(rest.statements > inputs / 20, 'many of them came as far as the databases')
  })
