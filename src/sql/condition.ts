import { bound, type ColumnKind } from './codec.js'
import { and, list, name, or, type Sql, type SqlValue, sql } from './fragment.js'

/** The operators of a condition. `exactly` is no caller's: equal byte by byte, whatever the collation says. */
export type Operator =
  | 'exactly'
  | 'eq'
  | 'ne'
  | 'in'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte'
  | 'like'
  | 'prefix'
  | 'contains'
  | 'regexp'
  | 'is_null'

/** One operator applied to one column. */
export interface Condition {
  readonly column: string
  readonly kind: ColumnKind
  readonly nullable: boolean
  readonly op: Operator
  /** A list for `in`, 1 or 0 for `is_null`, one value for all others. */
  readonly value: SqlValue | readonly SqlValue[]
}

/** All of the conditions as a WHERE clause's text. */
export const where = (conditions: readonly Condition[]): Sql => and(conditions.map(condition))

const condition = (c: Condition): Sql => {
  const column = name(c.column)
  const value = c.value as SqlValue
  const is = (operator: string): Sql => sql`${column}${raw(operator)}${bound(c.kind, value)}`
  switch (c.op) {
    case 'exactly':
      // The first half is for the index, the second for tenants whose ids a collation holds for equal.
      return sql`(${is(' = ')} AND ${bytes(column)} = ${bytes(sql`${value}`)})`
    case 'eq':
      return value === null ? sql`${column} IS NULL` : is(' = ')
    case 'ne':
      if (value === null) return sql`${column} IS NOT NULL`
      return c.nullable ? sql`(${is(' <> ')} OR ${column} IS NULL)` : is(' <> ')
    case 'in':
      return member(column, c)
    case 'lt':
      return is(' < ')
    case 'lte':
      return is(' <= ')
    case 'gt':
      return is(' > ')
    case 'gte':
      return is(' >= ')
    case 'like':
      return is(' LIKE ')
    case 'prefix':
      return sql`${column} LIKE ${`${literally(value as string)}%`}`
    case 'contains':
      return sql`${column} LIKE ${`%${literally(value as string)}%`}`
    case 'regexp':
      return is(' REGEXP ')
    case 'is_null':
      return value === 1 ? sql`${column} IS NULL` : sql`${column} IS NOT NULL`
  }
}

const bytes = (text: Sql): Sql => sql`CAST(CONVERT(${text} USING utf8mb4) AS BINARY)`

const raw = (text: string): Sql => ({ text, values: [] })

const member = (column: Sql, { kind, value }: Condition): Sql => {
  const values = value as readonly SqlValue[]
  const some = values.filter(v => v !== null)
  const found =
    kind === 'bigint' || kind === 'decimal'
      ? some.map(v => sql`${column} = ${bound(kind, v)}`)
      : some.length === 0
        ? []
        : [sql`${column} IN ${list(some)}`]
  return or(some.length === values.length ? found : [...found, sql`${column} IS NULL`])
}

/** LIKE's wildcards and its escape character, escaped. */
const literally = (text: string): string => text.replace(/[\\%_]/g, '\\$&')
