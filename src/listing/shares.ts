import { LRUCache } from 'lru-cache'
import type { CellName } from '../cells/cell.js'
import { batchSize } from '../engine/batch-size.js'
import type { CheckedQuery } from '../validation/validator.js'

/**
 * What part each cell had in the last page of a query, by the query's binding and the cell's uuid. It makes first batches as
 * large as they need to be, and tells whether full rows can come with the keys. Nothing but speed depends on it.
 */
export type ShareCache = LRUCache<string, ReadonlyMap<string, number>>

/** An empty cache of 10,000 queries. */
export const shareCache = (): ShareCache => new LRUCache({ max: 10_000 })

/** Full rows that are fetched beyond those returned, at the most, before they are fetched apart from the keys. */
const MOST_WASTE = 0.25

/** The shares of these cells, where they are known. */
export const knownShares = (
  cache: ShareCache,
  { binding }: CheckedQuery,
  cells: readonly CellName[],
): readonly number[] | undefined => {
  if (cells.length === 1) return [1]
  const known = cache.get(binding)
  return known && cells.map(({ uuid }) => known.get(uuid) ?? 1 / cells.length)
}

/**
 * Whether the full rows come with the keys. That saves a statement for each cell, and the server from looking every row up
 * twice; but rows that are no winners come in full as well.
 */
export const atOnce = (limit: number, shares: readonly number[] | undefined): boolean => {
  if (shares === undefined) return false
  const fetched = shares.reduce((sum, share) => sum + batchSize(limit, share), 0)
  return fetched <= limit * (1 + MOST_WASTE)
}

/** Remembers what part each cell had in a page, of which these are the origins. */
export const rememberShares = (
  cache: ShareCache,
  { binding }: CheckedQuery,
  cells: readonly CellName[],
  origins: readonly number[],
): void => {
  if (origins.length === 0) return
  // One row more for each: a short page says little of a long one, and a cell that had none may have some next time.
  const counts = cells.map(() => 1)
  for (const origin of origins) counts[origin]!++
  const total = origins.length + cells.length
  cache.set(binding, new Map(cells.map(({ uuid }, i) => [uuid, counts[i]! / total])))
}
