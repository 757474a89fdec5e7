import { API_DATABASE, buildRequestCell } from '../cells/build-requests.js'
import type { Cell } from '../cells/cell.js'
import { type KeyPlan, planKeys, type SortColumn } from '../cells/key-plan.js'
import { forEachCell, type KnownCell } from '../cells/known-cell.js'
import type { TableSchema } from '../cells/table-schema.js'
import { batchSize } from '../engine/batch-size.js'
import type { Position } from '../engine/cursor.js'
import type { Direction } from '../engine/ordering.js'
import { CellFailedError } from '../errors.js'
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

/** A cell that takes part, what its text columns can hold, and how its statements find their rows. */
interface PlannedCell extends KnownCell {
  readonly text: TextColumns
  readonly path: AccessPath
}

/** One request, planned: how each cell that can be asked orders its rows. */
export interface Plan extends Cargo {
  readonly resource: Resource
  readonly query: CheckedQuery
  /** The API database, where there is one. */
  readonly api: Cell | undefined
  /** Scope, filters and flags, as each cell's columns want them. */
  readonly where: readonly Sql[]
  /** The scope alone. */
  readonly tenant: readonly Sql[]
  readonly sort: readonly SortColumn[]
  readonly cells: readonly PlannedCell[]
  /** For each cell, whether it comes before or behind all others: see {@link Position.rank}. */
  readonly ranks: readonly number[]
  readonly keys: KeyPlan
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
  const asked = await Promise.all(cells.map(look))
  const up = asked.filter(cell => cell !== undefined)
  const requests =
    api === undefined || instances === undefined || instances.buildRequests === 'none'
      ? undefined
      : await buildRequests(api, resource, up[0]?.schema, look, roll, query, deadline)
  const agreed = await agree(sort, requests === undefined ? up : [...up, requests], kept, roll, deadline)
  const conditions = [...query.tenant, ...query.filters, ...query.flags]
  const expected = forecast(
    sources.memory,
    query,
    agreed.cells.map(({ cell }) => cell),
  )
  const inEach = (all: readonly Condition[]): Sql[] =>
    forEachCell(agreed.cells, ({ text }) => where(all, resource.table, text))
  return {
    resource,
    query,
    api,
    sort,
    ...agreed,
    ranks: agreed.cells.map(({ cell }) =>
      instances?.buildRequests === 'first' && cell.uuid !== API_DATABASE.uuid ? 1 : 0,
    ),
    where: inEach(conditions),
    tenant: inEach(query.tenant),
    forecast: expected,
    ...cargoOf(sources, query, agreed.keys),
  }
}

/** The build requests as one more cell, which takes the order of the others. */
const buildRequests = async (
  api: Cell,
  resource: Resource,
  model: TableSchema | undefined,
  look: (cell: Cell) => Promise<PlannedCell | undefined>,
  roll: RollCall,
  query: CheckedQuery,
  deadline: Deadline,
): Promise<PlannedCell | undefined> => {
  try {
    const cell = await look(await buildRequestCell(api, resource, model, deadline.part()))
    return cell && { ...cell, follows: true }
  } catch (error) {
    cellDown(roll, API_DATABASE, query, error)
    return undefined
  }
}

/** One ordering of the cells that are up, without those that go down while they are asked about it. */
const agree = async (
  sort: readonly SortColumn[],
  cells: readonly PlannedCell[],
  kept: Position | undefined,
  roll: RollCall,
  deadline: Deadline,
): Promise<Pick<Plan, 'cells' | 'keys'>> => {
  try {
    return { cells, keys: await planKeys(sort, cells, kept?.collations, deadline.part()) }
  } catch (error) {
    const failed = error instanceof CellFailedError && cells.find(({ cell }) => cell.uuid === error.cell.uuid)
    if (!failed) throw error
    roll.down(failed.cell, error)
    const others = cells.filter(cell => cell !== failed)
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
