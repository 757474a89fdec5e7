import { API_DATABASE } from '../cells/build-requests.js'
import type { Cell } from '../cells/cell.js'
import { fixed } from '../cells/cell-source.js'
import type { InstanceMappings } from '../cells/instance-mappings.js'
import type { Bookmark, Position } from '../engine/cursor.js'
import { InvalidCursorError, InvalidMarkerError, MarkerNotFoundError } from '../errors.js'
import { join, name, sql } from '../sql/fragment.js'
import type { CheckedQuery } from '../validation/validator.js'
import { askCell, cellDown } from './ask-cell.js'
import { positionIn } from './cell-query.js'
import type { Deadline } from './deadline.js'
import { askHome } from './home.js'
import { recallMarker } from './marker-cache.js'
import type { Asked, Plan } from './plan.js'
import type { RollCall } from './roll-call.js'
import type { Sources } from './sources.js'

/** Where a query starts as far as that is known without asking a cell. */
export const knownStart = (
  { cursors, markers }: Pick<Sources, 'cursors' | 'markers'>,
  query: CheckedQuery,
): Bookmark | undefined => {
  if (query.marker !== undefined) return recallMarker(markers, query, query.marker)
  if (query.cursor === undefined) return undefined
  const bookmark = cursors.open(query.binding, query.cursor)
  if (bookmark !== undefined) return bookmark
  throw new InvalidCursorError(
    '/cursor',
    'it is not one of this query',
    'the `next` of a page of the same query',
  )
}

/**
 * Asks for the marker's sort values: the cell that its instance mapping names, or else every cell. The scope applies:
 * another tenant's record is as unknown as one that never was. Filters do not: the record may have left them since.
 *
 * @throws {@link MarkerNotFoundError} when every cell answered and none has it
 * @throws {@link InvalidMarkerError} when several have it, and nothing says which copy the page ended with
 * @throws CellsUnavailableError when it may be in a cell that did not answer
 */
export const lookUpMarker = async (
  plan: Plan,
  mappings: InstanceMappings | undefined,
  marker: string,
  roll: RollCall,
  deadline: Deadline,
): Promise<Position> => {
  const { resource } = plan
  const find = async (cell: Cell, asked: Asked): Promise<Position | undefined> => {
    const { keys, tenant } = asked
    const statement = sql`SELECT ${join(keys.select, ', ')} FROM ${name(resource.table)} WHERE ${name(resource.uuid!)} = ${marker} AND ${tenant}`
    const [row] = fixed((await askCell(cell, statement, plan.query, roll, deadline)) ?? [], keys)
    return row && positionIn(plan, row, asked)
  }
  const inCell = async (index: number): Promise<Position | undefined> =>
    find(plan.cells[index]!.cell, plan.cells[index]!)
  const inHome = async (home: string): Promise<Position | undefined> => {
    const index = plan.cells.findIndex(({ cell }) => cell.uuid === home)
    return index < 0 ? undefined : inCell(index)
  }
  const failed = (error: unknown): void => cellDown(roll, API_DATABASE, plan.query, error)
  const atHome = mappings && (await askHome(mappings, marker, plan.query.scope, deadline, failed, inHome))
  if (atHome?.said !== undefined) return atHome.said
  const home = plan.homes.find(({ uuid }) => uuid === atHome?.home)
  if (home !== undefined && roll.isDown(home)) {
    const { mappings } = plan
    const said = mappings && (await find(mappings.cellFor(home), mappings))
    if (said !== undefined) return said
    // Another cell may have a copy of it that is not the current one.
    roll.requireComplete()
  }
  const found = await Promise.all(plan.cells.map((_, index) => inCell(index)))
  // What is a build request may be a row in a cell already, which does not count yet.
  const request = found.find((_, index) => plan.cells[index]!.cell.uuid === API_DATABASE.uuid)
  const positions = request === undefined ? found.filter(position => position !== undefined) : [request]
  if (positions.length === 1) return positions[0]!
  roll.requireComplete()
  if (positions.length > 1)
    throw new InvalidMarkerError(
      '/marker',
      'more than one cell has such a record, at different places',
      'a cursor',
    )
  throw new MarkerNotFoundError('/marker', 'no such record in this scope', 'the uuid of a record in this scope')
}
