import { type HeldColumns, orderIndex, type WaysIn, wayIn, waysIn } from '../cells/access-path.js'
import type { Cell } from '../cells/cell.js'
import type { SortColumn } from '../cells/key-plan.js'
import { rowEstimates } from '../cells/row-estimates.js'
import type { IndexSchema, TableSchema } from '../cells/table-schema.js'
import type { Resource } from '../resources/resource.js'
import type { AccessPath, IndexPart } from '../sql/access.js'
import { type ColumnCondition, type Operator, onColumns, where } from '../sql/condition.js'
import { join, type Sql } from '../sql/fragment.js'
import { selectPart } from '../sql/select.js'
import type { CheckedQuery } from '../validation/validator.js'

/** Operators that hold a column to one value, and those that hold it to few. */
const ONE_VALUE = new Set<Operator>(['exactly', 'eq'])
const FEW_VALUES = new Set<Operator>(['exactly', 'eq', 'in', 'prefix'])

type Filters = Pick<CheckedQuery, 'tenant' | 'filters' | 'flags'>

const chosenOf = ({ tenant, filters }: Filters): ColumnCondition[] => onColumns([...tenant, ...filters])

const heldColumns = (query: Filters): HeldColumns => {
  const chosen = chosenOf(query)
  const held = [...chosen, ...onColumns(query.flags)].filter(
    ({ op, value }) => ONE_VALUE.has(op) && value !== null,
  )
  return {
    single: new Set(held.map(({ column }) => column)),
    selective: new Set(chosen.filter(({ op }) => FEW_VALUES.has(op)).map(({ column }) => column)),
  }
}

/** The index that a query's statement reads its order off, where no filter is likely to be a better way in. */
export const indexFor = (
  query: Filters,
  sort: readonly SortColumn[],
  { id }: Resource,
  schema: TableSchema,
): string | undefined => orderIndex(sort, id, heldColumns(query), schema)

/** How the statements of one request find their rows, in every cell. */
export interface Paths {
  /**
   * How a cell's statements find the next rows: the same object for all cells of one schema that find them alike. Where a
   * filter may be the better way in, the cell is asked how many rows it has, unless it was lately.
   */
  pathIn(cell: Cell, schema: TableSchema, signal: () => AbortSignal): Promise<AccessPath>
}

/** What the cells of one schema have in common. */
interface Common {
  readonly ways: WaysIn
  /** The order's index, and those of the filters. */
  readonly parts: readonly IndexPart[]
  /** Undefined where there is only one way. */
  readonly choice: Choice | undefined
  readonly paths: Map<string, AccessPath>
}

/** Finds what each index finds. */
interface Choice {
  readonly all: Sql
  /** The same for the same statement. */
  readonly key: string
}

/** For requests of which each cell is asked for `limit` rows at a time. */
export const pathsFor = (
  query: Filters,
  sort: readonly SortColumn[],
  { id, table }: Resource,
  limit: number,
): Paths => {
  const held = heldColumns(query)
  // `exactly` looks at the bytes as well, and finds fewer rows by that: it is for the rows themselves.
  const told = [...chosenOf(query).filter(({ op }) => FEW_VALUES.has(op)), ...onColumns(query.flags)].map(
    (condition): ColumnCondition => (condition.op === 'exactly' ? { ...condition, op: 'eq' } : condition),
  )
  const known = new Map<TableSchema, Common>()

  const choiceOf = (parts: readonly IndexPart[]): Choice => {
    const all = join(
      parts.map(part => selectPart(table, part)),
      ' UNION ALL ',
    )
    return { all, key: JSON.stringify(all) }
  }

  const commonTo = (schema: TableSchema): Common => {
    const ways = waysIn(sort, id, held, schema)
    const part = ({ name, columns }: IndexSchema): IndexPart => {
      const own = told.filter(({ column }) => columns.includes(column))
      return { name, where: where(own, table, (_, column) => schema.columns.get(column)) }
    }
    const parts = ways.order === undefined ? [] : [ways.order, ...ways.filters].map(part)
    return { ways, parts, choice: parts.length > 1 ? choiceOf(parts) : undefined, paths: new Map() }
  }

  return {
    pathIn: async (cell, schema, signal) => {
      const common = known.get(schema) ?? commonTo(schema)
      known.set(schema, common)
      const { ways, parts, choice, paths } = common
      const estimates = choice === undefined ? [] : await rowEstimates(cell, choice.all, choice.key, signal())
      const { order, filter } = wayIn(ways, new Map(parts.map(({ name }, i) => [name, estimates[i]!])), limit)
      const taken = `${order?.name} ${filter?.name}`
      const partOf = (index: IndexSchema | undefined) => parts.find(({ name }) => name === index?.name)
      const path = paths.get(taken) ?? { order: partOf(order), filter: partOf(filter) }
      paths.set(taken, path)
      return path
    },
  }
}
