import { API_DATABASE, buildRequestCell } from '../cells/build-requests.js'
import type { Cell, CellName } from '../cells/cell.js'
import type { SortColumn } from '../cells/key-plan.js'
import { stubCells } from '../cells/stub-cell.js'
import type { TableSchema } from '../cells/table-schema.js'
import type { CheckedQuery } from '../validation/validator.js'
import { cellDown } from './ask-cell.js'
import type { Deadline } from './deadline.js'
import type { Look, SeenCell } from './look.js'
import type { RollCall } from './roll-call.js'
import { ofInstances, type Sources } from './sources.js'
import { isPlaced } from './stub.js'

/** The API database in the place of cells; each takes the order of the others. */
export interface StandIns {
  /** The build requests, where they are listed. */
  readonly requests: SeenCell | undefined
  /** The instance mappings, where they may be needed for a cell that is down. */
  readonly mappings: (SeenCell & { readonly cellFor: CellFor }) | undefined
}

/** What stands for a cell that is down. */
export type CellFor = (cell: CellName) => Cell

/**
 * Looks at what the API database has in the place of cells.
 *
 * @param marker - where its marker is may have to be looked up
 * @param model - what the instances look like in a cell
 */
export const standIns = async (
  sources: Sources,
  query: CheckedQuery,
  sort: readonly SortColumn[],
  marker: boolean,
  model: TableSchema | undefined,
  look: Look,
  roll: RollCall,
  deadline: Deadline,
): Promise<StandIns> => {
  const { resource, api } = sources
  const instances = ofInstances(sources)
  const seen = async <T>(
    make: () => Promise<T>,
    cellOf: (made: T) => Cell,
  ): Promise<(SeenCell & { made: T }) | undefined> => {
    try {
      const made = await make()
      const cell = await look(cellOf(made))
      return cell && { ...cell, made, follows: true }
    } catch (error) {
      cellDown(roll, API_DATABASE, query, error)
      return undefined
    }
  }
  if (api === undefined || instances === undefined) return { requests: undefined, mappings: undefined }
  const [requests, mappings] = await Promise.all([
    instances.buildRequests === 'none'
      ? undefined
      : seen(
          () => buildRequestCell(api, resource, model, deadline.part()),
          cell => cell,
        ),
    query.stubs || (marker && isPlaced(sort))
      ? seen(
          () => stubCells(api, resource, model, deadline.part()),
          cellFor => cellFor(API_DATABASE),
        )
      : undefined,
  ])
  return { requests, mappings: mappings && { ...mappings, cellFor: mappings.made } }
}
