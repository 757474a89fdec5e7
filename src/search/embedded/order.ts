import { and, join, type Sql, sql } from '../../sql/fragment.js'
import type { Key, Term } from '../search-index.js'
import type { Test } from '../test.js'
import type { Columns } from './columns.js'
import { type OrderIndex, orderIndexes } from './tables.js'
import { truth } from './truth.js'

/** One term of an order, as SQL. */
export interface SortTerm {
  readonly value: Sql
  readonly dir: 'asc' | 'desc'
  /** Below all of its values that are not NULL; undefined where none is NULL. */
  readonly lowest?: Sql
}

const UUID: SortTerm = { value: { text: 'd.uuid', values: [] }, dir: 'asc' }

/** Below every text, and below every number. */
const LOWEST = { text: { text: "''", values: [] }, number: { text: '-1e999', values: [] } }

export const sortTerms = (columns: Columns, sort: readonly Term[]): readonly SortTerm[] =>
  sort.map(term => {
    if (term.by === 'uuid') return UUID
    if (term.by === 'rank') return { value: rankOf(columns, term.of), dir: term.dir }
    return { value: columns.key(term.key), dir: term.dir, lowest: LOWEST[columns.shape.keys[term.key]!] }
  })

const rankOf = (columns: Columns, tests: readonly Test[]): Sql => {
  const cases = tests.map(
    (test, rank) => sql`WHEN ${truth(columns, { where: [test] })} THEN ${{ text: `${rank}`, values: [] }}`,
  )
  const text = `CASE ${['WHEN FALSE THEN 0', ...cases.map(one => one.text)].join(' ')} ELSE ${tests.length} END`
  return { text, values: cases.flatMap(({ values }) => values) }
}

export const orderBy = (terms: readonly SortTerm[]): Sql =>
  join(
    terms.map(({ value, dir }) => sql`${value} ${{ text: dir, values: [] }}`),
    ', ',
  )

/**
 * What comes behind a place, as ranges that follow each other: with the same values but the last, then with the same but the last two, and so
 * on. An index that has the order finds the beginning of each.
 */
export const behind = (terms: readonly SortTerm[], place: readonly Key[]): readonly Sql[] =>
  terms.flatMap((_, i) => {
    const at = terms.length - 1 - i
    const same = terms.slice(0, at).map((term, j) => equal(term, place[j]!))
    return beyond(terms[at]!, place[at]!).map(range => and([...same, range]))
  })

const equal = ({ value }: SortTerm, key: Key): Sql =>
  key === null ? sql`${value} IS NULL` : sql`${value} = ${key}`

/** NULLs come first ascending, last descending. */
const beyond = ({ value, dir, lowest }: SortTerm, key: Key): Sql[] => {
  if (dir === 'asc') return [key === null ? sql`${value} >= ${lowest!}` : sql`${value} > ${key}`]
  if (key === null) return []
  return [sql`${value} < ${key}`, ...(lowest === undefined ? [] : [sql`${value} IS NULL`])]
}

/**
 * The index that has most of an order, from its beginning on, in the same direction or in the opposite one throughout. An owner's is for
 * the documents of that owner alone.
 */
export const indexFor = (
  columns: Columns,
  terms: readonly SortTerm[],
  owners: readonly string[],
): OrderIndex | undefined => {
  const fixed = owners.map(owner => columns.owner(owner).text)
  let best: OrderIndex | undefined
  let most = 0
  // Owners' indexes are the last: of as much of the order they have fewer documents.
  for (const index of orderIndexes(columns.shape)) {
    const names = index.columns.map(name => `d.${name}`).filter(name => !fixed.includes(name))
    const length = terms.findIndex(({ value, dir }, i) => value.text !== names[i] || dir !== terms[0]!.dir)
    if (length > 0 && length >= most) [best, most] = [index, length]
  }
  return best
}
