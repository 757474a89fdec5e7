import type { IndexDocument, Key, Term, Wanted } from '../search/search-index.js'
import type { Piece, Test } from '../search/test.js'

/** UTF-8 has the order of the code points; JavaScript's `<` has not. */
export const compareTexts = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const compareKeys = (a: Key, b: Key): number => {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  return typeof a === 'number' ? a - (b as number) : compareTexts(a, b as string)
}

/** What a document sorts by. */
export const valuesOf = (document: IndexDocument, sort: readonly Term[]): Key[] =>
  sort.map(term => {
    if (term.by === 'key') return document.keys[term.key]!
    if (term.by === 'uuid') return document.uuid
    const rank = term.of.findIndex(test => meets(document, test))
    return rank < 0 ? term.of.length : rank
  })

/** Compares what documents sort by. */
export const comparing =
  (sort: readonly Term[]) =>
  (a: readonly Key[], b: readonly Key[]): number => {
    for (const [i, term] of sort.entries()) {
      const order = compareKeys(a[i]!, b[i]!)
      if (order !== 0) return term.by !== 'uuid' && term.dir === 'desc' ? -order : order
    }
    return 0
  }

/** Whether a document is what is wanted. */
export const isWanted = (document: IndexDocument, { where, text }: Wanted): boolean =>
  where.every(test => meets(document, test)) &&
  (text === undefined ||
    text.words.every(word => text.fields.some(field => document.texts[field]!.some(one => one.includes(word)))))

const ORDERS: Readonly<Record<'eq' | 'lt' | 'lte' | 'gt' | 'gte', (order: number) => boolean>> = {
  eq: order => order === 0,
  lt: order => order < 0,
  lte: order => order <= 0,
  gt: order => order > 0,
  gte: order => order >= 0,
}

const meets = (document: IndexDocument, test: Test): boolean => {
  if ('not' in test) return !meets(document, test.not)
  if ('any' in test) return test.any.some(all => all.every(one => meets(document, one)))
  if ('cells' in test) return test.cells.includes(document.cell)
  if ('owner' in test) return document.owners[test.owner] === test.eq
  if ('member' in test) return document.members[test.member]!.some(one => test.in.includes(one))
  if ('address' in test) return document.addresses.some(one => isIn(one, test.address))
  if ('like' in test) {
    const text = document.folds[test.like] ?? document.keys[test.like]!
    return text !== null && fits(String(text), test.pattern)
  }
  const key = document.keys[test.key]!
  if ('isNull' in test) return key === null
  if (key === null) return false
  return 'in' in test ? test.in.includes(key) : ORDERS[test.is](compareKeys(key, test.value))
}

const isIn = (
  { digits, text }: IndexDocument['addresses'][number],
  like: { readonly first: string; readonly last: string } | { readonly prefix: string },
): boolean => {
  if ('prefix' in like) return text.startsWith(like.prefix)
  return digits.length === like.first.length && like.first <= digits && digits <= like.last
}

/** Follows all the places where the pieces so far may end. */
const fits = (text: string, pattern: readonly Piece[]): boolean => {
  const characters = [...text]
  let ends = new Set([0])
  for (const piece of pattern) {
    const next = new Set<number>()
    for (const at of ends) {
      if ('literal' in piece) {
        const own = [...piece.literal]
        if (own.every((character, i) => character === characters[at + i])) next.add(at + own.length)
      } else if (piece.any === 'one') {
        if (at < characters.length) next.add(at + 1)
      } else {
        for (let end = at; end <= characters.length && !next.has(end); end++) next.add(end)
      }
    }
    ends = next
  }
  return ends.has(characters.length)
}
