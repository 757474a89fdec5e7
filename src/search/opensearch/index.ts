/**
 * A search index in OpenSearch, 2 or 3. Needs `@opensearch-project/opensearch`.
 *
 * @module
 */

import { Client, type ClientOptions } from '@opensearch-project/opensearch'
import { InvalidOptionError } from '../../errors.js'
import type { SearchIndex } from '../search-index.js'
import { asking, type OpenSearchClient } from './ask.js'
import { findVerbs } from './find.js'
import { generationVerbs } from './generations.js'
import { openNotebook } from './notebook.js'
import { placesOf } from './places.js'
import { GONE } from './query.js'
import { tallyVerbs } from './tally.js'
import { write } from './write.js'

export type { OpenSearchClient } from './ask.js'

/** What {@link openSearchIndex} takes. */
export type OpenSearchOptions = {
  /**
   * What the names of its indexes and aliases begin with: small letters, digits and hyphens, a letter first, 100 at the most. Default
   * `crosscell`. Two indexes on one server need two.
   */
  readonly prefix?: string
  /** Shards of each generation. Default 1, which is enough for millions of records. */
  readonly shards?: number
  /** Copies of each shard, on other nodes. Default 1. */
  readonly replicas?: number
} & (
  | {
      /** The URLs of one node or of several. */
      readonly node: string | string[]
      /** What else the client is made with: `auth`, `ssl`, … It asks once, whatever `maxRetries` says. */
      readonly options?: ClientOptions
    }
  | {
      /** A client, which stays open. */
      readonly client: OpenSearchClient
    }
)

const PREFIX = /^[a-z][a-z0-9-]{0,99}$/

/**
 * Opens an index in OpenSearch. Nothing is asked before the first call, so that the server may be down by then.
 *
 * @example
 * ```ts
 * const index = openSearchIndex({ node: 'https://search:9200', options: { auth: { username, password }, ssl: { ca } } })
 * const cells = await openCells({ apiDatabase, index })
 * ```
 * @throws InvalidOptionError a prefix that no index can have
 */
export const openSearchIndex = (options: OpenSearchOptions): SearchIndex => {
  const { prefix = 'crosscell', shards = 1, replicas = 1 } = options
  if (!PREFIX.test(prefix))
    throw new InvalidOptionError('/prefix', 'not the beginning of a name', 'small letters, digits and hyphens')
  const own = 'node' in options ? new Client({ ...options.options, node: options.node }) : undefined
  const { ask, leave } = asking(own ?? (options as { readonly client: OpenSearchClient }).client)
  let closing: Promise<void> | undefined
  const places = placesOf(prefix)
  const notebook = openNotebook(ask, places, { shards, replicas })
  return {
    name: 'opensearch',
    ...generationVerbs(ask, places, notebook, { shards, replicas }),
    ...findVerbs(ask, places),
    ...tallyVerbs(ask, places),
    write: async (generation, documents, signal) => write(ask, places.alias(generation), documents, signal),
    refresh: async (generation, signal) =>
      ask({ method: 'POST', path: [places.alias(generation), '_refresh'] }, signal, () => {}),
    purge: async (generation, cell, below, signal) => {
      const filter = [GONE, { term: { cell } }, { range: { version: { lt: below } } }]
      const path = [places.alias(generation), '_delete_by_query']
      return ask(
        {
          ...{ method: 'POST', path, query: { conflicts: 'proceed', refresh: 'true' } },
          body: { query: { bool: { filter } } },
        },
        signal,
        ({ deleted }: { readonly deleted: number }) => deleted,
      )
    },
    notes: notebook.notes,
    setNote: notebook.setNote,
    close: async () => {
      leave()
      // A second time the client would never come to an end.
      closing ??= own?.close()
      await closing
    },
  }
}
