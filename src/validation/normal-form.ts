/**
 * The short forms of a query in full: `'name:desc'` as `{ key, dir }`, a scalar filter as `{ eq }`, an array as
 * `{ in }`. What is malformed stays as it is, for the schema to refuse.
 *
 * @module
 */

type Plain = Record<string, unknown>

/** A plain object: what JSON calls one. */
export const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object without the members that are undefined: they count as not given. */
export const given = (value: Plain): Plain =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))

/** Sort keys with their directions. */
export const normalSort = (sort: unknown): unknown =>
  Array.isArray(sort)
    ? sort.map(entry => {
        if (typeof entry === 'string') {
          const [key, dir = 'asc', ...rest] = entry.split(':')
          return { key, dir: [dir, ...rest].join(':') }
        }
        return isPlain(entry) ? { dir: 'asc', ...given(entry) } : entry
      })
    : sort

/** Filters by operator. Flags are yes or no questions, and have none. */
export const normalFilters = (filters: unknown, flags: object): unknown =>
  isPlain(filters)
    ? Object.fromEntries(
        Object.entries(given(filters)).map(([name, filter]) => [
          name,
          Object.hasOwn(flags, name) ? filter : normalFilter(filter),
        ]),
      )
    : filters

const normalFilter = (filter: unknown): unknown => {
  if (isPlain(filter)) return given(filter)
  return Array.isArray(filter) ? { in: filter } : { eq: filter }
}
