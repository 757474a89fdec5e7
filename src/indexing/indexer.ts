import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { hostname } from 'node:os'
import { IndexingError } from '../errors.js'
import type { Cells } from '../listing/cells.js'
import { insideOf } from '../listing/inside.js'
import { publishIndexing } from '../observability.js'
import { instances } from '../resources/instances.js'
import { frameOf } from '../search/frame.js'
import { freshnessOf } from '../search/freshness.js'
import { FORM, type Layout } from '../search/layout.js'
import { AS_OF, cellNotes } from '../search/open-index.js'
import type { Indexer, RebuildOptions, Tending, Verified } from './answers.js'
import type { Feed, HintSink } from './feed.js'
import { rollback } from './generations.js'
import { keep, type Target, troubleOf } from './keeper.js'
import { notesOf, parse } from './notes.js'
import { type Rebuilt, rebuild } from './rebuild.js'
import type { RebuildProgress } from './rebuild-progress.js'
import { repair } from './repair.js'
import { openSession, type Session } from './session.js'
import { checkIndexer, type IndexerConfig, settingsOf } from './settings.js'
import { real, type Surroundings } from './surroundings.js'

/** Milliseconds after which it is looked whether another generation answers, or there are other cells. */
const LOOK = 1_000

/**
 * Makes an indexer of the instances, for the index that the cells were opened with.
 *
 * @throws IndexingError when they were opened without one
 * @throws InvalidOptionError, UnknownOptionError
 */
export const createIndexer = (cells: Cells, config: IndexerConfig = {}): Indexer =>
  indexerIn(cells, config, real)

/** A signal that any number of statements may listen to. */
const ownOf = (signal: AbortSignal): AbortSignal => {
  const own = AbortSignal.any([signal])
  setMaxListeners(0, own)
  return own
}

/** The same in other surroundings. */
export const indexerIn = (cells: Cells, config: IndexerConfig, surroundings: Surroundings): Indexer => {
  checkIndexer(config)
  const inside = insideOf(cells)
  const { index } = inside
  if (index === undefined) throw new IndexingError('no-index')
  const { feeds = [] } = config
  const settings = settingsOf(config)
  const resource = instances
  const me = `${hostname()} ${process.pid} ${randomBytes(3).toString('hex')}`
  const base = { inside, index, surroundings, settings, me }
  const { time, sleep } = surroundings
  const never = new AbortController().signal
  let session: Session | undefined
  /** What answered last: to read a layout takes milliseconds. */
  let known: Omit<Target, 'settings'> | undefined
  let running = false
  let building = false
  let rebuilding: RebuildProgress | undefined

  /** What answers, if its documents are understood. */
  const current = async (signal: AbortSignal): Promise<Omit<Target, 'settings'> | undefined> => {
    const generation = (await index.generations(signal)).find(one => one.current)
    if (known !== undefined && known.generation === generation?.name) return known
    const layout = generation && parse<Layout>(generation.layout)
    if (generation === undefined || layout?.form !== FORM || layout.resource !== resource.name) return undefined
    const { name } = generation
    known = { ...base, generation: name, frame: frameOf(resource, layout), notes: notesOf(index, name) }
    return known
  }

  const build = async ({ progress, signal = never }: RebuildOptions): Promise<Rebuilt> => {
    if (building) throw new IndexingError('running')
    building = true
    try {
      return await rebuild(
        base,
        resource,
        now => {
          rebuilding = now
          progress?.(now)
        },
        ownOf(signal),
      )
    } finally {
      building = false
      rebuilding = undefined
    }
  }

  const sinkOf = (feed: Feed): HintSink => ({
    hint: async hint => (session === undefined ? 'again' : session.hint(hint)),
    gap: () => {
      publishIndexing(() => ({ kind: 'gap', feed: feed.name }))
      session?.gap(feed.status().cell)
    },
  })

  /** One generation with the cells as they are, until one of them is another. */
  const tend = async (target: Target, signal: AbortSignal): Promise<void> => {
    const over = new AbortController()
    const own = ownOf(AbortSignal.any([signal, over.signal]))
    const all = inside.cells()
    session = openSession(target, all, me, own)
    const tending = session.run()
    while (!own.aborted) {
      await sleep(LOOK, own)
      const now = await current(own).catch(() => undefined)
      const others = inside.cells()
      const same = others.length === all.length && others.every((cell, i) => cell === all[i])
      if (!same || (now !== undefined && now.generation !== target.generation)) over.abort()
    }
    await tending
    session = undefined
  }

  const keepOn = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const target = await current(signal).catch(() => undefined)
      if (target !== undefined) await tend({ ...target, settings }, signal)
      else if (await isEmpty(signal)) await build({ signal }).catch(() => sleep(LOOK, signal))
      else await sleep(LOOK, signal)
    }
  }

  const isEmpty = async (signal: AbortSignal): Promise<boolean> => {
    const all = await index.generations(signal).catch(() => undefined)
    return all !== undefined && !all.some(one => one.current)
  }

  return {
    run: async ({ signal = never } = {}) => {
      if (running) throw new IndexingError('running')
      running = true
      try {
        await Promise.all([keepOn(signal), ...feeds.map(feed => feed.run(sinkOf(feed), signal))])
      } finally {
        running = false
      }
    },
    rebuild: async (options = {}) => build(options),
    rollback: async ({ signal = never } = {}) => rollback(base, signal),
    verify: async ({ repair: mend = true, remove = false, signal = never } = {}) => {
      const target = await current(signal)
      if (target === undefined) throw new IndexingError('no-generation')
      const own = ownOf(signal)
      const allowed = remove ? { ...settings, guard: { share: 1, least: Number.POSITIVE_INFINITY } } : settings
      return Promise.all(
        inside.cells().map(async (cell): Promise<Verified> => {
          const kept = keep({ ...target, settings: allowed }, cell)
          const { uuid, name } = cell
          try {
            const found = await repair(kept, { repair: mend, rate: settings.repairs }, own)
            const { records, drift, mended, withheld, rows } = found
            await index.refresh(target.generation, signal)
            return { uuid, name, records, drift, mended, withheld, rows, error: null }
          } catch (error) {
            return {
              uuid,
              name,
              records: null,
              drift: 0,
              mended: 0,
              withheld: 0,
              rows: 0,
              error: troubleOf(error),
            }
          }
        }),
      )
    },
    status: async ({ signal = never } = {}) => {
      const generation = (await index.generations(signal)).find(one => one.current)?.name ?? null
      const said = generation === null ? new Map() : cellNotes(await index.notes(generation, AS_OF, signal))
      return {
        index: index.name,
        me,
        generation,
        cells: inside.cells().map(({ uuid, name }): Tending => {
          const one = session?.cells.find(({ kept }) => kept.reader.cell.uuid === uuid)
          const oldest = one?.hints.oldest() ?? null
          const note = said.get(uuid)
          // An index that takes nothing takes no note of that either.
          const error = one?.holder() === me ? one.watch.trouble() : null
          return {
            uuid,
            name,
            ...freshnessOf(note && error !== null ? { ...note, error, at: time() } : note, time()),
            holder: one?.holder() ?? note?.by ?? null,
            waiting: one?.hints.waiting() ?? 0,
            oldest: oldest === null ? null : Math.max(0, time() - oldest),
            ...(one?.kept.tally ?? { read: 0, written: 0, poison: 0 }),
          }
        }),
        feeds: feeds.map(feed => feed.status()),
        rebuild: rebuilding ?? null,
      }
    },
  }
}
