import { sideReads } from '../resources/included.js'
import type { Resource } from '../resources/resource.js'
import { wholeInclude, wholeOf } from '../search/whole-resource.js'
import type { Digested } from '../sql/digest.js'

/** The rows that a document is made of. */
export interface Parts {
  /** The record itself. */
  readonly own: Digested
  /** What belongs to it in other tables, each table once. */
  readonly sides: readonly Digested[]
}

/** A resource as it is read for an index; one object, since cells remember by it. */
export interface Whole {
  readonly resource: Resource
  readonly include: readonly string[]
  readonly parts: Parts
}

const known = new WeakMap<Resource, Whole>()

export const wholeResource = (resource: Resource): Whole => {
  const made = known.get(resource) ?? make(resource)
  known.set(resource, made)
  return made
}

const make = (indexed: Resource): Whole => {
  const resource = wholeOf(indexed)
  const include = wholeInclude(indexed)
  const own = {
    table: resource.table,
    column: resource.uuid!,
    columns: Object.keys(resource.columns),
    only: [],
    single: true,
  }
  const sides = new Map<string, Digested>()
  for (const { from, columns } of sideReads(resource.relations, include)) {
    const { table, column, only = [] } = from
    const before = sides.get(table)?.columns ?? []
    sides.set(table, { table, column, only, columns: [...new Set([...before, ...columns])] })
  }
  return { resource, include, parts: { own, sides: [...sides.values()] } }
}
