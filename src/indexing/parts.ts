import { sideReads } from '../resources/included.js'
import type { Resource } from '../resources/resource.js'
import { wholeInclude, wholeOf } from '../search/whole-resource.js'
import type { Digested } from '../sql/digest.js'

/** The rows that a document is made of. */
export interface Parts {
  /** The record itself. */
  readonly own: Digested
  /** What belongs to it in other tables. */
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
  const sides = sideReads(resource.relations, include).map(({ from, columns }): Digested => {
    const { table, column, only = [] } = from
    return { table, column, only, columns }
  })
  return { resource, include, parts: { own, sides } }
}
