import { and, join, name, type Sql, type SqlValue, sql } from './fragment.js'
import { type KeyTerm, keyset } from './keyset.js'

/** One batch of one cell's rows, in order. */
export interface SelectBatch {
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
  readonly limit: number
  /** The index that gives this order, when the server's optimizer must not choose for itself. */
  readonly index?: string | undefined
}

/** The statement for one batch. */
export const selectBatch = (s: SelectBatch): Sql => {
  const order = s.terms.slice(0, s.orderBy).map(t => (t.dir === 'asc' ? t.order : sql`${t.order} DESC`))
  const conditions = s.after === undefined ? [s.where] : [s.where, keyset(s.terms, s.after)]
  const from = s.index === undefined ? name(s.table) : sql`${name(s.table)} FORCE INDEX (${name(s.index)})`
  return sql`SELECT ${join(s.columns, ', ')} FROM ${from} WHERE ${and(conditions)} ORDER BY ${join(order, ', ')} LIMIT ${s.limit}`
}
