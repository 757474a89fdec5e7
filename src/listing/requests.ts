import type { Bookmark } from '../engine/cursor.js'
import { IndexUnavailableError, InvalidOptionError } from '../errors.js'
import type { Resource } from '../resources/resource.js'
import type { Current } from '../search/open-index.js'
import type { CheckedQuery, RequestOptions, Validator } from '../validation/validator.js'
import { type About, announced } from './announce.js'
import { askIndex, choose } from './choose.js'
import { DEADLINE_MS, type Deadline, openDeadline } from './deadline.js'
import { type IndexRequest, openIndexedScan } from './indexed-scan.js'
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
  /** The index that answered; undefined when the cells did. */
  readonly from?: Current
}

/**
 * Asks for the first records of a query, behind where it is known to start: the index where that is better, or else the cells. What a
 * cell that is down would have given, the index gives where records may stand for others.
 */
export const firstOf = async (
  all: Sources,
  query: CheckedQuery,
  known: Bookmark | undefined,
  options: RequestOptions,
  deadline: Deadline,
): Promise<Answer> => {
  const chosen = await choose(all, query, options, deadline)
  const { decision, unserved } = chosen
  if (decision.from === 'nobody') throw new IndexUnavailableError(decision.reason, unserved)
  const inTime = (overlay: boolean): Promise<Answer | undefined> =>
    ofIndex(all, query, known, options, { ...chosen.request!, overlay }, deadline)
  const indexed = decision.from === 'index' ? await inTime(decision.overlay) : undefined
  if (indexed !== undefined) return indexed
  const answer = await firstOfCells(all, query, known, deadline)
  const instead =
    options.downCells === 'stub' && !answer.roll.complete && chosen.request && (await inTime(true))
  return instead || answer
}

/** Undefined where the cells have to answer. */
const ofIndex = (
  all: Sources,
  query: CheckedQuery,
  known: Bookmark | undefined,
  options: RequestOptions,
  request: IndexRequest,
  deadline: Deadline,
): Promise<Answer | undefined> =>
  askIndex(options, async () => {
    // Records stand for records: no mapping has to.
    const whole = { ...query, stubs: false }
    const { asked, roll } = await muster(all, whole, deadline)
    const begun = await openIndexedScan(asked, whole, known, request, roll, deadline)
    if (begun === undefined) throw new IndexUnavailableError('unserved', ['marker or cursor'])
    const chunk = await begun.scan.next(query.limit, deadline)
    deadline.request?.indexed()
    return { began: begun.began, chunk, roll, from: request.current }
  })

/** The same of the cells alone. */
export const firstOfCells = async (
  all: Sources,
  query: CheckedQuery,
  known: Bookmark | undefined,
  deadline: Deadline,
): Promise<Answer> => {
  const { asked, roll } = await muster(all, query, deadline)
  const { scan, began } = await openScan(asked, query, known, roll, deadline)
  return { chunk: await scan.next(query.limit, deadline), roll, began }
}

/** Options of a verb that only the cells answer. */
export const cellsOnly = (verb: string, options: RequestOptions): RequestOptions => {
  if (options.source !== 'index') return options
  throw new InvalidOptionError('/source', `only the cells answer ${verb}`, "'auto' or 'cells'")
}

/** The query, with what becomes of the records of cells that are down. */
export const withPolicy = (all: Sources, query: CheckedQuery, { downCells }: RequestOptions): CheckedQuery => {
  if (downCells !== 'stub') return query
  if (ofInstances(all) === undefined && all.index === undefined)
    throw new InvalidOptionError(
      '/downCells',
      `nothing stands for ${all.resource.name}`,
      "'omit' or 'fail'; 'stub' is for instances, with an API database or an index",
    )
  return { ...query, stubs: canStub(all, query) }
}
