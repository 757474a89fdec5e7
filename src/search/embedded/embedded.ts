import { IndexError } from '../../errors.js'
import type { IndexDocument, SearchIndex, Tombstone } from '../search-index.js'
import { type Columns, columnsOf } from './columns.js'
import type { Args, ReadVerb, Said, WriteVerb } from './jobs.js'
import { openThread, type Wire } from './thread.js'
import { openTurns } from './turns.js'
import type { Sent } from './write.js'

/** Threads that read at the most. Each is begun when all others are at work. */
const READERS = 4

/** Documents that are sent at once: making them ready takes some milliseconds. */
const TOGETHER = 200

/** Characters of a record beyond which it is no record of a cell. */
const MOST = 2 ** 26

const isPoison = (written: IndexDocument | Tombstone): boolean =>
  !('gone' in written) && written.record.length > MOST

/** An index in files, by the threads that this starts. */
export const openEmbedded = (start: () => Wire): SearchIndex => {
  const readers = Array.from({ length: READERS }, () => openThread(start))
  const writer = openThread(start)
  const turns = openTurns(readers)
  const columns = new Map<string, Columns>()
  /** What is under way, to be ended by `close`. */
  const calls = new Set<AbortController>()
  let closed = false

  /** A call with a signal of its own, which aborts with the caller's, or when the index is closed. */
  const call = async <T>(signal: AbortSignal, work: (own: AbortSignal) => Promise<T>): Promise<T> => {
    signal.throwIfAborted()
    if (closed) throw new IndexError('CLOSED')
    const own = new AbortController()
    const abort = (): void => own.abort(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    calls.add(own)
    try {
      return await work(own.signal)
    } finally {
      signal.removeEventListener('abort', abort)
      calls.delete(own)
    }
  }

  const read = <V extends ReadVerb>(verb: V, args: Args<V>, signal: AbortSignal): Promise<Said<V>> =>
    call(signal, own => turns.run(own, thread => thread.ask(verb, args, own)))

  const write = <V extends WriteVerb>(
    verb: V,
    args: Args<V>,
    signal: AbortSignal,
    parts?: () => Iterable<readonly Sent[]>,
  ): Promise<Said<V>> => call(signal, own => writer.ask(verb, args, own, parts).said)

  /** What a generation is made of never changes. */
  const columnsFor = async (generation: string, signal: AbortSignal): Promise<Columns> => {
    const known = columns.get(generation) ?? columnsOf(await read('shape', [generation], signal))
    columns.set(generation, known)
    return known
  }

  const sentOf = ({ all }: Columns, written: IndexDocument | Tombstone): Sent => {
    const { cell, uuid, version } = written
    if ('gone' in written) return { cell, uuid, version }
    const { digest, record } = written
    return { cell, uuid, version, document: { digest, record, values: all.map(column => column.of(written)) } }
  }

  return {
    name: 'embedded',
    generations: signal => read('generations', [], signal),
    create: (shape, layout, bulk, signal) => write('create', [shape, layout, bulk], signal),
    finish: (generation, signal) => write('finish', [generation], signal),
    switchTo: (generation, signal) => write('switchTo', [generation], signal),
    drop: async (generation, signal) => {
      await write('drop', [generation], signal)
      columns.delete(generation)
      for (const reader of readers) reader.renew()
    },
    write: async (generation, documents, signal) => {
      const own = await columnsFor(generation, signal)
      const fit = documents.filter(one => !isPoison(one))
      const parts = function* (): Iterable<readonly Sent[]> {
        for (let i = 0; i < fit.length; i += TOGETHER)
          yield fit.slice(i, i + TOGETHER).map(one => sentOf(own, one))
      }
      const said = [...(await write('write', [generation], signal, parts))]
      return documents.map(one => (isPoison(one) ? 'poison' : said.shift()!))
    },
    // What is written is committed, and who begins to read sees all of it.
    refresh: async (generation, signal) => {
      await read('shape', [generation], signal)
    },
    find: (generation, query, signal) => read('find', [generation, query], signal),
    tally: (generation, wanted, keys, most, signal) => read('tally', [generation, wanted, keys, most], signal),
    scan: (generation, of, signal) => read('scan', [generation, of], signal),
    buckets: (generation, cell, signal) => read('buckets', [generation, cell], signal),
    purge: (generation, cell, below, signal) => write('purge', [generation, cell, below], signal),
    notes: (generation, prefix, signal) => read('notes', [generation, prefix], signal),
    setNote: (generation, key, note, signal) => write('setNote', [generation, key, note], signal),
    close: async () => {
      closed = true
      for (const own of calls) own.abort(new IndexError('CLOSED'))
      await Promise.all([writer, ...readers].map(thread => thread.close()))
    },
  }
}
