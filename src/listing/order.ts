import type { SortColumn } from '../cells/key-plan.js'
import type { Direction } from '../engine/ordering.js'
import type { Resource } from '../resources/resource.js'
import type { CheckedQuery } from '../validation/validator.js'

const sortColumn = ({ columns }: Resource, column: string, dir: Direction): SortColumn => {
  const { kind, nullable = false } = columns[column]!
  return { column, kind, nullable, dir }
}

/** What `count` groups by, as an order. */
export const groupColumns = (resource: Resource, keys: readonly string[]): SortColumn[] =>
  keys.map(key => sortColumn(resource, key, 'asc'))

/** The caller's sort keys, completed to an order that is total over all cells. */
export const sortColumns = (resource: Resource, sort: CheckedQuery['sort']): SortColumn[] => {
  const { id, uuid } = resource
  const keys = sort.map(({ key, dir }) => sortColumn(resource, key, dir))
  const { dir } = keys.at(-1)!
  const has = (column: string): boolean => keys.some(key => key.column === column)
  if (!has(id)) keys.push(sortColumn(resource, id, dir))
  if (uuid === null) keys.push({ column: '', kind: 'text', nullable: false, dir: 'asc', tieBreak: 'cell' })
  else if (!has(uuid)) keys.push({ ...sortColumn(resource, uuid, 'asc'), tieBreak: 'bytes' })
  return keys
}
