import { and, join, list, name, type Sql, type SqlValue, sql } from './fragment.js'

/** The rows of another table that belong to some rows. */
export interface SelectRelated {
  readonly table: string
  /** The column that names the owner. */
  readonly column: string
  readonly owners: readonly SqlValue[]
  readonly columns: readonly string[]
  /** A column that must have this value. */
  readonly only: readonly [column: string, value: SqlValue] | undefined
  /** Only the row of each owner whose value of this column is the greatest. */
  readonly latest: string | undefined
  /** In what order the rows of one owner come. */
  readonly orderBy: string
}

/** The statement for them: the owner, then the columns. */
export const selectRelated = (s: SelectRelated): Sql => {
  const owner = name(s.column)
  const own = and([
    sql`${owner} IN ${list(s.owners)}`,
    ...(s.only === undefined ? [] : [sql`${name(s.only[0])} = ${s.only[1]}`]),
  ])
  const rows =
    s.latest === undefined
      ? own
      : sql`${name(s.latest)} IN (SELECT MAX(${name(s.latest)}) FROM ${name(s.table)} WHERE ${own} GROUP BY ${owner})`
  const columns = join([owner, ...s.columns.map(name)], ', ')
  return sql`SELECT ${columns} FROM ${name(s.table)} WHERE ${rows} ORDER BY ${owner}, ${name(s.orderBy)}`
}
