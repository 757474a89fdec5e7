import type { Bookmark, Position } from '../engine/cursor.js'
import type { CheckedQuery } from '../validation/validator.js'
import type { Deadline } from './deadline.js'
import { lookUpMarker } from './marker.js'
import { sortColumns } from './order.js'
import { type Plan, planFor } from './plan.js'
import type { RollCall } from './roll-call.js'
import { ofInstances, type Sources } from './sources.js'

/** A request that is ready to ask its cells. */
export interface Start {
  readonly plan: Plan
  /** Where the rows begin; undefined at the first. */
  readonly from: Position | undefined
}

/** Plans a query, and finds where it starts unless that is `known`. `toTheEnd`: every row will be wanted. */
export const startOf = async (
  sources: Sources,
  query: CheckedQuery,
  known: Bookmark | undefined,
  roll: RollCall,
  deadline: Deadline,
  toTheEnd = false,
): Promise<Start> => {
  const sort = sortColumns(sources.resource, query.sort)
  const plan = await planFor(sources, query, sort, known, roll, deadline, toTheEnd)
  if (query.marker === undefined || known !== undefined) return { plan, from: known }
  const { mappings } = ofInstances(sources) ?? {}
  return { plan, from: await lookUpMarker(plan, mappings, query.marker, roll, deadline) }
}
