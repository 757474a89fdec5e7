import type { Cell } from './cell.js'
import type { TableSchema } from './table-schema.js'

/** A cell that takes part in an answer, and what its table looks like. */
export interface KnownCell {
  readonly cell: Cell
  readonly schema: TableSchema
  /** Cells that have the same one here are asked in the same words: these are found once for all of them. */
  readonly alike: object
  /** It has no index to keep, so that it takes the order of the others. */
  readonly follows?: boolean
}

/** What `find` finds for each cell; it is asked once for all that are alike. */
export const forEachCell = <C extends KnownCell, T>(
  cells: readonly C[],
  find: (cell: C, index: number) => T,
): T[] => {
  const found = new Map<object, T>()
  return cells.map((cell, i) => {
    const known = found.get(cell.alike)
    if (known !== undefined) return known
    const fresh = find(cell, i)
    found.set(cell.alike, fresh)
    return fresh
  })
}
