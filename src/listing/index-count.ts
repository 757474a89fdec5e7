import { IndexError, IndexUnavailableError, TooManyGroupsError } from '../errors.js'
import type { Kept } from '../search/document.js'
import type { Group as IndexGroup } from '../search/search-index.js'
import type { CheckedQuery, RequestOptions } from '../validation/validator.js'
import type { Count } from './answer.js'
import { asOfThen } from './as-of.js'
import { choose } from './choose.js'
import { type Group, MAX_GROUPS } from './count.js'
import type { Deadline } from './deadline.js'
import { ofCells } from './index-rows.js'
import { muster } from './muster.js'
import type { Sources } from './sources.js'

/** Counts in the index, where it may answer as it is; undefined where the cells have to. */
export const countInIndex = async (
  all: Sources,
  query: CheckedQuery,
  options: RequestOptions,
  deadline: Deadline,
): Promise<Count<Group> | undefined> => {
  const { decision, unserved, request } = await choose(all, query, options, deadline)
  const keys = query.groupBy.filter(key => !request?.current.frame.keyOf(key))
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
  try {
    const found = await index.ask(
      one => one.tally(current.generation, wanted, query.groupBy, MAX_GROUPS, signal),
      signal,
    )
    if (found.length > MAX_GROUPS) throw new TooManyGroupsError(MAX_GROUPS)
    const columns = Object.keys(all.resource.columns)
    const groups = found.map(group => groupOf(group, query.groupBy, columns))
    return {
      count: groups.reduce((sum, { count }) => sum + count, 0),
      groups,
      complete: true,
      cells: asOfThen(roll.report(), current),
      source: 'index',
    }
  } catch (error) {
    if (!(error instanceof IndexError)) throw error
    if (options.source === 'index') throw new IndexUnavailableError('index-down', [], { cause: error })
    return undefined
  }
}

/** A group as its first record writes the values. */
const groupOf = ({ count, record }: IndexGroup, keys: readonly string[], columns: readonly string[]): Group => {
  const { c } = JSON.parse(record) as Kept
  return { ...Object.fromEntries(keys.map(key => [key, c[columns.indexOf(key)]!])), count } as Group
}
