import type { SearchIndex } from '../search-index.js'
import type { Ask } from './ask.js'
import { atOneMoment, groupsOf, type Place } from './groups.js'
import { decodeKey } from './key-code.js'
import type { Places } from './places.js'
import { GONE, queryOf } from './query.js'
import { type Hits, search } from './search.js'

type Verbs = Pick<SearchIndex, 'tally' | 'buckets'>

type First = Hits<{ readonly record: string }>

/** The record of the smallest uuid. */
const FIRST = { size: 1, sort: [{ uuid: 'asc' }], _source: ['record'] }

/** Groups of one request that come with records. */
const RECORDS = 1_000

/** More than there are beginnings of uuids, if they are hexadecimal digits. */
const BEGINNINGS = 10_000

/** Counts and adds up documents. */
export const tallyVerbs = (ask: Ask, { alias }: Places): Verbs => ({
  tally: async (generation, wanted, keys, most, signal) => {
    const query = queryOf(wanted)
    if (keys.length === 0) {
      const body = { ...FIRST, query, track_total_hits: true }
      return search(ask, [alias(generation)], body, signal, ({ hits: { hits, total } }: First) =>
        hits.map(({ _source: { record } }) => ({ values: [], count: total!.value, record })),
      )
    }
    const grouping = {
      query,
      fields: keys.map(key => `key.${key}`),
      aggs: { first: { top_hits: FIRST } },
      ...{ most: most + 1, page: RECORDS },
    }
    const read = (place: Place) => groupsOf<{ readonly first: First }>(ask, place, grouping, signal)
    const index = alias(generation)
    const groups = await (most < RECORDS
      ? read({ path: [index], moment: {} })
      : atOneMoment(ask, index, signal, read))
    return groups.map(({ values, count, of: { first } }) => ({
      values: values.map(decodeKey),
      count,
      record: first.hits.hits[0]!._source.record,
    }))
  },
  buckets: async (generation, cell, signal) => {
    const groups = await groupsOf<{ readonly checksum: { readonly value: number } }>(
      ask,
      { path: [alias(generation)], moment: {} },
      {
        query: { bool: { filter: { term: { cell } }, must_not: GONE } },
        fields: ['prefix'],
        aggs: { checksum: { sum: { field: 'digest' } } },
        ...{ most: Number.POSITIVE_INFINITY, page: BEGINNINGS },
      },
      signal,
    )
    return groups.map(({ values: [prefix], count, of }) => ({
      prefix: prefix!,
      count,
      checksum: of.checksum.value,
    }))
  },
})
