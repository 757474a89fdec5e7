import { type Sql, type SqlValue, sql } from './fragment.js'

/**
 * What a column holds, and the exact JSON form of its values.
 *
 * | kind | MySQL types | value |
 * |---|---|---|
 * | `int` | TINYINT … INT | number |
 * | `bigint` | BIGINT | string, `'9223372036854775807'` |
 * | `decimal` | DECIMAL | string, `'0.10'` |
 * | `float` | FLOAT, DOUBLE | number |
 * | `bool` | TINYINT(1) | boolean |
 * | `time` | DATETIME, TIMESTAMP | string, ISO 8601 in UTC with the column's precision |
 * | `enum` | ENUM | one of its members |
 * | `text` | CHAR, VARCHAR, TEXT | string |
 */
export type ColumnKind = 'int' | 'bigint' | 'decimal' | 'float' | 'bool' | 'time' | 'enum' | 'text'

/** A value as callers give and get it. */
export type Value = string | number | boolean | null

type Decode = (raw: string | number) => string | number | boolean

/** The kinds whose values are not what the driver reads. */
export const decoders: Partial<Record<ColumnKind, Decode>> = {
  bigint: String,
  decimal: String,
  bool: raw => raw !== 0,
  time: raw => `${(raw as string).slice(0, 10)}T${(raw as string).slice(11)}Z`,
}

/** What the driver read, as callers get it. */
export const decoderOf = (kind: ColumnKind): ((raw: SqlValue) => Value) => {
  const decode = decoders[kind]
  return decode === undefined ? raw => raw : raw => (raw === null ? null : decode(raw))
}

/** A caller's value as the database takes it. The value has been validated: a `time` is what {@link parseTime} takes. */
export const encode = (kind: ColumnKind, value: Value): SqlValue => {
  if (typeof value === 'boolean') return value ? 1 : 0
  return kind === 'time' && value !== null ? parseTime(value as string)! : value
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,6}))?(Z|[+-]\d\d:?\d\d)?)?$/

/**
 * ISO 8601 to MySQL's form, in UTC, without losing a digit of the fraction. A time without an offset is UTC, as
 * every time in Nova's databases is. Undefined when it is no time.
 */
export const parseTime = (iso: string): string | undefined => {
  const [, date, time = '00:00:00', fraction = '', zone = 'Z'] = TIME.exec(iso) ?? []
  if (date === undefined) return undefined
  const whole = new Date(`${date}T${time}${zone}`)
  // Date rolls 30 February over; a date that does not exist is refused.
  if (Number.isNaN(whole.getTime()) || !new Date(`${date}T00:00:00Z`).toISOString().startsWith(date))
    return undefined
  const text = whole.toISOString().slice(0, 19).replace('T', ' ')
  return fraction === '' ? text : `${text}.${fraction}`
}

/**
 * A bound value that compares exactly with a column of this kind: MySQL compares a BIGINT or DECIMAL with text as
 * floats, so those are cast ("Type Conversion in Expression Evaluation" in MySQL's manual).
 */
export const bound = (kind: ColumnKind, value: SqlValue): Sql => {
  if (kind !== 'bigint' && kind !== 'decimal') return sql`${value}`
  const scale = String(value).split('.')[1]?.length ?? 0
  return { text: `CAST(? AS DECIMAL(65, ${scale}))`, values: [value] }
}
