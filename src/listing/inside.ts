import type { Cell } from '../cells/cell.js'
import type { InstanceMappings } from '../cells/instance-mappings.js'
import { InvalidOptionError } from '../errors.js'
import type { Resource } from '../resources/resource.js'
import type { SearchIndex } from '../search/search-index.js'
import type { Lister } from './answer.js'
import type { Cells } from './cells.js'

/** What an indexer needs of open cells. */
export interface Inside {
  /** The cells as they are known now. Throws when they are closed. */
  readonly cells: () => readonly Cell[]
  readonly index: SearchIndex | undefined
  /** Of the API database, where there is one. */
  readonly mappings: InstanceMappings | undefined
  /** Lists what one cell has, and nothing else. */
  readonly listerOf: <R extends Resource>(resource: R, cell: Cell) => Lister<R>
}

const known = new WeakMap<Cells, Inside>()

export const showInside = (cells: Cells, inside: Inside): void => {
  known.set(cells, inside)
}

/** @throws {@link InvalidOptionError} for what `openCells` has not made */
export const insideOf = (cells: Cells): Inside => {
  const inside = known.get(cells)
  if (inside === undefined) throw new InvalidOptionError('/cells', 'got something else', 'what openCells gives')
  return inside
}
