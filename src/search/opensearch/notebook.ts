import { IndexError } from '../../errors.js'
import type { Note } from '../search-index.js'
import type { Ask } from './ask.js'
import { CONFLICT, EXISTS, unless } from './failure.js'
import { notebookOf, type Spread } from './mapping.js'
import type { Places } from './places.js'
import { type Hits, search } from './search.js'

/** What is kept of a generation. */
export interface Entry {
  readonly layout: string
  readonly bulk: boolean
  readonly ready: boolean
}

/** What is kept beside the documents: an entry for each generation, and its notes. */
export interface Notebook {
  /** Those of these generations that there are. */
  entries(generations: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Entry>>
  /** @throws IndexError `NO_GENERATION` */
  entry(generation: string, signal: AbortSignal): Promise<Entry>
  begin(generation: string, entry: Entry, signal: AbortSignal): Promise<void>
  setReady(generation: string, signal: AbortSignal): Promise<void>
  notes(generation: string, prefix: string, signal: AbortSignal): Promise<ReadonlyMap<string, Note>>
  setNote(generation: string, key: string, note: Note, signal: AbortSignal): Promise<boolean>
  /** Forgets a generation and its notes. */
  forget(generation: string, signal: AbortSignal): Promise<void>
}

/** Notes of one request. */
const PAGE = 100

/** What is written can be searched for at once. */
const SEEN = { refresh: 'true' }

interface NoteSource {
  readonly note: string
  readonly value: string
}

interface Found<T> {
  readonly found?: boolean
  readonly _version: number
  readonly _seq_no: number
  readonly _primary_term: number
  readonly _source: T
}

export const openNotebook = (ask: Ask, places: Places, spread: Spread): Notebook => {
  const { notebook } = places
  /** The layouts never change. */
  const layouts = new Map<string, string>()

  /** As they are now, whatever was refreshed. */
  const get = <T>(docs: readonly object[], signal: AbortSignal): Promise<readonly Found<T>[]> =>
    ask(
      { method: 'POST', path: [notebook, '_mget'], body: { docs } },
      signal,
      (body: { readonly docs: readonly Found<T>[] }) => body.docs,
    )

  const put = (
    id: string,
    body: object,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<true> =>
    ask(
      { method: 'PUT', path: [notebook, '_doc', id], query: { ...SEEN, ...query }, body },
      signal,
      () => true as const,
    )

  const entries: Notebook['entries'] = async (generations, signal) => {
    if (generations.length === 0) return new Map()
    const docs = generations.map(_id => ({
      _id,
      _source: { exclude: layouts.has(_id) ? ['layout'] : [] },
    }))
    const found = await get<Entry>(docs, signal)
    return new Map(
      generations.flatMap((name, i): [string, Entry][] => {
        const { found: there, _source } = found[i]!
        if (!there) return []
        const layout = layouts.get(name) ?? _source.layout
        layouts.set(name, layout)
        return [[name, { ..._source, layout }]]
      }),
    )
  }

  const entry: Notebook['entry'] = async (generation, signal) => {
    const found = (await entries([places.entry(generation)], signal)).get(generation)
    if (found === undefined) throw new IndexError('NO_GENERATION')
    return found
  }

  const notesOf = async (
    generation: string,
    prefix: string,
    signal: AbortSignal,
  ): Promise<Map<string, Note>> => {
    const notes = new Map<string, Note>()
    for (let after = '', size = PAGE; size === PAGE; ) {
      const body = {
        ...{ size: PAGE, sort: [{ note: 'asc' }], search_after: [after], version: true },
        query: { bool: { filter: [{ term: { generation } }, { prefix: { note: prefix } }] } },
      }
      const page = await search(ask, [notebook], body, signal, ({ hits }: Hits<NoteSource>) => hits.hits)
      for (const { _source, _version } of page)
        notes.set(_source.note, { value: _source.value, revision: _version })
      after = page.at(-1)?._source.note ?? after
      size = page.length
    }
    return notes
  }

  return {
    entries,
    entry,
    begin: async (generation, entry, signal) => {
      const body = notebookOf(spread)
      await ask({ method: 'PUT', path: [notebook], body }, signal, () => {}).catch(unless(EXISTS))
      await put(generation, { generation, ...entry }, {}, signal)
    },
    setReady: (generation, signal) =>
      ask(
        {
          ...{ method: 'POST', path: [notebook, '_update', generation], query: SEEN },
          body: { doc: { ready: true } },
        },
        signal,
        () => {},
      ),
    notes: async (generation, prefix, signal) => {
      const [notes] = await Promise.all([notesOf(generation, prefix, signal), entry(generation, signal)])
      return notes
    },
    setNote: async (generation, key, { value, revision }, signal) => {
      const id = places.note(generation, key)
      const [its, note] = await get(
        [generation, id].map(_id => ({ _id, _source: false })),
        signal,
      )
      if (!its!.found) throw new IndexError('NO_GENERATION')
      if (revision !== (note!.found ? note!._version : 0)) return false
      const expected = note!.found
        ? { if_seq_no: `${note!._seq_no}`, if_primary_term: `${note!._primary_term}` }
        : { op_type: 'create' }
      const done = await put(id, { generation, note: key, value }, expected, signal).catch(unless(CONFLICT))
      return done !== undefined
    },
    forget: (generation, signal) =>
      ask(
        {
          ...{ method: 'POST', path: [notebook, '_delete_by_query'], query: { ...SEEN, conflicts: 'proceed' } },
          body: { query: { term: { generation } } },
        },
        signal,
        () => {},
      ),
  }
}
