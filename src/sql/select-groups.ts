import { join, name, type Sql, sql } from './fragment.js'
import type { KeyTerm } from './keyset.js'

/** How many rows there are of each combination of some keys. */
export interface SelectGroups {
  readonly table: string
  readonly columns: readonly Sql[]
  readonly terms: readonly KeyTerm[]
  readonly where: Sql
  readonly limit: number
}

/** The statement: the columns, then the count. Without keys it is one row. */
export const selectGroups = ({ table, columns, terms, where, limit }: SelectGroups): Sql => {
  const counted = sql`SELECT ${join([...columns, sql`COUNT(*)`], ', ')} FROM ${name(table)} WHERE ${where}`
  if (terms.length === 0) return counted
  const keys = join(
    terms.map(term => term.order),
    ', ',
  )
  return sql`${counted} GROUP BY ${keys} LIMIT ${limit}`
}
