import type { Direction } from '../engine/ordering.js'
import { or, type Sql, type SqlValue, sql } from './fragment.js'

/** One sort key as one cell's SQL says it. */
export interface KeyTerm {
  /** What `ORDER BY` names: the column itself wherever possible, so that an index can serve it. */
  readonly order: Sql
  /** What a bound sort value is compared with. */
  readonly compare: Sql
  /** The same, for a value that the column could not hold. */
  readonly widen?: (value: SqlValue) => Sql
  readonly dir: Direction
  readonly nullable: boolean
  /** It is the same in every row, so that no range of an index begins with it. */
  readonly constant?: boolean
  /** A sort value as it is bound. */
  readonly bind: (value: SqlValue) => Sql
}

/**
 * The rows that come strictly behind a position.
 *
 * For keys `a desc, id desc` at `(v, 7)`: `(a <= v OR a IS NULL) AND (a < v OR a IS NULL OR (a = v AND id < 7))`,
 * with the NULL parts only where the column may hold NULL. The first part says nothing new: it is there for MySQL
 * and MariaDB to see one range of the index (with the index forced; see the EXPLAIN tests). A row constructor
 * would be shorter, but can't say NULL, can't mix directions, and both servers walk everything before the
 * position with it.
 */
export const keyset = (terms: readonly KeyTerm[], position: readonly SqlValue[]): Sql =>
  behind(terms, position, STRICTLY)

type Operators = readonly [up: string, down: string]
const STRICTLY: Operators = [' > ', ' < ']

/** `last`: how the last key, which is never NULL, is compared where all others are equal. */
const behind = (terms: readonly KeyTerm[], position: readonly SqlValue[], last: Operators): Sql => {
  const strictlyAfter = terms.reduceRight<Sql | undefined>((rest, term, i) => {
    const value = position[i]!
    if (rest === undefined) return after(term, value, ...last)
    const beyond = after(term, value, ...STRICTLY)
    const tied = sql`(${equal(term, value)} AND ${rest})`
    return beyond.text === 'FALSE' ? tied : sql`(${beyond} OR ${tied})`
  }, undefined)!
  // At a NULL there is nothing to narrow: all that follows is already said.
  return position[terms.findIndex(({ constant }) => !constant)] === null
    ? strictlyAfter
    : sql`${reached(terms, position)} AND ${strictlyAfter}`
}

/** The rows up to a position, with what is there: in the opposite order, which has NULLs at its other end, they are behind it. */
export const keysetUpTo = (terms: readonly KeyTerm[], position: readonly SqlValue[]): Sql =>
  behind(
    terms.map(term => ({ ...term, dir: term.dir === 'asc' ? ('desc' as const) : ('asc' as const) })),
    position,
    [' >= ', ' <= '],
  )

/**
 * The rows whose first key comes behind that of a position, or is the same: some more than those that come behind the position. Where it is
 * the same in all rows, the next key is taken, as long as the position has the same: a range of an index is seen in that.
 */
export const reached = (terms: readonly KeyTerm[], position: readonly SqlValue[]): Sql => {
  const [first, value] = [terms[0]!, position[0]!]
  if (first.constant) return or([after(first, value, ' > ', ' < '), reached(terms.slice(1), position.slice(1))])
  if (value !== null) return after(first, value, ' >= ', ' <= ')
  return first.dir === 'asc' ? sql`TRUE` : sql`${first.compare} IS NULL`
}

/** NULLs are before everything ascending, behind everything descending. */
const after = (term: KeyTerm, value: SqlValue, up: string, down: string): Sql => {
  const { dir, nullable, bind } = term
  const compare = side(term, value)
  if (value === null) return dir === 'asc' ? sql`${compare} IS NOT NULL` : sql`FALSE`
  const beyond = { text: compare.text + (dir === 'asc' ? up : down), values: compare.values }
  const some = sql`${beyond}${bind(value)}`
  return dir === 'desc' && nullable ? sql`(${some} OR ${compare} IS NULL)` : some
}

const equal = (term: KeyTerm, value: SqlValue): Sql =>
  value === null ? sql`${term.compare} IS NULL` : sql`${side(term, value)} = ${term.bind(value)}`

const side = ({ compare, widen }: KeyTerm, value: SqlValue): Sql => widen?.(value) ?? compare
