import { name, type Sql, type SqlValue, sql } from './fragment.js'

/** What a text column of one cell can hold, and how it compares. */
export interface TextColumn {
  readonly charset: string | null
  readonly collation: string | null
}

/** The text columns of one cell, as far as they are known. */
export type TextColumns = (table: string, column: string) => TextColumn | undefined

/** Whether a value may be more than some character sets can hold. */
export const isOdd = (value: SqlValue): boolean => typeof value === 'string' && /[^\0-\x7f]/.test(value)

const BEYOND_BASIC_PLANE = /[\u{10000}-\u{10ffff}]/u

/**
 * A column in a form that can be compared with these values. MariaDB refuses to compare a column with a text that the
 * column could not hold ("Illegal mix of collations"): then the column's side is widened, in the collation of
 * the same name where there is one. Everything else is left alone, for indexes to serve.
 */
export const widened = (column: Sql, values: readonly SqlValue[], text: TextColumn | undefined): Sql => {
  const { charset, collation } = text ?? {}
  if (!charset || !collation || /^utf(8mb4|16|16le|32)$/.test(charset)) return column
  const unicode = /^(utf8|utf8mb3|ucs2)$/.test(charset)
  const odd = values.some(value => isOdd(value) && (!unicode || BEYOND_BASIC_PLANE.test(String(value))))
  if (!odd) return column
  const wide = sql`CONVERT(${column} USING utf8mb4)`
  if (!unicode) return wide
  return {
    text: `${wide.text} COLLATE ${name(collation.replace(/^[^_]+/, 'utf8mb4')).text.slice(1, -1)}`,
    values: wide.values,
  }
}
