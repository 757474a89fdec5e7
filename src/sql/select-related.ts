import { and, join, list, name, type Sql, type SqlValue, sql } from './fragment.js'

/** A condition on one column of a row. As in SQL, NULL meets none of them. */
export type RowCondition =
  | { readonly column: string; readonly eq: string | number }
  | { readonly column: string; readonly ne: string | number }
  | {
      readonly column: string
      readonly not_in: readonly [string | number, ...(readonly (string | number)[])]
    }

/** The rows of another table that belong to some rows. */
export interface SelectRelated {
  readonly table: string
  /** The column that names the owner. */
  readonly column: string
  readonly owners: readonly SqlValue[]
  /**
   * The owners are known by a key of this table, and what names them is another column of it. The server compares the two, by
   * their own collation.
   */
  readonly through?: { readonly table: string; readonly key: string; readonly references: string } | undefined
  readonly columns: readonly string[]
  readonly only: readonly RowCondition[]
  /** In what order the rows of one owner come. */
  readonly orderBy: string
  /** The row of each owner that comes last is enough. */
  readonly last: boolean
}

/** The statement for them: the owner, then the columns. Every table stands in it by its name alone. */
export const selectRelated = (s: SelectRelated): Sql => {
  const table = name(s.table)
  const of = (column: string): Sql => sql`${table}.${name(column)}`
  const { through } = s
  const owner = through === undefined ? of(s.column) : sql`owner.${name(through.key)}`
  const own = and([sql`${owner} IN ${list(s.owners)}`, ...s.only.map(one => meets(of(one.column), one))])
  const from =
    through === undefined
      ? table
      : // The owners come first: they are few, whatever the server thinks.
        sql`${name(through.table)} AS owner STRAIGHT_JOIN ${table} ON ${of(s.column)} = owner.${name(through.references)}`
  const order = of(s.orderBy)
  const rows =
    s.last && through === undefined
      ? // A derived table: for an IN (SELECT MAX …) MySQL reads the whole table.
        sql`(SELECT MAX(${order}) AS last FROM ${from} WHERE ${own} GROUP BY ${owner}) AS lasts JOIN ${table} ON ${order} = lasts.last`
      : sql`${from} WHERE ${own}`
  return sql`SELECT ${join([owner, ...s.columns.map(of)], ', ')} FROM ${rows} ORDER BY ${owner}, ${order}`
}

/** Whether a row meets it. */
export const meets = (column: Sql, condition: RowCondition): Sql => {
  if ('eq' in condition) return sql`${column} = ${condition.eq}`
  return 'ne' in condition ? sql`${column} <> ${condition.ne}` : sql`${column} NOT IN ${list(condition.not_in)}`
}
