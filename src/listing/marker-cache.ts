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

const keyOf = ({ binding }: CheckedQuery, uuid: string, stub: boolean): string =>
  `${stub ? 'stub' : 'record'} ${uuid} ${binding}`

/** Remembers where a page ended. A stub's place is not its record's: who has seen the record would go on somewhere else. */
export const rememberMarker = (
  cache: MarkerCache,
  query: CheckedQuery,
  uuid: string,
  stub: boolean,
  bookmark: Bookmark,
): void => {
  cache.set(keyOf(query, uuid, stub), bookmark)
  if (query.stubs && !stub) cache.delete(keyOf(query, uuid, true))
}

/** Where a page ended with this record, if that is remembered; for who asks for stubs, with what they saw last. */
export const recallMarker = (cache: MarkerCache, query: CheckedQuery, uuid: string): Bookmark | undefined =>
  (query.stubs ? cache.get(keyOf(query, uuid, true)) : undefined) ?? cache.get(keyOf(query, uuid, false))
