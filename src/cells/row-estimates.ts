import { LRUCache } from 'lru-cache'
import { expectedRows } from '../sql/explain.js'
import type { Sql, SqlValue } from '../sql/fragment.js'
import type { Cell } from './cell.js'

/** What is remembered of each cell, by statement. */
const known = new WeakMap<Cell, LRUCache<string, readonly number[]>>()

const TTL_MS = 10 * 60_000

/**
 * How many rows the cell's server expects at each step of a statement: from a look at the indexes, which costs the same however
 * many there are. Remembered for ten minutes; nothing but speed depends on it.
 *
 * @param key - the same for the same statement
 */
export const rowEstimates = async (
  cell: Cell,
  statement: Sql,
  key: string,
  signal: AbortSignal,
): Promise<readonly number[]> => {
  const remembered = known.get(cell) ?? new LRUCache({ max: 10_000, ttl: TTL_MS })
  known.set(cell, remembered)
  const lately = remembered.get(key)
  if (lately !== undefined) return lately
  const explained = await cell.explain(statement, signal)
  const rows = expectedRows(explained.rows as SqlValue[][])
  remembered.set(key, rows)
  return rows
}
