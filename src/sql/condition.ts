import { bound, type ColumnKind } from './codec.js'
import { and, list, literally, name, or, type Sql, type SqlValue, sql } from './fragment.js'
import { exists, type Related } from './related.js'
import { isOdd, type TextColumns, widened } from './text-column.js'

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
export interface ColumnCondition {
  readonly column: string
  readonly kind: ColumnKind
  readonly nullable: boolean
  readonly op: Operator
  /** A list for `in`, 1 or 0 for `is_null`, one value for all others. */
  readonly value: SqlValue | readonly SqlValue[]
}

/** What a row has to be. */
export type Condition =
  | ColumnCondition
  /** Any of these, each of which is conditions that all hold. */
  | { readonly anyOf: readonly (readonly Condition[])[] }
  /** There is a row of another table that belongs to it, or there is none. */
  | { readonly related: Related; readonly not: boolean }

/** All of the conditions on the rows of a table as a WHERE clause's text, as it suits one cell's columns. */
export const where = (conditions: readonly Condition[], table: string, columns: TextColumns): Sql => {
  const condition = (c: Condition): Sql => {
    if ('anyOf' in c) return or(c.anyOf.map(all => where(all, table, columns)))
    if ('related' in c) return exists(c.related, c.not, columns)
    return onColumn(c, widened(name(c.column), [c.value].flat(), columns(table, c.column)))
  }
  return and(conditions.map(condition))
}

/** The conditions on columns of the rows themselves that hold for every row. */
export const onColumns = (conditions: readonly Condition[]): ColumnCondition[] =>
  conditions.filter(condition => 'column' in condition)

/** The other tables whose columns may not be able to hold what they are compared with. */
export const oddTables = (conditions: readonly Condition[]): string[] =>
  conditions.flatMap(c => {
    if ('anyOf' in c) return oddTables(c.anyOf.flat())
    return 'related' in c && c.related.values.some(([, values]) => values.some(isOdd)) ? [c.related.table] : []
  })

const onColumn = (c: ColumnCondition, column: Sql): Sql => {
  const value = c.value as SqlValue
  const is = (operator: string): Sql => sql`${column}${raw(operator)}${bound(c.kind, value)}`
  switch (c.op) {
    case 'exactly':
      // The first half is for the index, the second for tenants whose ids a collation holds for equal.
      return sql`(${is(' = ')} AND ${bytes(column)} = ${bytes(sql`${value}`)})`
    case 'eq':
      return value === null ? sql`${column} IS NULL` : is(equals(c.kind))
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

/**
 * MySQL 9.7 cuts the fraction of a time off when it looks up `=` in an index of a column with fewer digits, and then finds
 * rows that are not equal; with `<=>` it does not.
 */
const equals = (kind: ColumnKind): string => (kind === 'time' ? ' <=> ' : ' = ')

/** A text as its bytes: compared exactly, and never in an illegal mix of collations. */
export const bytes = (text: Sql): Sql => sql`CAST(CONVERT(${text} USING utf8mb4) AS BINARY)`

const raw = (text: string): Sql => ({ text, values: [] })

const member = (column: Sql, { kind, value }: ColumnCondition): Sql => {
  const values = value as readonly SqlValue[]
  const some = values.filter(v => v !== null)
  const found =
    kind === 'bigint' || kind === 'decimal' || kind === 'time'
      ? some.map(v => sql`${column}${raw(equals(kind))}${bound(kind, v)}`)
      : some.length === 0
        ? []
        : [sql`${column} IN ${list(some)}`]
  return or(some.length === values.length ? found : [...found, sql`${column} IS NULL`])
}
