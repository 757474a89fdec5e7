import type { Direction } from '../engine/ordering.js'
import { type Sql, type SqlValue, sql } from './fragment.js'

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
export const keyset = (terms: readonly KeyTerm[], position: readonly SqlValue[]): Sql => {
  const strictlyAfter = terms.reduceRight<Sql | undefined>((rest, term, i) => {
    const value = position[i]!
    const beyond = after(term, value, ' > ', ' < ')
    if (rest === undefined) return beyond
    const tied = sql`(${equal(term, value)} AND ${rest})`
    return beyond.text === 'FALSE' ? tied : sql`(${beyond} OR ${tied})`
  }, undefined)!
  // At a NULL there is nothing to narrow: all that follows is already said.
  return position[0] === null ? strictlyAfter : sql`${reached(terms[0]!, position[0]!)} AND ${strictlyAfter}`
}

/** The rows whose first key comes behind a value, or is the same: some more than those that come behind a position with it. */
export const reached = (first: KeyTerm, value: SqlValue): Sql => {
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
