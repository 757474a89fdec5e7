import { MAPPED } from '../cells/stub-cell.js'
import type { Condition } from '../sql/condition.js'
import type { CheckedQuery } from '../validation/validator.js'
import type { AnyItem } from './record.js'
import { ofInstances, type Sources } from './sources.js'

const canJudge = (condition: Condition): boolean => {
  if ('anyOf' in condition) return condition.anyOf.flat().every(canJudge)
  return 'column' in condition && condition.column in MAPPED
}

/**
 * Whether instance mappings can stand for the rows of a cell that is down: they are of instances, and they know everything that the
 * filters ask about. What they do not know is not guessed: a filter by state has no stubs at all.
 */
export const canStub = (sources: Sources, { filters }: CheckedQuery): boolean =>
  ofInstances(sources) !== undefined && filters.every(canJudge)

/** What a mapping would say of a record; the rest is null. */
export const stubOf = ({ cell, undecodable, ...item }: AnyItem): AnyItem => ({
  ...Object.fromEntries(Object.entries(item).map(([name, value]) => [name, name in MAPPED ? value : null])),
  cell: cell!,
  stub: true,
})

/** What a mapping has as the instance itself has it. Their times of creation are some seconds apart. */
const EXACT = new Set(['uuid', 'project_id', 'user_id'])

/** Whether a mapping knows exactly where its instance stands in an order. */
export const isPlaced = (sort: readonly { readonly column: string }[]): boolean => {
  const unique = sort.findIndex(({ column }) => column === 'uuid')
  return unique >= 0 && sort.slice(0, unique).every(({ column }) => EXACT.has(column))
}
