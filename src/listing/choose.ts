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
  const { indexed } = resource
  const tests = current && testsOf(current.frame, [...query.tenant, ...query.filters, ...query.flags])
  const unserved =
    current === undefined || tests === undefined
      ? []
      : [
          ...('unserved' in tests ? tests.unserved : []),
          ...query.include.filter(name => !indexed!.relations.includes(name)),
          ...(termsOf(current.frame, sortColumns(resource, query.sort)) === undefined ? ['sort'] : []),
        ]
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
    cheap: indexed?.ordered.includes(query.sort[0]!.key) === true && query.filters.every(isCheap),
    cellDown: cells.some(cell => cell.breaker()?.state === 'open'),
  }
  const decision = decide(choice)
  const request =
    index && current && tests && 'tests' in tests && unserved.length === 0
      ? { index, current, tests: tests.tests }
      : undefined
  return { decision, unserved, request }
}

/** Whether a cell judges it by the row alone, and most rows need not be looked at or are found. */
const isCheap = (condition: Condition): boolean => {
  if ('anyOf' in condition) return condition.anyOf.flat().every(isCheap)
  return 'column' in condition && condition.op !== 'contains' && condition.op !== 'like'
}
