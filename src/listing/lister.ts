import type { Resource } from '../resources/resource.js'
import type { Validator } from '../validation/validator.js'
import type { Count, Lister } from './answer.js'
import { choose } from './choose.js'
import { countGroups, type Group } from './count.js'
import { type Explained, explainPage } from './explain.js'
import { get } from './get.js'
import { countInIndex } from './index-count.js'
import { iterate } from './iterate.js'
import { muster } from './muster.js'
import { groupColumns } from './order.js'
import { late, list, pages } from './pages.js'
import { planFor } from './plan.js'
import { requestsFor, within, withPolicy } from './requests.js'
import { search } from './search.js'
import type { Sources } from './sources.js'

/** The verbs over some cells. `sources` throws when they are closed. */
export const createLister = <R extends Resource>(
  resource: R,
  validator: Validator,
  sources: () => Sources,
): Lister<R> => {
  const requests = requestsFor(resource, validator, sources)

  const count = async (input: unknown, given: unknown): Promise<Count<Group>> => {
    const options = validator.options(given)
    const all = sources()
    const query = withPolicy(all, validator.query('count', input), options)
    return within(requests, 'count', query, options, async deadline => {
      const indexed = await countInIndex(all, query, options, deadline)
      if (indexed !== undefined) return indexed
      const { asked, roll } = await muster(all, query, deadline)
      const sort = groupColumns(asked.resource, query.groupBy)
      const plan = await planFor(asked, query, sort, undefined, roll, deadline)
      const groups = await countGroups(plan, asked.instances?.mappings, roll, deadline)
      if (options.downCells === 'fail') roll.requireComplete()
      const total = groups.reduce((sum, group) => sum + group.count, 0)
      return { count: total, groups, complete: roll.complete, cells: roll.report(), source: 'cells' as const }
    })
  }

  const explain = async (input: unknown, given: unknown): Promise<Explained> => {
    const query = validator.query('explain', input)
    const options = validator.options(given)
    const all = sources()
    return within(requests, 'explain', query, options, async deadline => {
      const { decision, unserved } = await choose(all, query, options, deadline)
      const said = { ...decision, unserved }
      if (query.limit === 0) return { decision: said, complete: true, cells: [] }
      const { asked, roll } = await muster(all, query, deadline)
      const cells = await explainPage(asked, query, roll, deadline)
      if (options.downCells === 'fail') roll.requireComplete()
      return { decision: said, complete: roll.complete, cells }
    })
  }

  return {
    list: (input: unknown, given: unknown) => list(requests, input, given),
    pages: (input: unknown, given: unknown) => pages(requests, input, given),
    iterate: (input: unknown, given: unknown) => iterate(requests, input, given),
    get: (uuid: unknown, input: unknown, given: unknown) => get(requests, uuid, input, given),
    catchUp: (input: unknown, given: unknown) => late(requests, input, given),
    count,
    explain,
    ...(resource.indexed && { search: (input: unknown, given: unknown) => search(requests, input, given) }),
  } as unknown as Lister<R>
}
