import type { SearchIndex } from '../search-index.js'
import type { Ask } from './ask.js'
import { pageOf, valuesOf } from './order.js'
import type { Places } from './places.js'
import { GONE } from './query.js'
import { type Hits, search } from './search.js'

type Verbs = Pick<SearchIndex, 'find' | 'scan'>

interface Source {
  readonly cell: string
  readonly uuid: string
  readonly version: number
  readonly record: string
}

/** Finds documents, whole or as a sweep sees them. */
export const findVerbs = (ask: Ask, { alias }: Places): Verbs => ({
  find: async (generation, query, signal) =>
    search(ask, [alias(generation)], pageOf(query), signal, ({ hits }: Hits<Source>) =>
      hits.hits.map(({ _source: { cell, uuid, version, record }, sort }) => ({
        ...{ cell, uuid, version, record },
        at: valuesOf(query.sort, sort),
      })),
    ),
  scan: async (generation, { cell, prefix, after, limit }, signal) => {
    const body = {
      size: limit,
      query: { bool: { filter: [{ term: { cell } }, { prefix: { uuid: prefix } }], must_not: GONE } },
      sort: [{ uuid: 'asc' }],
      search_after: [after],
      track_total_hits: false,
      // A version's record need not be unpacked for it.
      stored_fields: '_none_',
      docvalue_fields: ['version', 'digest'],
    }
    return search(ask, [alias(generation)], body, signal, ({ hits }: Hits<never>) =>
      hits.hits.map(({ sort: [uuid], fields: { version, digest } }) => ({
        uuid: uuid as string,
        version: version![0],
        digest: digest![0],
      })),
    )
  },
})
