import type { IndexQuery, Key, Term, Wanted } from '../../search/search-index.js'
import type { Piece, Test } from '../../search/test.js'
import { CELLS, PARTS, SHAPE, uuidOf, type Values } from './documents.js'
import { pick, type Random, shuffled, times } from './random.js'

const KEYS = Object.keys(SHAPE.keys)
const TEXT_KEYS = KEYS.filter(key => SHAPE.keys[key] === 'text')

/** A part of one of the texts, of at least one character where that has one. */
const partOf = (random: Random, values: Values, most: number): string => {
  const characters = [...pick(random, values.texts)]
  const from = random(characters.length)
  return characters.slice(from, from + 1 + random(most)).join('')
}

const patternOf = (random: Random, values: Values): Piece[] =>
  times(random(5), () => {
    if (random(2) === 0) return { any: random(3) === 0 ? 'one' : 'more' }
    return { literal: random(3) === 0 ? pick(random, PARTS) : partOf(random, values, 3) }
  })

/** What is neither equal nor long may be refused. */
const comparisonOf = (random: Random, key: string, value: string | number): Test => {
  const is = pick(random, ['eq', 'lt', 'lte', 'gt', 'gte'] as const)
  return { key, is: String(value).length > 200 ? 'eq' : is, value }
}

/** A test of any kind; `deep` is how many may be inside each other. */
export const testOf = (random: Random, values: Values, deep: number): Test => {
  const key = pick(random, KEYS)
  const value = (): string | number => pick(random, values.keys[key]!)
  const one = (): Test => testOf(random, values, deep - 1)
  switch (random(deep === 0 ? 9 : 13)) {
    case 0:
    case 1:
      return comparisonOf(random, key, value())
    case 2:
      return { key, in: times(random(5), value) as string[] | number[] }
    case 3:
      return { key, isNull: true }
    case 4:
      return { like: pick(random, TEXT_KEYS), pattern: patternOf(random, values) }
    case 5:
      return { owner: pick(random, SHAPE.owners), eq: pick(random, values.owners) }
    case 6:
      return { member: pick(random, SHAPE.members), in: times(random(4), () => pick(random, values.members)) }
    case 7: {
      const { digits, text } = pick(random, values.addresses)
      if (digits === '' || random(2) === 0) return { address: { prefix: text.slice(0, random(6)) } }
      const network = digits.slice(0, random(digits.length + 1))
      return {
        address: { first: network.padEnd(digits.length, '0'), last: network.padEnd(digits.length, 'f') },
      }
    }
    case 8:
      return { cells: CELLS.filter(() => random(2) === 0) }
    case 9:
    case 10:
      return { not: one() }
    default:
      return { any: times(random(4), () => times(random(3), one)) }
  }
}

/** What documents have to be: not too much, so that some are. */
export const wantedOf = (random: Random, values: Values): Wanted => {
  const where = times(random(3), () => testOf(random, values, random(4)))
  if (random(3) > 0) return { where }
  const word = (): string => partOf(random, values, 1 + random(4)).replaceAll('\u0001', '') || 'a'
  return {
    where,
    text: { words: times(random(3), word), fields: SHAPE.texts.filter(() => random(3) > 0) },
  }
}

/** An order. */
export const sortOf = (random: Random, values: Values): Term[] => {
  const dir = (): 'asc' | 'desc' => pick(random, ['asc', 'desc'])
  const keys = shuffled(random, KEYS).slice(0, random(4))
  const terms = keys.map((key): Term => ({ by: 'key', key, dir: dir() }))
  if (random(4) === 0)
    terms.unshift({ by: 'rank', of: times(1 + random(3), () => testOf(random, values, 1)), dir: dir() })
  return [...terms, { by: 'uuid' }]
}

/** Values of an order that need not be any document's. */
export const placeIn = (random: Random, values: Values, sort: readonly Term[]): Key[] =>
  sort.map(term => {
    if (term.by === 'uuid') return pick(random, [uuidOf(random(200)), '', 'zzz'])
    if (term.by === 'rank') return random(term.of.length + 1)
    return random(5) === 0 ? null : pick(random, values.keys[term.key]!)
  })

/** A page of anything. */
export const queryOf = (random: Random, values: Values): IndexQuery => {
  const sort = sortOf(random, values)
  return {
    ...wantedOf(random, values),
    sort,
    limit: pick(random, [1, 3, 20, 1_000, 10_000]),
    ...(random(3) === 0 && { after: placeIn(random, values, sort) }),
  }
}
