import type { Cell } from '../cells/cell.js'
import { InvalidOptionError, UnknownOptionError } from '../errors.js'
import { instances } from '../resources/instances.js'
import { given, isPlain } from '../validation/normal-form.js'
import { type RequestOptions, type Validator, validatorOf } from '../validation/validator.js'
import { type About, announced } from './announce.js'
import { DEADLINE_MS, type Deadline, openDeadline } from './deadline.js'
import type { CellReport, RollCall } from './roll-call.js'

/** What may be said beside a question about the cells themselves. */
export type AskOptions = Pick<RequestOptions, 'signal' | 'deadline'>

/** One cell's part in an answer about the cells themselves. */
export type CellAnswer = Omit<CellReport, 'rows' | 'fetched' | 'undecodable'>

/** Who can be asked. */
export interface Shared {
  readonly cells: readonly Cell[]
  /** The API database as a cell; undefined without one. */
  readonly api: Cell | undefined
}

let compiled: Validator | undefined

/** Checks scopes as every other verb of the instances does. */
export const validator = (): Validator => {
  compiled ??= validatorOf(instances, 1)
  return compiled
}

/**
 * An object's members that are given.
 *
 * @throws {@link UnknownOptionError} when it has one that this verb does not take
 * @throws {@link InvalidOptionError} when it is no object
 */
export const membersOf = (
  verb: string,
  input: unknown,
  members: readonly string[],
): Record<string, unknown> => {
  if (!isPlain(input)) throw new InvalidOptionError('', 'got something else', 'an object')
  const known = given(input)
  const unknown = Object.keys(known).find(member => !members.includes(member))
  if (unknown !== undefined)
    throw new UnknownOptionError(`/${unknown}`, `${verb} does not take it`, `one of ${members.join(', ')}`)
  return known
}

/** @throws a subclass of InvalidInputError */
export const checkOptions = (verb: string, input: unknown = {}): AskOptions =>
  validator().options(membersOf(verb, input, ['signal', 'deadline']))

/** What a question about the cells themselves is about. */
export const THEMSELVES = { resource: 'cells', scope: 'all' } as const

/** Does the work in its time. What is under way then is given up, its connections with it. */
export const inTime = async <T>(
  about: Omit<About, 'signal'>,
  { deadline: milliseconds = DEADLINE_MS, signal }: AskOptions,
  roll: RollCall,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> =>
  announced({ ...about, signal }, async request => {
    request?.asks(roll)
    const deadline = openDeadline(milliseconds, signal, request)
    try {
      return await work(deadline)
    } finally {
      deadline.stop()
    }
  })

/** Asks all of these cells at once. Undefined for those that are out of this answer. */
export const askAll = <T>(
  cells: readonly Cell[],
  roll: RollCall,
  ask: (cell: Cell) => Promise<T>,
): Promise<(T | undefined)[]> =>
  Promise.all(
    cells.map(async cell => {
      try {
        const answer = await ask(cell)
        roll.answered(cell, 0)
        return answer
      } catch (error) {
        roll.down(cell, error)
        return undefined
      }
    }),
  )

/** What each cell did, without what only pages have. */
export const answers = (roll: RollCall): CellAnswer[] =>
  roll.report().map(({ rows, fetched, undecodable, ...answer }) => answer)
