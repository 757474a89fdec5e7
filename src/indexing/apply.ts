import type { IndexDocument, SearchIndex, Tombstone } from '../search/search-index.js'
import type { Alive } from './alive.js'
import type { Guard } from './guard.js'
import type { Reader } from './reader.js'
import type { Seen } from './seen.js'
import type { Versions } from './versions.js'

/** What became of some records. */
export interface Applied {
  readonly read: number
  readonly written: number
  /** Uuids that could not be written now. */
  readonly again: readonly string[]
  /** Documents that the index can't hold. */
  readonly poison: number
  /** That are gone in the cell, and stay in the index until somebody has looked. */
  readonly withheld: number
}

/** Reads some records of one cell back, and writes what they are. Rejects with CellFailedError or IndexError, and then nothing is lost but time. */
export type Apply = (uuids: readonly string[], signal: AbortSignal) => Promise<Applied>

export interface Applying {
  readonly index: SearchIndex
  readonly generation: string
  readonly reader: Reader
  readonly versions: Versions
  readonly guard: Guard
  readonly alive: Alive
  readonly seen: Seen
}

type Written = IndexDocument | Tombstone

const isGone = (one: Written): one is Tombstone => 'gone' in one

export const applierOf = ({ index, generation, reader, versions, guard, alive, seen }: Applying): Apply => {
  /** Without those that would be too many to go. What does not live in the index anyway is buried at once: an older version may be on its way. */
  const withoutWithheld = async (
    documents: readonly Written[],
    signal: AbortSignal,
  ): Promise<readonly Written[]> => {
    const gone = documents.filter(isGone).map(({ uuid }) => uuid)
    if (gone.length === 0) return documents
    const living = new Set(await alive.among(gone, signal))
    if (living.size === 0 || (await guard.allows(living.size, signal))) return documents
    return documents.filter(one => !(isGone(one) && living.has(one.uuid)))
  }

  const apply = async (uuids: readonly string[], signal: AbortSignal, anew: boolean): Promise<Applied> => {
    const { documents, digests } = await reader.read(uuids, signal)
    const wanted = await withoutWithheld(documents, signal)
    const outcomes = await index.write(generation, wanted, signal)
    const of = (outcome: (typeof outcomes)[number]): string[] =>
      wanted.filter((_, i) => outcomes[i] === outcome).map(({ uuid }) => uuid)
    const [again, stale, poison] = [of('transient'), of('stale'), of('poison')]
    const open = new Set([...again, ...stale])
    for (const { uuid } of wanted) {
      const own = digests.get(uuid.toLowerCase())
      if (own !== undefined && !open.has(uuid)) seen.set(uuid.toLowerCase(), own)
    }
    const result = {
      read: uuids.length,
      written: wanted.length - open.size - poison.length,
      again,
      poison: poison.length,
      withheld: documents.length - wanted.length,
    }
    if (stale.length === 0 || anew) return result
    // Somebody who began later, or whose clock was ahead, has written these. What they had read may have been older.
    await versions.pass(signal)
    const second = await apply(stale, signal, true)
    return {
      read: result.read,
      written: result.written + second.written,
      again: [...again, ...second.again],
      poison: result.poison + second.poison,
      withheld: result.withheld + second.withheld,
    }
  }

  return (uuids, signal) => apply(uuids, signal, false)
}
