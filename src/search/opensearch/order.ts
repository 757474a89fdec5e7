import type { IndexQuery, Key, Term } from '../search-index.js'
import { decodeKey, encodeKey } from './key-code.js'
import { type Clause, clauseOf, NOTHING, queryOf } from './query.js'

const sortOf = (term: Term): Clause => {
  if (term.by === 'uuid') return { uuid: 'asc' }
  if (term.by === 'key') return { [`key.${term.key}`]: term.dir }
  return { _score: term.dir === 'asc' ? 'desc' : 'asc' }
}

const encode = (term: Term, value: Key): Key => {
  if (term.by === 'uuid') return value
  return term.by === 'key' ? encodeKey(value) : term.of.length - (value as number)
}

const decode = (term: Term, value: Key): Key => {
  if (term.by === 'uuid') return value
  return term.by === 'key' ? decodeKey(value as string) : term.of.length - (value as number)
}

/** A document's score is the number of a rank's tests from the first that holds on. */
const scoreOf = (of: Extract<Term, { by: 'rank' }>['of']): Clause => ({
  dis_max: {
    // It may not be empty.
    queries: [
      NOTHING,
      ...of.map((test, i) => ({ constant_score: { filter: clauseOf(test), boost: of.length - i } })),
    ],
  },
})

/** What is sent for a page. */
export const pageOf = ({ sort, after, limit, ...wanted }: IndexQuery): object => {
  const rank = sort.find(term => term.by === 'rank')
  return {
    size: limit,
    query: rank ? { bool: { filter: queryOf(wanted), should: scoreOf(rank.of) } } : queryOf(wanted),
    sort: sort.map(sortOf),
    ...(after && { search_after: sort.map((term, i) => encode(term, after[i]!)) }),
    track_total_hits: false,
  }
}

/** A document's values for the terms of a sort. */
export const valuesOf = (sort: readonly Term[], values: readonly Key[]): Key[] =>
  sort.map((term, i) => decode(term, values[i]!))
