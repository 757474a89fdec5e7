import { type Sql, sql } from '../../sql/fragment.js'

const LAST = 0x10ffff
const SURROGATES = { first: 0xd800, last: 0xdfff }

/** The first text behind all that begin so; undefined where there is none. */
const behind = (prefix: string): string | undefined => {
  const codes = [...prefix].map(character => character.codePointAt(0)!)
  while (codes.at(-1) === LAST) codes.pop()
  const last = codes.pop()
  if (last === undefined) return undefined
  return String.fromCodePoint(...codes, last + 1 === SURROGATES.first ? SURROGATES.last + 1 : last + 1)
}

/** A column's text begins so: as a range, which an index has. */
export const beginsWith = (column: Sql, prefix: string): Sql => {
  const end = behind(prefix)
  return end === undefined ? sql`${column} >= ${prefix}` : sql`(${column} >= ${prefix} AND ${column} < ${end})`
}
