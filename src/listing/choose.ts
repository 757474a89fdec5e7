import { IndexError, IndexUnavailableError } from '../errors.js'
import type { Frame } from '../search/frame.js'
import { type Choice, type Decision, decide } from '../search/planner.js'
import { testsOf } from '../search/tests.js'
import type { Condition } from '../sql/condition.js'
import type { CheckedQuery, RequestOptions } from '../validation/validator.js'
import type { Deadline } from './deadline.js'
import { termsOf } from './index-rows.js'
import type { IndexRequest } from './indexed-scan.js'
import { sortColumns } from './order.js'
import type { Sources } from './sources.js'

/** Who answers, and what an index would be asked; undefined where it can't be. */
export interface Chosen {
  readonly decision: Decision
  /** What only the cells can judge. */
  readonly unserved: readonly string[]
  readonly request: Omit<IndexRequest, 'overlay'> | undefined
}

/** Decides who answers a query. */
export const choose = async (
  { resource, cells, index }: Sources,
  query: CheckedQuery,
  { source = 'auto', maxStaleness }: RequestOptions,
  deadline: Deadline,
): Promise<Chosen> => {
  const current = source === 'cells' ? undefined : await index?.current(deadline.part())
  const asked = current && askedOf(current.frame, query)
  const unserved = asked === undefined ? [] : asked.unserved
  const choice: Choice = {
    source,
    maxStaleness,
    unserved,
    state: index === undefined ? 'none' : index.state(current),
    age:
      current === undefined
        ? Number.POSITIVE_INFINITY
        : index!.age(
            current,
            cells.map(({ uuid }) => uuid),
          ),
    // Of nobody but an index that can be asked is it worth a look.
    cheap:
      asked !== undefined &&
      resource.indexed!.ordered.includes(query.sort[0]!.key) &&
      query.filters.every(isCheap),
    cellDown: asked !== undefined && cells.some(cell => cell.breaker()?.state === 'open'),
  }
  const decision = decide(choice)
  const request = index && current && asked && unserved.length === 0 ? { index, current, ...asked } : undefined
  return { decision, unserved, request }
}

/** @throws IndexUnavailableError where the index fails */
export const requireIndex = async <T>(ask: () => Promise<T>): Promise<T> => {
  try {
    return await ask()
  } catch (error) {
    throw error instanceof IndexError ? new IndexUnavailableError('index-down', [], { cause: error }) : error
  }
}

/** The same where the caller wants the index alone; otherwise undefined, and the cells answer. */
export const askIndex = async <T>(
  { source }: RequestOptions,
  ask: () => Promise<T | undefined>,
): Promise<T | undefined> => {
  try {
    return await requireIndex(ask)
  } catch (error) {
    if (source !== 'index' && error instanceof IndexUnavailableError) return undefined
    throw error
  }
}

/** What an index would be asked, and what of it only the cells can judge. */
const askedOf = (
  frame: Frame,
  { tenant, filters, flags, include, sort }: CheckedQuery,
): Pick<IndexRequest, 'tests' | 'terms'> & { readonly unserved: readonly string[] } => {
  const { resource } = frame
  const judged = testsOf(frame, [...tenant, ...filters, ...flags])
  const terms = termsOf(frame, sortColumns(resource, sort))
  const unserved = [
    ...('unserved' in judged ? judged.unserved : []),
    ...include.filter(name => !resource.indexed!.relations.includes(name)),
    ...(terms === undefined ? ['sort'] : []),
  ]
  return { tests: 'tests' in judged ? judged.tests : [], terms: terms ?? [], unserved }
}

/** Whether a cell judges it by the row alone, and most rows need not be looked at or are found. */
const isCheap = (condition: Condition): boolean => {
  if ('anyOf' in condition) return condition.anyOf.flat().every(isCheap)
  return 'column' in condition && condition.op !== 'contains' && condition.op !== 'like'
}
