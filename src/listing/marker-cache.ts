import { LRUCache } from 'lru-cache'
import type { Bookmark } from '../engine/cursor.js'
import type { CheckedQuery } from '../validation/validator.js'

/**
 * The positions at which pages ended, by the uuid of their last record. A uuid alone does not say where a record
 * stood when the caller saw it: it may have been renamed, hidden or purged since. For ten minutes this does.
 */
export type MarkerCache = LRUCache<string, Bookmark>

/** An empty cache of 10,000 positions. */
export const markerCache = (): MarkerCache => new LRUCache({ max: 10_000, ttl: 10 * 60_000 })

const keyOf = ({ binding }: CheckedQuery, uuid: string): string => `${uuid} ${binding}`

/** Remembers where a page ended. */
export const rememberMarker = (
  cache: MarkerCache,
  query: CheckedQuery,
  uuid: string,
  bookmark: Bookmark,
): void => {
  cache.set(keyOf(query, uuid), bookmark)
}

/** Where a page ended with this record, if that is remembered. */
export const recallMarker = (cache: MarkerCache, query: CheckedQuery, uuid: string): Bookmark | undefined =>
  cache.get(keyOf(query, uuid))
