import { IndexError } from '../errors.js'
import { type Notes, TRIES } from './notes.js'

/**
 * Versions of one cell's documents: its clock in microseconds, and always greater than any that was given before, by this process or by one
 * before it, whatever the clock does.
 */
export interface Versions {
  /** For what is read from now on. `clock`: what the cell's clock says. */
  next(clock: number, signal: AbortSignal): Promise<number>
  /** Somebody else has given greater ones: those from now on are greater than theirs. */
  pass(signal: AbortSignal): Promise<void>
}

/** Microseconds that are reserved ahead, so that a note is written once a minute. */
const AHEAD = 60_000_000

const keyOf = (cell: string): string => `versions ${cell}`

/** Invariant: no version is given above what the note says. Who begins, begins above it. */
export const openVersions = (notes: Notes, cell: string): Versions => {
  let last: number | undefined
  let reserved = 0

  const look = async (signal: AbortSignal): Promise<number> => {
    const { says, revision } = await notes.read<{ readonly upTo: number }>(keyOf(cell), signal)
    reserved = Math.max(reserved, says?.upTo ?? 0)
    return revision
  }
  const pass = async (signal: AbortSignal): Promise<void> => {
    await look(signal)
    last = Math.max(last ?? 0, reserved)
  }

  return {
    pass,
    next: async (clock, signal) => {
      if (last === undefined) await pass(signal)
      const version = Math.max(clock, last! + 1)
      last = version
      const upTo = version + AHEAD
      for (let i = 0; version > reserved; i++) {
        if (i === TRIES) throw new IndexError('CONTENDED')
        const revision = await look(signal)
        // Another one may have reserved more: what it says is never less than it was.
        if (version > reserved && (await notes.set(keyOf(cell), { upTo }, revision, signal))) reserved = upTo
      }
      return version
    },
  }
}
