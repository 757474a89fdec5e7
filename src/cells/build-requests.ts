import type { Resource } from '../resources/resource.js'
import { toBuildRequests } from './build-request-tables.js'
import type { Cell, CellName } from './cell.js'
import { bestCollation, lengthIn, standIn, uniformColumns } from './stand-in.js'
import type { TableSchema } from './table-schema.js'

/** The API database in the place of a cell: where build requests are, the instances that have no cell yet. */
export const API_DATABASE: CellName = { uuid: 'api', name: 'nova_api' }

/**
 * The build requests as a cell.
 *
 * @param model - what the instances look like in a cell; the build requests compare as they do, where the server can
 */
export const buildRequestCell = async (
  api: Cell,
  resource: Resource,
  model: TableSchema | undefined,
  signal: AbortSignal,
): Promise<Cell> => {
  const collation = await bestCollation(api, model, signal)
  const lengthOf = lengthIn(model)
  return standIn(api, {
    cell: API_DATABASE,
    table: resource.table,
    columns: uniformColumns(resource, collation, lengthOf),
    behindTables: toBuildRequests(resource, collation, lengthOf),
  })
}
