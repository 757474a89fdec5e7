import type { Shape } from '../shape.js'

/** How an index is laid out over the nodes. */
export interface Spread {
  readonly shards: number
  readonly replicas: number
}

/** Characters of the parts that texts are searched by. */
export const PART = 3

/** Twice behind every text, so that one part begins with each of its characters. No text holds it. */
export const END = '\u0000'

const PARTS = 'parts'

const sorted = { type: 'keyword' }
const found = { type: 'keyword', doc_values: false }
const kept = { type: 'keyword', index: false, doc_values: false }
const parts = { type: 'text', analyzer: PARTS, norms: false }

/** What is refreshed is seen on every copy, and what is read is what was written: copies of segments come later. */
const REPLICATION = { type: 'DOCUMENT' }

const object = (fields: readonly (readonly [string, unknown])[]) => ({
  properties: Object.fromEntries(fields),
})
const each = (names: readonly string[], field: unknown) => object(names.map(name => [name, field]))

/** The index of a generation. What it is filled with at once is copied and shown when it is whole. */
export const indexOf = (shape: Shape, { shards, replicas }: Spread, bulk: boolean) => ({
  settings: {
    number_of_shards: shards,
    number_of_replicas: bulk ? 0 : replicas,
    replication: REPLICATION,
    ...(bulk && { refresh_interval: '-1' }),
    // Only a purge deletes, and what it forgets is forgotten with the next refresh.
    gc_deletes: '-1',
    analysis: {
      analyzer: { [PARTS]: { type: 'custom', tokenizer: PARTS } },
      tokenizer: { [PARTS]: { type: 'ngram', min_gram: PART, max_gram: PART } },
    },
  },
  mappings: {
    dynamic: 'strict',
    // Of all the rest it is enough that it is found.
    _source: { includes: ['cell', 'uuid', 'version', 'record'] },
    properties: {
      cell: found,
      uuid: sorted,
      prefix: { type: 'keyword', index: false },
      version: { type: 'long' },
      digest: { type: 'long', index: false },
      gone: { type: 'boolean', doc_values: false },
      record: kept,
      key: each(Object.keys(shape.keys), sorted),
      fold: each(
        Object.keys(shape.keys).filter(name => shape.keys[name] === 'text'),
        found,
      ),
      owner: each(shape.owners, found),
      member: each(shape.members, found),
      address: object([
        ['digits', found],
        ['text', found],
      ]),
      text: each(shape.texts, parts),
    },
  },
})

/** The index of what is kept beside the documents: one entry for a generation, one for each of its notes. */
export const notebookOf = ({ replicas }: Spread) => ({
  settings: { number_of_shards: 1, number_of_replicas: replicas, replication: REPLICATION },
  mappings: {
    dynamic: 'strict',
    properties: {
      generation: sorted,
      layout: kept,
      bulk: { type: 'boolean' },
      ready: { type: 'boolean' },
      note: sorted,
      value: kept,
    },
  },
})
