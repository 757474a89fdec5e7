import type { AccessPath, IndexPart } from './access.js'
import { and, join, name, type Sql, type SqlValue, sql } from './fragment.js'
import { type KeyTerm, keyset, reached } from './keyset.js'

/** One cell's rows, in order. */
export interface SelectOrdered {
  readonly table: string
  /** What to select, in sequence. */
  readonly columns: readonly Sql[]
  /** Scope and filters. */
  readonly where: Sql
  /** The whole ordering. `ORDER BY` uses it up to the `id` that makes it total inside a cell. */
  readonly terms: readonly KeyTerm[]
  /** How many terms `ORDER BY` needs: a `uuid` behind the `id` would make the server sort the whole table. */
  readonly orderBy: number
  /** Only rows behind this position. */
  readonly after?: readonly SqlValue[] | undefined
  /** How the rows are found, where the server's optimizer must not choose for itself. */
  readonly path: AccessPath
}

/** The statement; `LIMIT` may follow. */
export const selectOrdered = (s: SelectOrdered): Sql => {
  const { order, filter } = s.path
  const keys = s.terms.slice(0, s.orderBy)
  const conditions = s.after === undefined ? [s.where] : [s.where, keyset(s.terms, s.after)]
  const [from, by] =
    order !== undefined && filter !== undefined
      ? [walk(s, keys, order, filter), keys.map((_, i) => walked(i))]
      : [forced(s.table, order ?? filter), keys.map(term => term.order)]
  const orderBy = by.map((key, i) => (keys[i]!.dir === 'asc' ? key : sql`${key} DESC`))
  return sql`SELECT ${join(s.columns, ', ')} FROM ${from} WHERE ${and(conditions)} ORDER BY ${join(orderBy, ', ')}`
}

/** The rows that an index finds by itself. */
export const selectPart = (table: string, part: IndexPart): Sql => partOf(table, [sql`1`], part, part.where)

const partOf = (table: string, columns: readonly Sql[], part: IndexPart, where: Sql): Sql =>
  sql`SELECT ${join(columns, ', ')} FROM ${forced(table, part)} WHERE ${where}`

const forced = (table: string, index: IndexPart | undefined): Sql =>
  index === undefined ? name(table) : sql`${name(table)} FORCE INDEX (${name(index.name)})`

/** Names that no table has, so that all other names are the table's own. */
const walked = (key: number): Sql => name(`walked_${key}`)
const found = name('found_id')

/**
 * The rows in the order of one index, without a look at those that another has not found.
 *
 * Both read nothing but the indexes. The first part is merged into the statement, and its order with it; the second is not, for its
 * LIMIT: the server keeps what it found, with a key. No condition is new: all hold for the rows themselves as well.
 */
const walk = (
  { table, terms, after }: SelectOrdered,
  keys: readonly KeyTerm[],
  order: IndexPart,
  filter: IndexPart,
): Sql => {
  const id = keys.at(-1)!.order
  const from = after === undefined ? order.where : and([order.where, reached(terms, after)])
  const columns = keys.map((term, i) => sql`${term.order} AS ${walked(i)}`)
  const entries = partOf(table, columns, order, from)
  const few = sql`${partOf(table, [sql`${id} AS ${found}`], filter, filter.where)} LIMIT ${EVERYTHING}`
  return sql`(${entries}) AS walk STRAIGHT_JOIN (${few}) AS few ON ${found} = ${walked(keys.length - 1)} STRAIGHT_JOIN ${name(table)} ON ${id} = ${found}`
}

const EVERYTHING = Number.MAX_SAFE_INTEGER
