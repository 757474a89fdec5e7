import { and, join, list, literally, name, type Sql, sql } from './fragment.js'
import { meets, type RowCondition } from './select-related.js'

/** Rows of one table that are a part of what some owners are. */
export interface Digested {
  readonly table: string
  /** The column that names the owner. */
  readonly column: string
  readonly columns: readonly string[]
  readonly only: readonly RowCondition[]
  /** No owner has two of them: to group them would sort all that they are made of. */
  readonly single?: boolean
}

/** Digests are added up in this many. */
export const MODULUS = 2 ** 32

const bare = (text: string): Sql => ({ text, values: [] })

/**
 * A number below {@link MODULUS} that changes with the row: NULL differs from every text that is not U+0000, and so do values from their neighbours'.
 * A CRC of the row itself would be linear: two rows that swap a value would often add up to what they did before.
 */
const digestOf = ({ column, columns }: Digested): Sql => {
  const all = [...new Set([column, ...columns])].map(one => sql`IFNULL(${name(one)}, CHAR(0))`)
  return sql`CRC32(SHA1(CONCAT_WS(CHAR(31), ${join(all, ', ')})))`
}

const sum = (digested: Digested): Sql => sql`MOD(SUM(${digestOf(digested)}), ${bare(String(MODULUS))})`

const from = (digested: Digested, which: readonly Sql[]): Sql =>
  sql`FROM ${name(digested.table)} WHERE ${and([...which, ...digested.only.map(one => meets(name(one.column), one))])}`

/** The owner, and the sum of the digests of its rows. */
const perOwner = (digested: Digested, which: Sql): Sql => {
  const owner = name(digested.column)
  const rows = from(digested, [which])
  return digested.single
    ? sql`SELECT ${owner}, ${digestOf(digested)} ${rows}`
    : sql`SELECT ${owner}, ${sum(digested)} ${rows} GROUP BY ${owner}`
}

/** The owner, and the sum of the digests of its rows; of these owners that have any. */
export const selectDigests = (digested: Digested, owners: readonly string[]): Sql =>
  perOwner(digested, sql`${name(digested.column)} IN ${list(owners)}`)

/** The same of the owners whose names begin so. */
export const selectDigestsUnder = (digested: Digested, prefix: string): Sql =>
  perOwner(digested, sql`${name(digested.column)} LIKE ${`${literally(prefix)}%`}`)

/** The beginnings of the owners' names in lower case, how many rows, and the sum of their digests. */
export const selectBuckets = (digested: Digested, characters: number): Sql => {
  const prefix = sql`LOWER(LEFT(${name(digested.column)}, ${bare(String(characters))}))`
  return sql`SELECT ${prefix}, COUNT(*), ${sum(digested)} ${from(digested, [])} GROUP BY 1`
}

/** Where a page of changed rows begins: behind this row, or with this time. */
export interface Since {
  readonly time: string
  readonly id: number
}

/**
 * The owner, the digest, the time and the id of the rows that have such a time, in the order of these: for a table with an index on the time.
 *
 * @param without - a column that is NULL in them
 */
export const selectSince = (
  digested: Digested,
  time: string,
  id: string,
  { time: since, id: behind }: Since,
  limit: number,
  without?: string,
): Sql => {
  const at = name(time)
  const range = sql`${at} >= ${since} AND (${at} > ${since} OR ${name(id)} > ${behind})`
  const columns = join([name(digested.column), digestOf(digested), at, name(id)], ', ')
  const which = without === undefined ? [range] : [range, sql`${name(without)} IS NULL`]
  return sql`SELECT ${columns} ${from(digested, which)} ORDER BY ${at}, ${name(id)} LIMIT ${bare(String(limit))}`
}

/** The owners of rows of which one of these columns is at or after a time, whatever else they are. The whole table is read. */
export const selectTouched = (
  { table, column }: Pick<Digested, 'table' | 'column'>,
  times: readonly string[],
  since: string,
): Sql => {
  const touched = join(
    times.map(time => sql`${name(time)} >= ${since}`),
    ' OR ',
  )
  return sql`SELECT DISTINCT ${name(column)} FROM ${name(table)} WHERE ${touched}`
}

/** The server's clock, in microseconds since 1970. */
export const selectClock: Sql = {
  text: "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))",
  values: [],
}
