import { type ColumnKind, encode, type Value } from './codec.js'
import { type Sql, sql } from './fragment.js'

/** A value in a statement's own words, for where nothing can be bound. Of a text nothing but hexadecimal digits. */
export const literal = (kind: ColumnKind, value: Value): Sql => {
  const encoded = encode(kind, value)
  if (encoded === null) return sql`NULL`
  const text = typeof encoded === 'string' ? inWords(kind, encoded) : String(encoded)
  // A literal with a fraction is a DECIMAL, which the driver gives as text.
  return { text: kind === 'float' ? `(${text} + 0e0)` : text, values: [] }
}

/** Digits behind the point. */
export const fractionOf = (value: Value): number => (/\.\d+/.exec(String(value))?.[0].length ?? 1) - 1

const inWords = (kind: ColumnKind, value: string): string => {
  const text = `CONVERT(X'${Buffer.from(value).toString('hex')}' USING utf8mb4)`
  const fraction = fractionOf(value)
  if (kind === 'time') return `CAST(${text} AS DATETIME(${fraction}))`
  return kind === 'bigint' || kind === 'decimal' ? `CAST(${text} AS DECIMAL(65, ${fraction}))` : text
}
