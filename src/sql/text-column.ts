import { name, type Sql, type SqlValue, sql } from './fragment.js'

/** What a text column of one cell can hold, and how it compares. */
export interface TextColumn {
  readonly charset: string | null
  readonly collation: string | null
}

/** The text columns of one cell, as far as they are known. */
export type TextColumns = (table: string, column: string) => TextColumn | undefined

/** Where no text is compared that a column could be too narrow for. */
export const noTexts: TextColumns = () => undefined

/** Whether a value may be more than some character sets can hold. */
export const isOdd = (value: SqlValue): boolean => typeof value === 'string' && /[^\0-\x7f]/.test(value)

/**
 * What a character set can't hold. MySQL's latin1 is Windows-1252. Columns of others that are not Unicode are left
 * alone: what they can hold compares by their own collation, and the rest is the server's to refuse.
 */
const CAN_NOT_HOLD: Readonly<Record<string, RegExp>> = {
  utf8: /[\u{10000}-\u{10ffff}]/u,
  utf8mb3: /[\u{10000}-\u{10ffff}]/u,
  ucs2: /[\u{10000}-\u{10ffff}]/u,
  ascii: /[^\0-\x7f]/u,
  latin1: /[^\0-\x7f\x81\x8d\x8f\x90\x9d\xa0-\xff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]/u,
}

/**
 * A column in a form that can be compared with these values. MariaDB refuses to compare a column with a text that the
 * column could not hold ("Illegal mix of collations"): then the column's side is widened, in the collation of
 * the same name where there is one. Everything else is left alone, for indexes to serve.
 */
export const widened = (column: Sql, values: readonly SqlValue[], text: TextColumn | undefined): Sql => {
  const { charset, collation } = text ?? {}
  const beyond = CAN_NOT_HOLD[charset ?? '']
  if (!collation || !beyond || !values.some(value => typeof value === 'string' && beyond.test(value)))
    return column
  const wide = sql`CONVERT(${column} USING utf8mb4)`
  const wider = charset!.startsWith('u') ? collation.replace(/^[^_]+/, 'utf8mb4') : 'utf8mb4_general_ci'
  return { text: `${wide.text} COLLATE ${name(wider).text.slice(1, -1)}`, values: wide.values }
}
