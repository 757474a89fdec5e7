import type { ColumnKind } from '../sql/codec.js'
import type { Operator } from '../sql/condition.js'

/**
 * The operators of one column's filter; several in one object must all hold.
 *
 * Text compares by the column's collation, so under a `_ci` one `'WEB'` equals `'web'`.
 */
export interface FilterOperators<Value> {
  /** Equal. `null` asks for NULL. A scalar in place of an operator object is short for this. */
  readonly eq?: Value | null
  /** Not equal. Rows with NULL are not equal to a value, so they are found too. `null` asks for not NULL. */
  readonly ne?: Value | null
  /** One of these; may hold `null`. An empty array finds no row. An array is short for this. */
  readonly in?: readonly (Value | null)[]
  /** Less than; never NULL. */
  readonly lt?: Value
  /** Less than or equal; never NULL. */
  readonly lte?: Value
  /** Greater than; never NULL. */
  readonly gt?: Value
  /** Greater than or equal; never NULL. */
  readonly gte?: Value
  /** SQL LIKE: `%` any text, `_` any character, `\` takes the next one literally. Text only. */
  readonly like?: string
  /** Starts with this text, taken literally. Text only. */
  readonly prefix?: string
  /** Contains this text, taken literally. Text only. */
  readonly contains?: string
  /** A regular expression of the server (PCRE on MariaDB, ICU on MySQL); at most 255 characters. Text only. */
  readonly regexp?: string
  /** NULL, or not NULL. */
  readonly is_null?: boolean
}

const choosing = ['eq', 'ne', 'in', 'is_null'] as const satisfies readonly Operator[]
const comparing = [...choosing, 'lt', 'lte', 'gt', 'gte'] as const
const matching = [...comparing, 'like', 'prefix', 'contains', 'regexp'] as const

/** Which operators a column has. An ENUM has no order in a filter: MySQL would compare it as text, not by ordinal. */
export const operatorsOf: Readonly<Record<ColumnKind, readonly Operator[]>> = {
  int: comparing,
  bigint: comparing,
  decimal: comparing,
  float: comparing,
  time: comparing,
  bool: choosing,
  enum: choosing,
  text: matching,
}
