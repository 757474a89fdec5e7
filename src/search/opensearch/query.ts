import type { Wanted } from '../search-index.js'
import type { Piece, Test } from '../test.js'
import { encodeKey, NULL, TEXT } from './key-code.js'
import { PART } from './mapping.js'
import { encodeDigits } from './source.js'

/** A query of OpenSearch's query language. What a caller gave is only ever a value in it. */
export type Clause = Readonly<Record<string, unknown>>

/** Tombstones. */
export const GONE: Clause = { term: { gone: true } }

/** No document at all. */
export const NOTHING: Clause = { match_none: {} }

const all = (clauses: readonly Clause[]): Clause => ({ bool: { filter: clauses } })

const some = (clauses: readonly Clause[]): Clause => {
  if (clauses.length === 0) return NOTHING
  return { bool: { should: clauses, minimum_should_match: 1 } }
}

/** As many values as one query of terms may have. */
const MOST_TERMS = 65_536

const oneOf = (field: string, values: readonly string[]): Clause => {
  const parts: Clause[] = []
  for (let i = 0; i < values.length; i += MOST_TERMS)
    parts.push({ terms: { [field]: values.slice(i, i + MOST_TERMS) } })
  return some(parts)
}

const wildcards = (pattern: readonly Piece[]): string =>
  pattern
    .map(piece => {
      if ('literal' in piece) return piece.literal.replace(/[\\*?]/g, '\\$&')
      return piece.any === 'one' ? '?' : '*'
    })
    .join('')

const like = (name: string, pattern: readonly Piece[]): Clause => {
  const fold = `fold.${name}`
  const value = TEXT + wildcards(pattern)
  return some([
    { wildcard: { [fold]: { value } } },
    {
      bool: {
        filter: { wildcard: { [`key.${name}`]: { value } } },
        must_not: { exists: { field: fold } },
      },
    },
  ])
}

const compared = (field: string, is: Extract<Test, { is: unknown }>['is'], value: string): Clause => {
  if (is === 'eq') return { term: { [field]: value } }
  // NULL is before all others, and neither before nor behind any.
  return { range: { [field]: { ...(is.startsWith('lt') && { gt: NULL }), [is]: value } } }
}

/** The query of the documents for which a test is true. */
export const clauseOf = (test: Test): Clause => {
  if ('not' in test) return { bool: { must_not: clauseOf(test.not) } }
  if ('any' in test) return some(test.any.map(tests => all(tests.map(clauseOf))))
  if ('cells' in test) return oneOf('cell', test.cells)
  if ('owner' in test) return { term: { [`owner.${test.owner}`]: test.eq } }
  if ('member' in test) return oneOf(`member.${test.member}`, test.in)
  if ('like' in test) return like(test.like, test.pattern)
  if ('address' in test) {
    if ('prefix' in test.address) return { prefix: { 'address.text': test.address.prefix } }
    const [gte, lte] = [test.address.first, test.address.last].map(encodeDigits)
    return { range: { 'address.digits': { gte, lte } } }
  }
  const field = `key.${test.key}`
  if ('isNull' in test) return { term: { [field]: NULL } }
  if ('in' in test) return oneOf(field, test.in.map(encodeKey))
  return compared(field, test.is, encodeKey(test.value))
}

/** A word of fewer characters than a part is the beginning of one; another is the parts of it, one behind the other. */
const wordIn = (field: string, word: string): Clause =>
  [...word].length < PART ? { prefix: { [field]: word } } : { match_phrase: { [field]: word } }

/** The query of the documents that are wanted, without a score. */
export const queryOf = ({ where, text }: Wanted): Clause => ({
  bool: {
    filter: [
      ...where.map(clauseOf),
      ...(text?.words ?? []).map(word => some(text!.fields.map(field => wordIn(`text.${field}`, word)))),
    ],
    must_not: GONE,
  },
})
