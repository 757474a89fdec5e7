import pLimit from 'p-limit'
import { type Cell, openCell } from './cell.js'
import { openPool, type PoolSettings } from './connection.js'
import { parseDatabaseUrl } from './database-url.js'
import type { CellMapping } from './directory.js'

/**
 * Opens every cell. Nothing is connected yet: a cell that is down costs nothing until it is asked.
 *
 * @param concurrency - statements under way at once, over all cells and requests
 */
export const openAll = (
  mappings: readonly CellMapping[],
  concurrency: number,
  settings: PoolSettings,
): Cell[] => {
  const limiter = pLimit(concurrency)
  return mappings.map((mapping, i) =>
    openCell(mapping, openPool(parseDatabaseUrl(mapping.database, `/cells/${i}/database`), settings), limiter),
  )
}
