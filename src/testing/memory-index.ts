import { IndexError } from '../errors.js'
import type {
  Bucket,
  Generation,
  Group,
  IndexDocument,
  Note,
  SearchIndex,
  Tombstone,
  Wanted,
} from '../search/search-index.js'
import { compareTexts, comparing, isWanted, valuesOf } from './memory-documents.js'

/** What memory indexes hold. Several of them over one are as several processes over one server. */
export interface MemoryStore {
  readonly generations: Map<string, StoredGeneration>
  /** The name of the one that answers. */
  current: string | undefined
  /** How many there ever were. */
  made: number
}

/** One generation of it. */
export interface StoredGeneration {
  readonly layout: string
  ready: boolean
  /** By cell and uuid. */
  readonly documents: Map<string, IndexDocument | Tombstone>
  readonly notes: Map<string, Note>
}

/** Nothing yet. */
export const memoryStore = (): MemoryStore => ({ generations: new Map(), current: undefined, made: 0 })

/** A search index in memory, for tests: it looks at every document for every question. What was written is found at once. */
export const memoryIndex = (store: MemoryStore = memoryStore()): SearchIndex => {
  const { generations } = store
  let closed = false

  const enter = (signal: AbortSignal): void => {
    signal.throwIfAborted()
    if (closed) throw new IndexError('CLOSED')
  }
  const open = (name: string, signal: AbortSignal): StoredGeneration => {
    enter(signal)
    const generation = generations.get(name)
    if (generation === undefined) throw new IndexError('NO_GENERATION')
    return generation
  }
  const documentsOf = (name: string, signal: AbortSignal): IndexDocument[] =>
    [...open(name, signal).documents.values()].flatMap(one => ('gone' in one ? [] : [one]))
  const byUuid = (a: IndexDocument, b: IndexDocument): number => compareTexts(a.uuid, b.uuid)
  const wantedOf = (name: string, wanted: Wanted, signal: AbortSignal): IndexDocument[] =>
    documentsOf(name, signal).filter(document => isWanted(document, wanted))

  return {
    name: 'memory',
    generations: async signal => {
      enter(signal)
      return [...generations].map(
        ([name, { layout, ready }]): Generation => ({ name, layout, ready, current: name === store.current }),
      )
    },
    create: async (_shape, layout, _bulk, signal) => {
      enter(signal)
      const name = `g${++store.made}`
      generations.set(name, { layout, ready: false, documents: new Map(), notes: new Map() })
      return name
    },
    finish: async (name, signal) => {
      open(name, signal).ready = true
    },
    switchTo: async (name, signal) => {
      if (!open(name, signal).ready) throw new IndexError('REFUSED')
      store.current = name
    },
    drop: async (name, signal) => {
      open(name, signal)
      if (name === store.current) throw new IndexError('REFUSED')
      generations.delete(name)
    },
    write: async (name, written, signal) => {
      const { documents } = open(name, signal)
      return written.map(document => {
        const key = `${document.cell} ${document.uuid}`
        if (document.version <= (documents.get(key)?.version ?? -1)) return 'stale'
        documents.set(key, document)
        return 'written'
      })
    },
    refresh: async (name, signal) => {
      open(name, signal)
    },
    find: async (name, { sort, after, limit, ...wanted }, signal) => {
      const compare = comparing(sort)
      return wantedOf(name, wanted, signal)
        .map(document => ({ document, at: valuesOf(document, sort) }))
        .filter(({ at }) => after === undefined || compare(at, after) > 0)
        .sort((a, b) => compare(a.at, b.at))
        .slice(0, limit)
        .map(({ document: { cell, uuid, version, record }, at }) => ({ cell, uuid, version, record, at }))
    },
    tally: async (name, wanted, keys, most, signal) => {
      const groups = new Map<string, Group>()
      for (const { keys: own, record } of wantedOf(name, wanted, signal).sort(byUuid)) {
        const values = keys.map(key => own[key]!)
        const id = JSON.stringify(values)
        const group = groups.get(id) ?? { values, count: 0, record }
        groups.set(id, { ...group, count: group.count + 1 })
      }
      return [...groups.values()].slice(0, most + 1)
    },
    scan: async (name, { cell, prefix, after, limit }, signal) =>
      documentsOf(name, signal)
        .filter(one => one.cell === cell && one.uuid.startsWith(prefix) && compareTexts(one.uuid, after) > 0)
        .sort(byUuid)
        .slice(0, limit)
        .map(({ uuid, version, digest }) => ({ uuid, version, digest })),
    buckets: async (name, cell, signal) => {
      const buckets = new Map<string, Bucket>()
      for (const { uuid, digest } of documentsOf(name, signal).filter(one => one.cell === cell)) {
        const prefix = uuid.slice(0, 3)
        const { count, checksum } = buckets.get(prefix) ?? { count: 0, checksum: 0 }
        buckets.set(prefix, { prefix, count: count + 1, checksum: checksum + digest })
      }
      return [...buckets.values()]
    },
    purge: async (name, cell, below, signal) => {
      const { documents } = open(name, signal)
      const over = [...documents].filter(([, one]) => 'gone' in one && one.cell === cell && one.version < below)
      for (const [key] of over) documents.delete(key)
      return over.length
    },
    notes: async (name, prefix, signal) =>
      new Map([...open(name, signal).notes].filter(([key]) => key.startsWith(prefix))),
    setNote: async (name, key, { value, revision }, signal) => {
      const { notes } = open(name, signal)
      if (revision !== (notes.get(key)?.revision ?? 0)) return false
      notes.set(key, { value, revision: revision + 1 })
      return true
    },
    close: async () => {
      closed = true
    },
  }
}
