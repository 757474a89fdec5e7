/**
 * The short forms of a query in full: `'name:desc'` as `{ key, dir }`, a scalar filter as `{ eq }`, an array as
 * `{ in }`. What is malformed stays as it is, for the schema to refuse.
 *
 * @module
 */

import type { Resource, SpecialFilter } from '../resources/resource.js'

type Plain = Record<string, unknown>

/** A plain object: what JSON calls one. */
export const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object without the members that are undefined: they count as not given. */
export const given = (value: Plain): Plain =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))

/** Members of the longest list that a query may hold. */
export const MAX_LIST = 100_000

/** The deepest values of a query: a text of a list of a key of a filter of its filters. */
const DEPTH = 5

/**
 * Data that was read once, without the members that are undefined: what is checked is what is used, whatever a getter or a proxy says
 * when it is read again. Of a list that is too long as much is left as is too long. What is deeper than any query is left as it is.
 */
export const readOnce = (value: unknown, depth = DEPTH): unknown => {
  if (typeof value !== 'object' || value === null || depth === 0) return value
  if (Array.isArray(value))
    return Array.from({ length: Math.min(value.length, MAX_LIST + 1) }, (_, i) => readOnce(value[i], depth - 1))
  return given(
    Object.fromEntries(Object.entries(value).map(([name, member]) => [name, readOnce(member, depth - 1)])),
  )
}

/** Sort keys with their directions. */
export const normalSort = (sort: unknown): unknown =>
  Array.isArray(sort)
    ? sort.map(entry => {
        if (typeof entry === 'string') {
          const [key, dir = 'asc', ...rest] = entry.split(':')
          return { key, dir: [dir, ...rest].join(':') }
        }
        return isPlain(entry) ? { dir: 'asc', ...entry } : entry
      })
    : sort

/** Filters by operator. Flags and the filters beside the columns have forms of their own. */
export const normalFilters = (filters: unknown, { flags, filters: special }: Resource): unknown => {
  if (!isPlain(filters)) return filters
  const isFlag = (name: string): boolean => flags.some(({ names }) => names.includes(name))
  const normal = (name: string, filter: unknown): unknown => {
    if (isFlag(name)) return filter
    return Object.hasOwn(special, name) ? normalSpecial(special[name]!, filter) : normalFilter(filter)
  }
  return Object.fromEntries(Object.entries(filters).map(([name, filter]) => [name, normal(name, filter)]))
}

const normalFilter = (filter: unknown): unknown => {
  if (isPlain(filter)) return filter
  return Array.isArray(filter) ? { in: filter } : { eq: filter }
}

const normalSpecial = ({ kind }: SpecialFilter, filter: unknown): unknown => {
  if (kind === 'address' && typeof filter === 'string') return { network: filter }
  if (kind === 'either' && typeof filter === 'string') return [filter]
  if (kind !== 'pairs' || !isPlain(filter)) return filter
  return Object.fromEntries(
    Object.entries(filter).map(([key, value]) => [key, typeof value === 'string' ? [value] : value]),
  )
}
