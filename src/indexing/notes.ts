import { IndexError } from '../errors.js'
import type { SearchIndex } from '../search/search-index.js'

/** The notes of one generation. */
export interface Notes {
  /** What a note says; undefined where it is not there, or not understood. */
  read<T>(
    key: string,
    signal: AbortSignal,
  ): Promise<{ readonly says: T | undefined; readonly revision: number }>
  /** False when another one has set it meanwhile. */
  set(key: string, says: unknown, revision: number, signal: AbortSignal): Promise<boolean>
  /** Sets it whatever it said: for notes that only one writes at a time, and any later one of which is better. */
  put(key: string, says: unknown, signal: AbortSignal): Promise<void>
}

/** JSON that somebody else may have written. */
export const parse = <T>(json: string): T | undefined => {
  try {
    return JSON.parse(json) as T
  } catch {
    return undefined
  }
}

/** To set a note, each of which fails only when somebody else sets it at the same moment. */
export const TRIES = 20

export const notesOf = (index: SearchIndex, generation: string): Notes => {
  const revisions = new Map<string, number>()
  const read = async <T>(
    key: string,
    signal: AbortSignal,
  ): Promise<{ readonly says: T | undefined; readonly revision: number }> => {
    const note = (await index.notes(generation, key, signal)).get(key)
    const revision = note?.revision ?? 0
    revisions.set(key, revision)
    return { says: note && parse<T>(note.value), revision }
  }
  const set = async (key: string, says: unknown, revision: number, signal: AbortSignal): Promise<boolean> => {
    const done = await index.setNote(generation, key, { value: JSON.stringify(says), revision }, signal)
    if (done) revisions.set(key, revision + 1)
    else revisions.delete(key)
    return done
  }
  return {
    read,
    set,
    put: async (key, says, signal) => {
      for (let i = 0; i < TRIES; i++) {
        const revision = revisions.get(key) ?? (await read(key, signal)).revision
        if (await set(key, says, revision, signal)) return
      }
      throw new IndexError('CONTENDED')
    },
  }
}
