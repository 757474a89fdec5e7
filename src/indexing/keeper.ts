import type { Cell } from '../cells/cell.js'
import { CellFailedError, IndexError } from '../errors.js'
import type { Inside } from '../listing/inside.js'
import type { Frame } from '../search/frame.js'
import { AS_OF } from '../search/open-index.js'
import type { SearchIndex } from '../search/search-index.js'
import { aliveIn } from './alive.js'
import { type Applied, type Apply, applierOf } from './apply.js'
import { openGuard } from './guard.js'
import type { Notes } from './notes.js'
import { openReader, type Reader } from './reader.js'
import { openSeen, type Seen } from './seen.js'
import type { KeepingSettings } from './settings.js'
import type { Surroundings } from './surroundings.js'
import { type Sweep, sweepOf } from './sweep.js'
import { openVersions } from './versions.js'

/** A generation that is kept true. */
export interface Target {
  readonly inside: Inside
  readonly index: SearchIndex
  readonly generation: string
  readonly frame: Frame
  readonly notes: Notes
  readonly surroundings: Surroundings
  readonly settings: KeepingSettings
}

/** Counts of one cell, since this process looks after it. */
export interface Tally {
  /** Records that were read back. */
  read: number
  /** Documents and tombstones that were written. */
  written: number
  /** Documents that the index can't hold. */
  poison: number
}

/** One cell and one generation: all that reads the one and writes the other. */
export interface Kept {
  readonly target: Target
  readonly reader: Reader
  readonly seen: Seen
  readonly sweep: Sweep
  /** In batches; rejects with CellFailedError or IndexError, also when some have to come again. */
  readonly apply: (uuids: readonly string[], signal: AbortSignal) => Promise<Applied>
  readonly applyOnce: Apply
  readonly tally: Tally
}

/** Records that are read at once. */
const BATCH = 500

export const keep = (target: Target, cell: Cell, settings = target.settings): Kept => {
  const { inside, index, generation, frame, notes, surroundings } = target
  const versions = openVersions(notes, cell.uuid)
  const reader = openReader(inside, frame, cell, versions)
  const alive = aliveIn(index, generation, frame, cell.uuid)
  const guard = openGuard(settings.guard, alive.count, surroundings.now)
  const seen = openSeen()
  const once = applierOf({ index, generation, reader, versions, guard, alive, seen })
  const tally: Tally = { read: 0, written: 0, poison: 0 }
  const applyOnce: Apply = async (uuids, signal) => {
    const applied = await once(uuids, signal)
    tally.read += applied.read
    tally.written += applied.written
    tally.poison += applied.poison
    return applied
  }
  return {
    target,
    reader,
    seen,
    sweep: sweepOf(index, generation, reader),
    tally,
    applyOnce,
    apply: async (uuids, signal) => {
      let all: Applied = { read: 0, written: 0, again: [], poison: 0, withheld: 0 }
      for (let i = 0; i < uuids.length; i += BATCH) {
        const one = await applyOnce(uuids.slice(i, i + BATCH), signal)
        if (one.again.length > 0) throw new IndexError('TRANSIENT')
        all = sum(all, one)
      }
      return all
    },
  }
}

const sum = (a: Applied, b: Applied): Applied => ({
  read: a.read + b.read,
  written: a.written + b.written,
  again: [],
  poison: a.poison + b.poison,
  withheld: a.withheld + b.withheld,
})

/** The key of the note of a cell: what it says is `CellNote`. */
export const noteOf = (cell: string): string => AS_OF + cell

/** A symbol for somebody else's trouble, which goes by: a cell's, or the index's. What is neither is thrown on. */
export const troubleOf = (error: unknown): string => {
  if (error instanceof IndexError) return `index ${error.reason}`
  if (error instanceof CellFailedError) return error.cell.reason
  throw error
}
