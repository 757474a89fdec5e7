import type { ColumnCondition, Condition } from '../sql/condition.js'
import type { SqlValue } from '../sql/fragment.js'
import type { Related } from '../sql/related.js'
import type { Frame } from './frame.js'
import type { Piece, Test } from './test.js'

/** What an index is asked for, or why only the cells can answer: the columns and filters in question. */
export type Tests = { readonly tests: readonly Test[] } | { readonly unserved: readonly string[] }

/** Conditions on the rows of cells as tests of documents that are true of the same records. */
export const testsOf = (frame: Frame, conditions: readonly Condition[]): Tests => {
  const unserved = new Set<string>()
  const tests = all(frame, conditions, unserved)
  return unserved.size > 0 ? { unserved: [...unserved] } : { tests }
}

const NEVER: Test = { any: [] }

const all = (frame: Frame, conditions: readonly Condition[], unserved: Set<string>): Test[] =>
  conditions.map(condition => {
    if ('anyOf' in condition) return { any: condition.anyOf.map(some => all(frame, some, unserved)) }
    if ('related' in condition) {
      const test = onRelated(frame, condition.related)
      if (test === undefined) unserved.add(condition.related.table)
      return test === undefined ? NEVER : condition.not ? { not: test } : test
    }
    const test = onColumn(frame, condition)
    if (test === undefined) unserved.add(`${condition.column} ${condition.op}`)
    return test ?? NEVER
  })

/** Undefined where only cells can tell. */
const onColumn = (frame: Frame, { column, kind, op, value }: ColumnCondition): Test | undefined => {
  if (op === 'exactly')
    return frame.shape.owners.includes(column) ? { owner: column, eq: value as string } : undefined
  const keyOf = frame.keyOf(column)
  if (keyOf === undefined) return undefined
  const isNull: Test = { key: column, isNull: true }
  const key = (one: SqlValue): string | number => keyOf(one as string | number)
  const equal = (one: SqlValue): Test => (one === null ? isNull : { key: column, is: 'eq', value: key(one) })
  const like = (pattern: readonly Piece[]): Test => ({ like: column, pattern })
  const literal = (text: string): Piece[] =>
    text === '' ? [] : [{ literal: frame.weigherOf(column)!.foldPart(text) }]
  switch (op) {
    case 'eq':
      return equal(value as SqlValue)
    case 'ne':
      return { not: equal(value as SqlValue) }
    case 'in': {
      const values = value as readonly SqlValue[]
      const some = values.filter(one => one !== null)
      const found: Test = some.length === 0 ? NEVER : { key: column, in: some.map(key) }
      return some.length === values.length ? found : { any: [[found], [isNull]] }
    }
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      // MySQL compares an ENUM as text there.
      return kind === 'enum' ? undefined : { key: column, is: op, value: key(value as SqlValue) }
    case 'is_null':
      return value === 1 ? isNull : { not: isNull }
    case 'prefix':
      return like([...literal(value as string), { any: 'more' }])
    case 'contains':
      return like([{ any: 'more' }, ...literal(value as string), { any: 'more' }])
    case 'like':
      return like(pieces(value as string).flatMap(piece => ('literal' in piece ? literal(piece.literal) : piece)))
    // Regular expressions are the servers' own.
    case 'regexp':
      return undefined
  }
}

/** The pieces of a LIKE pattern. */
const pieces = (pattern: string): Piece[] => {
  const found: Piece[] = []
  let text = ''
  const end = (): void => {
    if (text !== '') found.push({ literal: text })
    text = ''
  }
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!
    if (character === '\\' && i + 1 < pattern.length) text += pattern[++i]!
    else if (character === '%' || character === '_') {
      end()
      found.push({ any: character === '%' ? 'more' : 'one' })
    } else text += character
  }
  end()
  return found
}

const onRelated = (frame: Frame, related: Related): Test | undefined => {
  if (related.address !== undefined) {
    const { like } = related.address
    return { address: 'prefix' in like ? { prefix: like.prefix.toLowerCase() } : like }
  }
  const memberOf = frame.memberOf(related.table)
  if (memberOf === undefined) return undefined
  // Texts come first; what follows says which rows of the relation count.
  const texts = related.values.filter(([, values]) => values.every(value => typeof value === 'string'))
  const combined = texts.reduce<readonly string[][]>(
    (sets, [, values]) => sets.flatMap(set => values.map(value => [...set, value as string])),
    [[]],
  )
  return { member: related.table, in: [...new Set(combined.map(memberOf))] }
}
