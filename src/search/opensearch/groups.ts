import type { Ask } from './ask.js'
import type { Clause } from './query.js'
import { type Searched, search } from './search.js'

/** Documents that have the same values in some fields. */
export interface Grouped<Aggregations> {
  readonly values: readonly string[]
  readonly count: number
  readonly of: Aggregations
}

/** What is grouped. */
export interface Grouping {
  readonly query: Clause
  readonly fields: readonly string[]
  /** What is told of each group. */
  readonly aggs: object
  /** Groups at the most. */
  readonly most: number
  /** Groups of one request. */
  readonly page: number
}

/** What is searched: an index as it is, or as it was at one moment. */
export interface Place {
  readonly path: readonly string[]
  readonly moment: object
}

interface Groups<Aggregations> extends Searched {
  readonly aggregations: {
    readonly groups: {
      readonly after_key?: object
      readonly buckets: readonly ({
        readonly key: readonly string[]
        readonly doc_count: number
      } & Aggregations)[]
    }
  }
}

/** Groups documents, exactly. */
export const groupsOf = async <Aggregations>(
  ask: Ask,
  { path, moment }: Place,
  { query, fields, aggs, most, page }: Grouping,
  signal: AbortSignal,
): Promise<readonly Grouped<Aggregations>[]> => {
  const sources = fields.map((field, i) => ({ [i]: { terms: { field } } }))
  const groups: Grouped<Aggregations>[] = []
  for (let after: object | undefined, size = 0, got = 0; got === size && groups.length < most; ) {
    size = Math.min(page, most - groups.length)
    const composite = { size, sources, ...(after && { after }) }
    const body = { ...moment, size: 0, track_total_hits: false, query, aggs: { groups: { composite, aggs } } }
    const { buckets, after_key } = await search(
      ask,
      path,
      body,
      signal,
      ({ aggregations }: Groups<Aggregations>) => aggregations.groups,
    )
    for (const { key, doc_count, ...of } of buckets)
      groups.push({
        values: fields.map((_, i) => key[i]!),
        count: doc_count,
        of: of as unknown as Aggregations,
      })
    got = buckets.length
    after = after_key
  }
  return groups
}

/** Searches an index as it is now, with several requests. */
export const atOneMoment = async <T>(
  ask: Ask,
  index: string,
  signal: AbortSignal,
  work: (place: Place) => Promise<T>,
): Promise<T> => {
  const query = { keep_alive: KEPT, allow_partial_pit_creation: 'false' }
  const id = await ask(
    { method: 'POST', path: [index, ...POINT_IN_TIME], query },
    signal,
    ({ pit_id }: { readonly pit_id: string }) => pit_id,
  )
  try {
    return await work({ path: [], moment: { pit: { id, keep_alive: KEPT } } })
  } finally {
    const body = { pit_id: [id] }
    // It ends by itself as well.
    await ask({ method: 'DELETE', path: POINT_IN_TIME, body }, signal, () => {}).catch(() => {})
  }
}

const POINT_IN_TIME = ['_search', 'point_in_time']
const KEPT = '1m'
