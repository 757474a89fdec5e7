import { IndexError } from '../../errors.js'
import { and, join, or, type Sql, sql } from '../../sql/fragment.js'
import type { Wanted } from '../search-index.js'
import type { Piece, Test } from '../test.js'
import { type Columns, placeOf, placeOfText } from './columns.js'
import { beginsWith } from './prefix.js'

/** True of the documents that are wanted; false or NULL of the others. */
export const truth = (columns: Columns, { where, text }: Wanted): Sql =>
  and([
    ...where.map(test => passes(columns, test)),
    ...(text?.words ?? []).map(word =>
      or(text!.fields.map(field => sql`instr(${columns.text(field)}, ${word})`)),
    ),
  ])

/** True of the documents that pass a test. */
const passes = (columns: Columns, test: Test): Sql => {
  if ('not' in test) return sql`((${passes(columns, test.not)}) IS NOT TRUE)`
  if ('any' in test) return or(test.any.map(all => and(all.map(one => passes(columns, one)))))
  if ('cells' in test) return sql`d.cell IN (${cellsOf(test.cells)})`
  if ('owner' in test) return sql`${columns.owner(test.owner)} = ${test.eq}`
  if ('member' in test) return hasMember(columns, test)
  if ('address' in test) return sql`d.doc IN (${docsAt(test.address)})`
  if ('like' in test) return fits(columns.like(test.like), test.pattern)
  return onKey(columns.key(test.key), test)
}

const COMPARE = {
  eq: { text: '=', values: [] },
  lt: { text: '<', values: [] },
  lte: { text: '<=', values: [] },
  gt: { text: '>', values: [] },
  gte: { text: '>=', values: [] },
}

/** A test of a key alone. */
export type KeyTest = Extract<Test, { readonly key: string }>

export const onKey = (key: Sql, test: KeyTest): Sql => {
  if ('isNull' in test) return sql`${key} IS NULL`
  if ('is' in test) return sql`${key} ${COMPARE[test.is]} ${test.value}`
  const [exact, fractions]: [(string | number)[], (string | number)[]] = [[], []]
  for (const value of test.in) (isExactInJson(value) ? exact : fractions).push(value)
  if (fractions.length > MOST_FRACTIONS) throw new IndexError('REFUSED')
  const all = [each(exact), ...fractions.map(value => sql`SELECT ${value}`)]
  return sql`${key} IN (${join(all, ' UNION ALL ')})`
}

/** SQLite may read the last digit of a fraction wrong. */
const isExactInJson = (value: string | number): boolean =>
  typeof value === 'string' || Number.isSafeInteger(value)
/** SQLite takes 500 SELECTs in one. */
const MOST_FRACTIONS = 400

/** A list of any length. */
export const each = (values: readonly (string | number)[]): Sql =>
  sql`SELECT value FROM json_each(${JSON.stringify(values)})`

/** The numbers of cells. */
export const cellsOf = (uuids: readonly string[]): Sql =>
  sql`SELECT cell FROM cells WHERE uuid IN (${each(uuids)})`

/** Its set of members has one of these. */
export const hasMember = (columns: Columns, test: Extract<Test, { readonly member: string }>): Sql => {
  const { column, kind } = columns.members(test.member)
  return sql`${column} IN (
    SELECT parts."set" FROM members CROSS JOIN parts USING (member) WHERE kind = ${kind} AND text IN (${each(test.in)})
  )`
}

/** The documents that have such an address. */
export const docsAt = (like: Extract<Test, { readonly address: unknown }>['address']): Sql => {
  const place: Sql = { text: 'place', values: [] }
  const here =
    'prefix' in like
      ? beginsWith(place, placeOfText(like.prefix))
      : sql`place BETWEEN ${placeOf(like.first)} AND ${placeOf(like.last)}`
  return sql`SELECT DISTINCT doc FROM addresses WHERE ${here}`
}

/** GLOB's own characters, each as a class of one. */
const literally = (text: string): string => text.replace(/[*?[]/g, '[$&]')

/** GLOB reads these as one and the same; as the third of them is, so are the first two outside of Unicode. */
const CONFUSED = /[\ufffd-\uffff]/
const apart = (text: Sql): Sql =>
  sql`replace(replace(${text}, char(0xfffe), CAST(x'F4908080' AS TEXT)), char(0xffff), CAST(x'F4908081' AS TEXT))`

/** A text is as a pattern says. */
const fits = (text: Sql, pattern: readonly Piece[]): Sql => {
  const glob = pattern
    .map(piece => ('literal' in piece ? literally(piece.literal) : piece.any === 'one' ? '?' : '*'))
    .join('')
  return CONFUSED.test(glob) ? sql`${apart(text)} GLOB ${apart(sql`${glob}`)}` : sql`${text} GLOB ${glob}`
}
