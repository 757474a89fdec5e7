import type { Cell } from '../cells/cell.js'
import type { InstanceMappings } from '../cells/instance-mappings.js'
import type { Cursors } from '../engine/cursor.js'
import type { Resource } from '../resources/resource.js'
import type { OpenIndex } from '../search/open-index.js'
import type { PageMemory } from './forecast.js'
import type { MarkerCache } from './marker-cache.js'

/** Where build requests come: in the order of all, before all cells as in Nova, or not at all. */
export type BuildRequests = 'in-order' | 'first' | 'none'

/** What the API database adds to a resource whose records are, or belong to, instances. */
export interface InstanceSources {
  readonly mappings: InstanceMappings
  readonly buildRequests: BuildRequests
  /** Ask only the cells that the scope has instances in. */
  readonly projectCells: boolean
}

/** What the API database adds where the records are instances themselves. */
export const ofInstances = ({ resource, instances }: Sources): InstanceSources | undefined =>
  resource.mapped === resource.uuid ? instances : undefined

/** What every request of one resource shares. */
export interface Sources {
  readonly resource: Resource
  readonly cells: readonly Cell[]
  /** The API database, where there is one. */
  readonly api?: Cell | undefined
  /** Of a resource whose records are, or belong to, instances, with an API database. */
  readonly instances?: InstanceSources | undefined
  readonly cursors: Cursors
  readonly markers: MarkerCache
  readonly memory: PageMemory
  /** Of a resource that an index keeps, where there is one. */
  readonly index?: OpenIndex | undefined
}
