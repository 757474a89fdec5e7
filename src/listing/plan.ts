import { API_DATABASE } from '../cells/build-requests.js'
import type { Cell, CellName } from '../cells/cell.js'
import { declaredCell } from '../cells/declared-cell.js'
import { type CellKeys, type KeyPlan, planKeys, type SortColumn } from '../cells/key-plan.js'
import { forEachCell } from '../cells/known-cell.js'
import { batchSize } from '../engine/batch-size.js'
import type { Position } from '../engine/cursor.js'
import { CellFailedError } from '../errors.js'
import { declaredTables } from '../resources/declared.js'
import type { Resource } from '../resources/resource.js'
import type { AccessPath } from '../sql/access.js'
import { type Condition, where } from '../sql/condition.js'
import type { Sql } from '../sql/fragment.js'
import type { CheckedQuery } from '../validation/validator.js'
import { type Cargo, cargoOf } from './cargo.js'
import type { Deadline } from './deadline.js'
import { type Forecast, forecast } from './forecast.js'
import { lookFor, type SeenCell } from './look.js'
import { pathsFor } from './paths.js'
import type { RollCall } from './roll-call.js'
import { ofInstances, type Sources } from './sources.js'
import { type CellFor, standIns } from './stand-ins.js'

/** One of a plan's cells. */
interface PlannedCell extends SeenCell {
  /** It is down, and its instance mappings stand for its rows. */
  readonly stub?: boolean
}

/** How one cell is asked for its rows. */
export interface Asked {
  readonly keys: CellKeys
  /** Scope, filters and flags, as the cell's columns want them. */
  readonly where: Sql
  /** The scope alone. */
  readonly tenant: Sql
  readonly path: AccessPath
  /** Whether it comes before or behind others: see {@link Position.rank}. */
  readonly rank: number
}

/** What stands for cells that go down while they are asked. */
export interface Stubs extends Asked {
  readonly cellFor: CellFor
}

/** One request, planned: how each cell that can be asked orders its rows. */
export interface Plan extends Cargo {
  readonly resource: Resource
  readonly query: CheckedQuery
  /** The API database, where there is one. */
  readonly api: Cell | undefined
  readonly sort: readonly SortColumn[]
  readonly cells: readonly (PlannedCell & Asked)[]
  /** All cells of the request, those that are down as well. */
  readonly homes: readonly CellName[]
  /** The instance mappings, where they are needed in the place of a cell that is down. */
  readonly mappings: Stubs | undefined
  /** The same where they stand for its rows. */
  readonly stubs: Stubs | undefined
  readonly keys: Omit<KeyPlan, 'cells'>
  /** What each cell is expected to give. */
  readonly forecast: Forecast
}

/** Asks the cells what they look like, and plans for those that answer. `toTheEnd`: every row will be wanted. */
export const planFor = async (
  sources: Sources,
  query: CheckedQuery,
  sort: readonly SortColumn[],
  kept: Position | undefined,
  roll: RollCall,
  deadline: Deadline,
  toTheEnd = false,
): Promise<Plan> => {
  const { resource, cells, api } = sources
  const instances = ofInstances(sources)
  // What a cell will give is not known before all are: its part of the page is, near enough.
  const batch = toTheEnd ? Number.POSITIVE_INFINITY : batchSize(query.limit, 1 / cells.length)
  const paths = pathsFor(query, sort, resource, batch)
  const look = lookFor(resource.table, sort, query, paths, roll, deadline)
  const tables = declaredTables(resource)
  const asked = await Promise.all(cells.map(cell => look(declaredCell(cell, tables))))
  const up = asked.filter(cell => cell !== undefined)
  const marker = query.marker !== undefined && kept === undefined
  const { requests, mappings: stand } = await standIns(
    sources,
    query,
    sort,
    marker,
    up[0]?.schema,
    look,
    roll,
    deadline,
  )
  const listed = [...up, ...(requests ? [requests] : [])]
  const agreed = await agree(sort, stand ? [...listed, { ...stand, stub: true }] : listed, kept, roll, deadline)
  const conditions = [...query.tenant, ...query.filters, ...query.flags]
  const inEach = (all: readonly Condition[]): Sql[] =>
    forEachCell(agreed.cells, ({ text }) => where(all, resource.table, text))
  const wheres = inEach(conditions)
  const tenants = inEach(query.tenant)
  const { cells: keys, ...order } = agreed.keys
  const isFirst = instances?.buildRequests === 'first'
  const planned = agreed.cells.map((cell, i): PlannedCell & Asked => ({
    ...cell,
    keys: keys[i]!,
    where: wheres[i]!,
    tenant: tenants[i]!,
    rank: isFirst && (cell.stub || cell.cell.uuid !== API_DATABASE.uuid) ? 1 : 0,
  }))
  const template = planned.find(({ stub }) => stub)
  const mappings = template && stand && { ...template, cellFor: stand.cellFor }
  const stubs = query.stubs ? mappings : undefined
  const down = stubs === undefined ? [] : cells.filter(roll.isDown)
  const shown = [
    ...planned.filter(({ stub }) => !stub),
    ...down.map(cell => ({ ...stubs!, cell: stubs!.cellFor(cell) })),
  ]
  return {
    resource,
    query,
    api,
    sort,
    homes: cells,
    cells: shown,
    mappings,
    stubs,
    keys: order,
    forecast: forecast(
      sources.memory,
      query,
      shown.map(({ cell }) => cell),
    ),
    ...cargoOf(sources, query, keys),
  }
}

/** Who answers for a cell. */
export const answersFor = ({ cell, stub }: Pick<PlannedCell, 'cell' | 'stub'>): CellName =>
  stub ? API_DATABASE : cell

/** One ordering of the cells that are up, without those that go down while they are asked about it. */
const agree = async (
  sort: readonly SortColumn[],
  cells: readonly PlannedCell[],
  kept: Position | undefined,
  roll: RollCall,
  deadline: Deadline,
): Promise<{ readonly cells: readonly PlannedCell[]; readonly keys: KeyPlan }> => {
  try {
    return { cells, keys: await planKeys(sort, cells, kept?.collations, deadline.part()) }
  } catch (error) {
    const failed =
      error instanceof CellFailedError && cells.find(cell => answersFor(cell).uuid === error.cell.uuid)
    if (!failed) throw error
    roll.down(answersFor(failed), error)
    const others = cells.filter(cell => answersFor(cell).uuid !== error.cell.uuid)
    return agree(sort, others, kept, roll, deadline)
  }
}
