import { API_DATABASE } from '../cells/build-requests.js'
import type { CellName } from '../cells/cell.js'
import type { Tenant } from '../cells/instance-mappings.js'
import type { CheckedQuery } from '../validation/validator.js'
import type { Deadline } from './deadline.js'
import { type RollCall, rollCall } from './roll-call.js'
import { ofInstances, type Sources } from './sources.js'

/** Everybody that a request over these sources may ask. */
export const names = ({ cells, instances }: Sources): readonly CellName[] =>
  instances === undefined ? cells : [...cells, API_DATABASE]

/** The cells that a request asks, and its roll call. */
export interface Mustered {
  readonly asked: Sources
  readonly roll: RollCall
}

/**
 * The cells that a request asks, and its roll call: all of them, or only those that the scope has instances in. When the
 * API database does not say which, it is all of them.
 */
export const muster = async (all: Sources, query: CheckedQuery, deadline: Deadline): Promise<Mustered> => {
  const mustered = await whoIsAsked(all, query, deadline)
  deadline.request?.asks(mustered.roll)
  return mustered
}

const whoIsAsked = async (all: Sources, { scope }: CheckedQuery, deadline: Deadline): Promise<Mustered> => {
  const instances = ofInstances(all)
  if (!instances?.projectCells || scope === 'all') return { asked: all, roll: rollCall(names(all)) }
  const [[column, id]] = Object.entries(scope) as [[Tenant['column'], string]]
  try {
    const own = await instances.mappings.cellsOf({ column, id }, deadline.part())
    const asked = { ...all, cells: all.cells.filter(({ uuid }) => own.has(uuid)) }
    return { asked, roll: rollCall(names(asked)) }
  } catch (error) {
    const roll = rollCall(names(all))
    roll.down(API_DATABASE, error)
    return { asked: all, roll }
  }
}
