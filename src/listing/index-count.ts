import { IndexUnavailableError, TooManyGroupsError } from '../errors.js'
import type { Kept } from '../search/document.js'
import { type Frame, keyOrNull } from '../search/frame.js'
import type { Group as IndexGroup } from '../search/search-index.js'
import { encode } from '../sql/codec.js'
import type { CheckedQuery, RequestOptions } from '../validation/validator.js'
import type { Count } from './answer.js'
import { asOfThen } from './as-of.js'
import { askIndex, choose } from './choose.js'
import { countGroups, type Group, MAX_GROUPS } from './count.js'
import type { Deadline } from './deadline.js'
import { ofCells } from './index-rows.js'
import { muster } from './muster.js'
import { groupColumns } from './order.js'
import { planFor } from './plan.js'
import type { RollCall } from './roll-call.js'
import type { Sources } from './sources.js'

/** Counts in the index, where it may answer as it is; undefined where the cells have to. */
export const countInIndex = async (
  all: Sources,
  query: CheckedQuery,
  options: RequestOptions,
  deadline: Deadline,
): Promise<Count<Group> | undefined> => {
  const { decision, unserved, request } = await choose(all, query, options, deadline)
  const keys = request === undefined ? [] : query.groupBy.filter(key => !request.current.frame.keyOf(key))
  if (decision.from === 'nobody' || (options.source === 'index' && keys.length > 0))
    throw new IndexUnavailableError(decision.from === 'nobody' ? decision.reason : 'unserved', [
      ...unserved,
      ...keys,
    ])
  // What has changed since can't be added to a count.
  if (request === undefined || keys.length > 0 || decision.from === 'cells' || decision.overlay)
    return undefined
  const { index, current, tests } = request
  const { asked, roll } = await muster(all, query, deadline)
  const signal = deadline.part()
  const wanted = { where: [...tests, ofCells(asked.cells)] }
  return askIndex(options, async () => {
    const found = await index.ask(
      one => one.tally(current.generation, wanted, query.groupBy, MAX_GROUPS, signal),
      signal,
    )
    if (found.length > MAX_GROUPS) throw new TooManyGroupsError(MAX_GROUPS)
    deadline.request?.indexed()
    const columns = Object.keys(all.resource.columns)
    const requests = await requestsOf(asked, query, roll, deadline)
    const groups = addedUp(current.frame, query.groupBy, [
      ...found.map(group => groupOf(group, query.groupBy, columns)),
      ...requests,
    ])
    return {
      count: groups.reduce((sum, { count }) => sum + count, 0),
      groups,
      complete: roll.complete,
      cells: asOfThen(roll.report(), current),
      source: 'index' as const,
    }
  })
}

/** A group as its first record writes the values. */
const groupOf = ({ count, record }: IndexGroup, keys: readonly string[], columns: readonly string[]): Group => {
  const { c } = JSON.parse(record) as Kept
  return { ...Object.fromEntries(keys.map(key => [key, c[columns.indexOf(key)]!])), count } as Group
}

/** What has no cell yet is in no index. */
const requestsOf = async (
  sources: Sources,
  query: CheckedQuery,
  roll: RollCall,
  deadline: Deadline,
): Promise<readonly Group[]> => {
  const sort = groupColumns(sources.resource, query.groupBy)
  const plan = await planFor({ ...sources, cells: [] }, query, sort, undefined, roll, deadline)
  return plan.cells.length === 0 ? [] : countGroups(plan, undefined, roll, deadline)
}

/** Groups whose values the cells hold for equal are one. */
const addedUp = ({ resource, keyOf }: Frame, keys: readonly string[], groups: readonly Group[]): Group[] => {
  const sums = new Map<string, Group>()
  for (const group of groups) {
    const key = JSON.stringify(
      keys.map(column => keyOrNull(keyOf(column)!, encode(resource.columns[column]!.kind, group[column]!))),
    )
    const known = sums.get(key)
    sums.set(key, known === undefined ? group : { ...known, count: known.count + group.count })
  }
  return [...sums.values()]
}
