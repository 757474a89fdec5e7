import { API_DATABASE, buildRequestCell } from '../cells/build-requests.js'
import type { Cell, CellName } from '../cells/cell.js'
import { declaredCell } from '../cells/declared-cell.js'
import { type CellKeys, type KeyPlan, planKeys, type SortColumn } from '../cells/key-plan.js'
import { forEachCell, type KnownCell } from '../cells/known-cell.js'
import { stubCells } from '../cells/stub-cell.js'
import { batchSize } from '../engine/batch-size.js'
import type { Position } from '../engine/cursor.js'
import type { Direction } from '../engine/ordering.js'
import { CellFailedError } from '../errors.js'
import { declaredTables } from '../resources/declared.js'
import type { Resource } from '../resources/resource.js'
import type { AccessPath } from '../sql/access.js'
import { type Condition, oddTables, where } from '../sql/condition.js'
import type { Sql } from '../sql/fragment.js'
import type { TextColumns } from '../sql/text-column.js'
import type { CheckedQuery } from '../validation/validator.js'
import { cellDown } from './ask-cell.js'
import { type Cargo, cargoOf } from './cargo.js'
import type { Deadline } from './deadline.js'
import { type Forecast, forecast } from './forecast.js'
import { type Paths, pathsFor } from './paths.js'
import type { RollCall } from './roll-call.js'
import { ofInstances, type Sources } from './sources.js'
import { isPlaced } from './stub.js'

/** A cell that takes part, what its text columns can hold, and how its statements find their rows. */
interface PlannedCell extends KnownCell {
  readonly text: TextColumns
  readonly path: AccessPath
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
  readonly cellFor: (cell: CellName) => Cell
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

const sortColumn = ({ columns }: Resource, column: string, dir: Direction): SortColumn => {
  const { kind, nullable = false } = columns[column]!
  return { column, kind, nullable, dir }
}

/** What `count` groups by, as an order. */
export const groupColumns = (resource: Resource, keys: readonly string[]): SortColumn[] =>
  keys.map(key => sortColumn(resource, key, 'asc'))

/** The caller's sort keys, completed to an order that is total over all cells. */
export const sortColumns = (resource: Resource, sort: CheckedQuery['sort']): SortColumn[] => {
  const { id, uuid } = resource
  const keys = sort.map(({ key, dir }) => sortColumn(resource, key, dir))
  const { dir } = keys.at(-1)!
  const has = (column: string): boolean => keys.some(key => key.column === column)
  if (!has(id)) keys.push(sortColumn(resource, id, dir))
  if (uuid === null) keys.push({ column: '', kind: 'text', nullable: false, dir: 'asc', tieBreak: 'cell' })
  else if (!has(uuid)) keys.push({ ...sortColumn(resource, uuid, 'asc'), tieBreak: 'bytes' })
  return keys
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
  const look = (cell: Cell): Promise<PlannedCell | undefined> =>
    known(cell, resource, sort, roll, query, paths, deadline)
  const tables = declaredTables(resource)
  const asked = await Promise.all(cells.map(cell => look(declaredCell(cell, tables))))
  const up = asked.filter(cell => cell !== undefined)
  /** The API database in the place of a cell, which takes the order of the others. */
  const inPlace = async (stands: (signal: AbortSignal) => Promise<Cell>): Promise<PlannedCell | undefined> => {
    try {
      const cell = await look(await stands(deadline.part()))
      return cell && { ...cell, follows: true }
    } catch (error) {
      cellDown(roll, API_DATABASE, query, error)
      return undefined
    }
  }
  const model = up[0]?.schema
  let cellFor: Stubs['cellFor'] | undefined
  const [requests, stub] = await Promise.all([
    api && instances && instances.buildRequests !== 'none'
      ? inPlace(signal => buildRequestCell(api, resource, model, signal))
      : undefined,
    api && instances && (query.stubs || (query.marker !== undefined && !kept && isPlaced(sort)))
      ? inPlace(async signal => {
          cellFor = await stubCells(api, resource, model, signal)
          return cellFor(API_DATABASE)
        })
      : undefined,
  ])
  const listed = [...up, ...(requests ? [requests] : [])]
  const agreed = await agree(sort, stub ? [...listed, { ...stub, stub: true }] : listed, kept, roll, deadline)
  const conditions = [...query.tenant, ...query.filters, ...query.flags]
  const inEach = (all: readonly Condition[]): Sql[] =>
    forEachCell(agreed.cells, ({ text }) => where(all, resource.table, text))
  const wheres = inEach(conditions)
  const tenants = inEach(query.tenant)
  const { cells: keys, ...order } = agreed.keys
  const planned = agreed.cells.map((cell, i) => ({
    ...cell,
    keys: keys[i]!,
    where: wheres[i]!,
    tenant: tenants[i]!,
    rank: instances?.buildRequests === 'first' && cell.cell.uuid !== API_DATABASE.uuid ? 1 : 0,
  }))
  const template = planned.find(({ stub }) => stub)
  const first = instances?.buildRequests === 'first' ? 1 : 0
  const mappings = template && cellFor && { ...template, rank: first, cellFor }
  const stubs = query.stubs ? mappings : undefined
  const shown = [
    ...planned.filter(({ stub }) => !stub),
    ...(stubs ? cells.filter(roll.isDown).map(cell => ({ ...stubs, cell: stubs.cellFor(cell) })) : []),
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

const known = async (
  cell: Cell,
  { table }: Resource,
  sort: readonly SortColumn[],
  roll: RollCall,
  query: CheckedQuery,
  paths: Paths,
  deadline: Deadline,
): Promise<PlannedCell | undefined> => {
  try {
    const schema = await cell.schemaOf(table, deadline.part())
    const missing = schema.columns.size === 0 ? 'ER_NO_SUCH_TABLE' : 'ER_BAD_FIELD_ERROR'
    if (sort.every(({ column, tieBreak }) => tieBreak === 'cell' || schema.columns.has(column))) {
      const tables = new Map([[table, schema]])
      for (const odd of oddTables(query.filters)) tables.set(odd, await cell.schemaOf(odd, deadline.part()))
      const own = tables.size > 1 || sort.some(({ tieBreak }) => tieBreak === 'cell')
      const path = await paths.pathIn(cell, schema, () => deadline.part())
      return {
        cell,
        schema,
        path,
        alike: own ? cell : path,
        text: (table, column) => tables.get(table)?.columns.get(column),
      }
    }
    cell.forget()
    throw new CellFailedError({ uuid: cell.uuid, name: cell.name, reason: missing })
  } catch (error) {
    cellDown(roll, cell, query, error)
    return undefined
  }
}
