import type { ColumnCondition, Condition, Operator } from '../sql/condition.js'
import type { SqlValue } from '../sql/fragment.js'
import type { Related } from '../sql/related.js'
import { type Frame, memberKey } from './frame.js'
import { asksFor } from './membership.js'
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
const onColumn = (frame: Frame, { column, op, value }: ColumnCondition): Test | undefined => {
  // The columns of a scope.
  if (op === 'exactly') return { owner: column, eq: value as string }
  const keyOf = frame.keyOf(column)
  if (keyOf === undefined) return undefined
  const weigher = frame.weigherOf(column)
  const pattern = patternOf(op, value)
  if (pattern !== undefined) {
    const texts = pattern.flatMap(piece => ('literal' in piece ? [piece.literal] : []))
    if (!texts.every(weigher!.holds) || !weigher!.judges(pattern)) return undefined
    const folded = pattern.map(piece =>
      'literal' in piece ? { literal: weigher!.foldPart(piece.literal) } : piece,
    )
    return { like: column, pattern: [...folded, { literal: weigher!.end }] }
  }
  if (weigher !== undefined && ![value].flat().every(one => typeof one !== 'string' || weigher.holds(one)))
    return undefined
  const isNull: Test = { key: column, isNull: true }
  const key = (one: SqlValue): string | number => keyOf(one as string | number)
  const equal = (one: SqlValue): Test => (one === null ? isNull : { key: column, is: 'eq', value: key(one) })
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
      return { key: column, is: op, value: key(value as SqlValue) }
    case 'is_null':
      return value === 1 ? isNull : { not: isNull }
    // Regular expressions are the servers' own.
    default:
      return undefined
  }
}

const MORE: Piece = { any: 'more' }

/** What the whole of a text has to fit, where that is asked for. */
const patternOf = (op: Operator, value: ColumnCondition['value']): readonly Piece[] | undefined => {
  switch (op) {
    case 'prefix':
      return [{ literal: value as string }, MORE]
    case 'contains':
      return [MORE, { literal: value as string }, MORE]
    case 'like':
      return pieces(value as string)
    default:
      return undefined
  }
}

/** The pieces of a LIKE pattern. */
const pieces = (pattern: string): Piece[] =>
  [...pattern.matchAll(/([%_])|((?:\\.|[^%_])+)/gsu)].map(([, sign, text]) =>
    sign === undefined ? { literal: text!.replace(/\\(.)/gsu, '$1') } : { any: sign === '%' ? 'more' : 'one' },
  )

const onRelated = (frame: Frame, related: Related): Test | undefined => {
  if (related.address !== undefined) {
    const { like } = related.address
    return { address: 'prefix' in like ? { prefix: like.prefix.toLowerCase() } : like }
  }
  const member = frame.members.find(one => asksFor(related, one))
  if (member === undefined) return undefined
  const lists = member.columns.map((_, i) => related.values[i]![1] as readonly string[])
  if (!lists.every((texts, i) => texts.every(text => member.weighers[i]!.holds(text)))) return undefined
  const combined = lists.reduce<readonly string[][]>(
    (sets, texts) => sets.flatMap(set => texts.map(text => [...set, text])),
    [[]],
  )
  return { member: member.name, in: [...new Set(combined.map(texts => memberKey(member, texts)))] }
}
