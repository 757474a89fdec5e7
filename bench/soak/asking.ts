import { type Cells, CellsUnavailableError, type CrosscellError } from '../../src/index.js'
import type { Chronicle } from './chronicle.js'
import type { Judge, Policy } from './judge.js'
import type { Model, Question } from './model.js'
import type { Random } from './random.js'

/** What is known of all requests together. */
export interface Tally {
  /** How many of each kind. */
  readonly counts: Map<string, number>
  /** What is wrong, in words; the first of them. */
  readonly wrong: string[]
  wrongs: number
  /** Milliseconds that the latest answer came after its deadline, beyond what the process itself stood still. */
  latest: number
}

/** What a worker works with. */
export interface Work {
  readonly cells: Cells
  /** The same cells, asked by another process as it were: it remembers no page of the first. */
  readonly stranger: Cells
  readonly model: Model
  readonly questions: readonly Question[]
  readonly projects: readonly string[]
  readonly judge: Judge
  readonly chronicle: Chronicle
  readonly random: Random
  readonly tally: Tally
  /** What all requests are asked with. It never aborts. */
  readonly life: AbortSignal
  /** No more is to be asked. */
  readonly over: AbortSignal
}

const SHOWN = 20
const LATE_MS = 100

export const count = ({ counts }: Tally, what: string): void => {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}

export const report = (tally: Tally, what: string, wrong: readonly string[]): void => {
  tally.wrongs += wrong.length
  for (const one of wrong) {
    if (tally.wrong.length === SHOWN) return
    tally.wrong.push(`${what}: ${one}`)
    console.log(`WRONG ${what}: ${one}`)
  }
}

/** What came of one request. */
export interface Came<T> {
  readonly answer: T | undefined
  readonly started: number
  readonly ended: number
}

/**
 * Asks, in its time. An error is right where it names somebody who is in trouble, or where `expected` knows it; then there is no answer.
 */
export const ask = async <T>(
  { tally, chronicle, judge, random, life }: Work,
  verb: string,
  deadline: number,
  run: (options: { readonly deadline: number; readonly signal: AbortSignal }) => Promise<T>,
  expected: (error: unknown) => boolean = () => false,
): Promise<Came<T>> => {
  // Some callers go away before they have their answer.
  const away = random.chance(0.05) ? AbortSignal.timeout(random.between(1, 100)) : undefined
  const signal = away === undefined ? life : AbortSignal.any([life, away])
  const started = performance.now()
  const came = (answer: T | undefined): Came<T> => {
    const ended = performance.now()
    const late = ended - started - deadline - chronicle.stalled(started, ended)
    tally.latest = Math.max(tally.latest, late)
    if (late > LATE_MS) report(tally, verb, [`${Math.round(late)} ms late`])
    return { answer, started, ended }
  }
  count(tally, verb)
  try {
    return came(await run({ deadline, signal }))
  } catch (error) {
    const result = came(undefined)
    if (signal.aborted && error === signal.reason) count(tally, 'gone')
    else if (expected(error)) count(tally, (error as CrosscellError).code)
    else if (error instanceof CellsUnavailableError) {
      count(tally, error.code)
      for (const { name, reason } of error.cells) judge.suspect(name, reason, started, result.ended)
    } else report(tally, verb, [`${error instanceof Error ? error.stack : error}`])
    return result
  }
}

export const policyOf = (random: Random): Policy => random.pick(['omit', 'omit', 'stub', 'fail'] as const)

export const deadlineOf = (random: Random): number => random.pick([300, 500, 1_000, 1_500])
