import { IndexError } from '../../errors.js'
import type { Ask } from './ask.js'

/** What a search gives, as far as it is used. */
export interface Searched {
  readonly timed_out: boolean
  readonly _shards: { readonly failed: number }
}

/** Documents that were found. */
export interface Hits<Source> extends Searched {
  readonly hits: {
    readonly total?: { readonly value: number }
    readonly hits: readonly {
      readonly _source: Source
      readonly _version: number
      readonly sort: readonly (string | number)[]
      readonly fields: Readonly<Record<string, readonly [number]>>
    }[]
  }
}

/** Where the connection's end does not reach the server, this ends a search. */
const SERVER_LIMIT = '60s'

/** Searches all of an index: a part of an answer is none. */
export const search = <Answer extends Searched, T>(
  ask: Ask,
  index: readonly string[],
  body: object,
  signal: AbortSignal,
  read: (answer: Answer) => T,
): Promise<T> =>
  ask(
    {
      method: 'POST',
      path: [...index, '_search'],
      query: { allow_partial_search_results: 'false', cancel_after_time_interval: SERVER_LIMIT },
      body,
    },
    signal,
    (answer: Answer) => {
      if (answer.timed_out || answer._shards.failed > 0) throw new IndexError('PARTIAL')
      return read(answer)
    },
  )
