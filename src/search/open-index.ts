import { BREAKER, type Breaker, openBreaker } from '../cells/breaker.js'
import { TIMED_OUT } from '../cells/cell.js'
import { IndexError } from '../errors.js'
import type { Resource } from '../resources/resource.js'
import { type Frame, frameOf } from './frame.js'
import { type CellNote, type Freshness, freshnessOf, readNote } from './freshness.js'
import { FORM, type Layout } from './layout.js'
import type { IndexState } from './planner.js'
import type { Note, SearchIndex } from './search-index.js'

/** What of an index answers now. */
export interface Current {
  readonly generation: string
  readonly frame: Frame
  /** For each cell until when all that was committed in it is in the index: microseconds since 1970, by the cell's own clock. */
  readonly asOf: ReadonlyMap<string, number>
  /** How true it is of a cell. */
  freshness(cell: string): Freshness
}

/** An index as requests use it: left alone while it does not answer. */
export interface OpenIndex {
  readonly name: string
  /** What answers now, remembered for a moment; undefined where nothing does. Never rejects, but for the signal's reason. */
  current(signal: AbortSignal): Promise<Current | undefined>
  /** What the last look said. */
  state(current: Current | undefined): Exclude<IndexState['state'], 'none'>
  /** Milliseconds since which the oldest of what it knows of these cells may have changed; Infinity where it says nothing of one. */
  age(current: Current, cells: readonly string[]): number
  /** Asks it. Rejects with {@link IndexError}, or with the signal's reason. */
  ask<T>(call: (index: SearchIndex) => Promise<T>, signal: AbortSignal): Promise<T>
  close(): Promise<void>
}

/** The notes that say until when the index knows each cell: this, and the cell's uuid. */
export const AS_OF = 'as-of '

/** What these notes say, by cell. What nobody understands says nothing. */
export const cellNotes = (notes: ReadonlyMap<string, Note>): ReadonlyMap<string, CellNote> =>
  new Map(
    [...notes].flatMap(([key, { value }]): [string, CellNote][] => {
      const note = readNote(value)
      return note === undefined ? [] : [[key.slice(AS_OF.length), note]]
    }),
  )

/** Milliseconds for which it is remembered what answers: freshness is told that late. */
const REMEMBERED_MS = 250

/** Milliseconds from which on an index is not worth its name. */
const SLOW_MS = 2_000

/** JSON that somebody else may have written. */
const read = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** What an index lives in: a clock that only goes on and the time of day, both in milliseconds, and numbers from 0 to 1. */
export interface IndexSurroundings {
  readonly now: () => number
  readonly time: () => number
  readonly random: () => number
}

/** Opens an index for a resource. */
export const openIndex = (
  index: SearchIndex,
  resource: Resource,
  { now, time, random }: IndexSurroundings,
): OpenIndex => {
  const open = (): Breaker => openBreaker({ ...BREAKER, slow: SLOW_MS }, { now, random, changed: () => {} })
  // That it says what it holds tells nothing of whether it finds anything in it.
  const looks = open()
  const asks = open()
  let frame: { readonly generation: string; readonly frame: Frame } | undefined
  let known: { readonly at: number; readonly current: Current | undefined } | undefined

  const through = async <T>(
    breaker: Breaker,
    call: (index: SearchIndex) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> => {
    const number = breaker.ask()
    if (number === undefined) throw new IndexError('BREAKER_OPEN')
    const since = now()
    try {
      const said = await call(index)
      breaker.tell('answered', number, since)
      return said
    } catch (error) {
      const late = signal.aborted && signal.reason === TIMED_OUT
      // What it refuses, it has answered.
      const refused = error instanceof IndexError && error.reason === 'REFUSED'
      if (refused) breaker.tell('answered', number, since)
      else breaker.tell(late || !signal.aborted ? 'failed' : 'abandoned', number, since)
      throw late ? new IndexError(TIMED_OUT, { cause: error }) : error
    }
  }

  const look = async (all: SearchIndex, signal: AbortSignal): Promise<Current | undefined> => {
    const current = (await all.generations(signal)).find(one => one.current)
    if (current === undefined) return undefined
    if (frame?.generation !== current.name) {
      const layout = read(current.layout) as Partial<Layout> | undefined
      if (layout?.form !== FORM || layout.resource !== resource.name) return undefined
      frame = { generation: current.name, frame: frameOf(resource, layout as Layout) }
    }
    const notes = await all.notes(current.name, AS_OF, signal)
    const said = cellNotes(notes)
    return {
      generation: current.name,
      frame: frame.frame,
      asOf: new Map([...said].map(([uuid, { asOf }]) => [uuid, asOf])),
      freshness: cell => freshnessOf(said.get(cell), time()),
    }
  }

  return {
    name: index.name,
    ask: (call, signal) => through(asks, call, signal),
    age: ({ asOf }, cells) =>
      Math.max(0, ...cells.map(uuid => time() - (asOf.get(uuid) ?? Number.NEGATIVE_INFINITY) / 1_000)),
    state: current => {
      if (current !== undefined) return 'ready'
      const { state } = looks
      const fine = asks.state.state === 'closed' && state.state === 'closed' && state.failures === 0
      return fine ? 'empty' : 'down'
    },
    current: async signal => {
      if (asks.state.state === 'open' && now() < asks.state.until) return undefined
      if (known !== undefined && now() - known.at < REMEMBERED_MS) return known.current
      const at = now()
      try {
        known = { at, current: await through(looks, all => look(all, signal), signal) }
        return known.current
      } catch (error) {
        if (!(error instanceof IndexError)) throw error
        return undefined
      }
    },
    close: () => index.close(),
  }
}
