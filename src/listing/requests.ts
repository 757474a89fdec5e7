import type { Bookmark } from '../engine/cursor.js'
import { InvalidOptionError } from '../errors.js'
import type { Resource } from '../resources/resource.js'
import type { CheckedQuery, RequestOptions, Validator } from '../validation/validator.js'
import { type About, announced } from './announce.js'
import { DEADLINE_MS, type Deadline, openDeadline } from './deadline.js'
import { muster } from './muster.js'
import { openScan } from './reading.js'
import type { RollCall } from './roll-call.js'
import type { Chunk } from './scan.js'
import { ofInstances, type Sources } from './sources.js'
import { canStub } from './stub.js'

/** What all verbs of a lister share. */
export interface Requests {
  readonly validator: Validator
  /** Throws when the cells are closed. */
  readonly sources: () => Sources
  /** What a request is, for those who listen. */
  readonly about: (
    verb: About['verb'],
    query: Pick<CheckedQuery, 'scope'>,
    signal: AbortSignal | undefined,
  ) => About
}

export const requestsFor = (resource: Resource, validator: Validator, sources: () => Sources): Requests => ({
  validator,
  sources,
  about: (verb, { scope }, signal) => ({ verb, resource: resource.name, scope, signal }),
})

/** Does the work of a request in its time. */
export const within = <T>(
  { about }: Requests,
  verb: About['verb'],
  query: CheckedQuery,
  { deadline: milliseconds = DEADLINE_MS, signal }: RequestOptions,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> =>
  announced(about(verb, query, signal), async request => {
    const deadline = openDeadline(milliseconds, signal, request)
    try {
      return await work(deadline)
    } finally {
      deadline.close()
    }
  })

/** The first records of a query, and who gave them. */
export interface Answer {
  readonly chunk: Chunk
  readonly roll: RollCall
  readonly began: Bookmark | undefined
}

/** Asks for the first records of a query, behind where it is known to start. */
export const firstOf = async (
  all: Sources,
  query: CheckedQuery,
  known: Bookmark | undefined,
  deadline: Deadline,
): Promise<Answer> => {
  const { asked, roll } = await muster(all, query, deadline)
  const { scan, began } = await openScan(asked, query, known, roll, deadline)
  return { chunk: await scan.next(query.limit, deadline), roll, began }
}

/** The query, with what becomes of the records of cells that are down. */
export const withPolicy = (all: Sources, query: CheckedQuery, { downCells }: RequestOptions): CheckedQuery => {
  if (downCells !== 'stub') return query
  if (ofInstances(all) === undefined)
    throw new InvalidOptionError(
      '/downCells',
      `nothing stands for ${all.resource.name}`,
      "'omit' or 'fail'; 'stub' is for instances, with an API database",
    )
  return { ...query, stubs: canStub(all, query) }
}
