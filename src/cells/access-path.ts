import type { SortColumn } from './key-plan.js'
import type { IndexSchema, TableSchema } from './table-schema.js'

/** What the filters say of columns. */
export interface HeldColumns {
  /** Columns that are held to one value. */
  readonly single: ReadonlySet<string>
  /** Columns that a filter of the caller holds to a few values. */
  readonly selective: ReadonlySet<string>
}

/** The indexes that a statement may be made to use. */
export interface WaysIn {
  /** The one that gives the order; undefined where the choice is left to the server. */
  readonly order: IndexSchema | undefined
  /** Those that find the rows of a filter: for each column that leads any, the one that holds most of the filters. */
  readonly filters: readonly IndexSchema[]
}

const MARIADB = /MariaDB/

/**
 * The index that a statement is made to use where no filter leads another: one that begins with columns held to one value and goes
 * on with the sort keys, so that a page is read off it from wherever it starts.
 *
 * Left alone, MariaDB walks everything before the marker, and both servers sort the table when statistics are old
 * (docs/adr/0004-forced-index.md).
 */
export const orderIndex = (
  columns: readonly SortColumn[],
  id: string,
  held: HeldColumns,
  schema: TableSchema,
): string | undefined => {
  const [order] = inOrder(columns, id, held, schema)
  const better = schema.indexes.some(index => index !== order && leads(index, held))
  return better ? undefined : order?.name
}

/**
 * The ways in to a page: MariaDB is told which to take (docs/adr/0009-way-in.md). MySQL has been right about every project that
 * was measured, and neither needs to be told of a unique index.
 */
export const waysIn = (
  columns: readonly SortColumn[],
  id: string,
  held: HeldColumns,
  schema: TableSchema,
): WaysIn => {
  const orders = inOrder(columns, id, held, schema)
  const filters = schema.indexes.filter(index => leads(index, held))
  if (filters.length === 0) return { order: orders[0], filters }
  if (!MARIADB.test(schema.version) || filters.some(({ unique, name }) => unique || name === 'PRIMARY'))
    return { order: undefined, filters: [] }
  // Where a filter's own index gives the order, there is nothing to choose between those two.
  const order =
    mostHeld(
      orders.filter(index => leads(index, held)),
      held,
    ) ?? orders[0]
  const columnsThatLead = new Set(filters.map(index => index.columns[0]!))
  if (order !== undefined) columnsThatLead.delete(order.columns[0]!)
  const best = (lead: string) =>
    mostHeld(
      filters.filter(index => index.columns[0] === lead),
      held,
    )!
  return { order, filters: [...columnsThatLead].map(best) }
}

/** Entries of the order's index that are walked over while one row is looked up that a filter's index has found. */
const LOOKED_UP = 5
/** How many times as many rows of the filter as entries to walk make it dearer to remember those rows than to look entries up. */
const REMEMBERED = 16

/** Which of the ways in a statement takes. */
export interface WayIn {
  readonly order?: IndexSchema
  readonly filter?: IndexSchema
}

/**
 * Which way in costs least for the next `limit` rows, by how many rows each index is expected to hold.
 *
 * - Few rows of a filter: they are found by its index, and sorted.
 * - So many that the order's index meets one soon: it is walked, and each row of it is looked at.
 * - In between both: the order's index is walked, and its entries are passed over without a look at their rows unless the filter's
 *   index has them.
 */
export const wayIn = ({ order, filters }: WaysIn, rows: ReadonlyMap<string, number>, limit: number): WayIn => {
  if (order === undefined) return {}
  const [filter] = filters.toSorted((a, b) => rows.get(a.name)! - rows.get(b.name)!)
  if (filter === undefined) return { order }
  const found = Math.max(rows.get(filter.name)!, 1)
  const all = rows.get(order.name)!
  const walked = Math.min((limit * all) / found, all)
  if (walked > LOOKED_UP * found) return { filter }
  return found > REMEMBERED * walked ? { order } : { order, filter }
}

const leads = ({ columns }: IndexSchema, { selective }: HeldColumns): boolean => selective.has(columns[0]!)

/** Of some indexes the one whose columns are held furthest. */
const mostHeld = (indexes: readonly IndexSchema[], { single }: HeldColumns): IndexSchema | undefined =>
  indexes.toSorted((a, b) => heldOf(b, single) - heldOf(a, single))[0]

/** How many columns an index begins with that are held to one value. */
const heldOf = ({ columns }: IndexSchema, single: ReadonlySet<string>): number => {
  const held = columns.findIndex(column => !single.has(column))
  return held < 0 ? columns.length : held
}

const inOrder = (
  columns: readonly SortColumn[],
  id: string,
  { single }: HeldColumns,
  { indexes, version, columns: own }: TableSchema,
): readonly IndexSchema[] => {
  // InnoDB keeps the primary key behind the columns of every index: the `id` needs no place in it.
  const keys = columns
    .slice(0, columns.findIndex(key => key.column === id) + 1)
    .filter(({ column }) => own.get(column)?.instead === undefined)
  if (keys.length === 0 || keys.some(key => key.dir !== keys[0]!.dir)) return []
  return indexes.filter(index => {
    if (index.unique && MARIADB.test(version)) return false
    const rest = index.columns.slice(heldOf(index, single))
    return rest.length >= keys.length - 1 && rest.every((column, i) => column === keys[i]?.column)
  })
}
