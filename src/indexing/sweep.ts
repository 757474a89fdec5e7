import { memorySource } from '../engine/memory-source.js'
import { merge } from '../engine/merge.js'
import type { OrderedSource } from '../engine/ordered-source.js'
import { comparator, type KeyedRow, type Ordering } from '../engine/ordering.js'
import type { Bucket, SearchIndex } from '../search/search-index.js'
import { MODULUS, selectBuckets, selectDigestsUnder } from '../sql/digest.js'
import { LONG, SOON } from './asking.js'
import type { Reader } from './reader.js'

/** Characters of a uuid that make a bucket: of a large cell as the contract of an index has it, of a small one fewer. */
export const LONG_PREFIX = 3
const SHORT_PREFIX = 2
/** Records of a large one. */
const LARGE = 500_000

/** A bucket of a cell, or of the index. */
interface Sum {
  count: number
  digest: number
}

/** What differs between a cell and the index. */
export interface Difference {
  /** Records that are not, or not as they are, in the index. */
  readonly changed: readonly string[]
  /** Documents whose records are gone. */
  readonly gone: readonly string[]
}

/** Compares one cell with the index. Rejects with CellFailedError or IndexError. */
export interface Sweep {
  /** How many records the cell has, how many rows told, and the prefixes of those whose sums differ. */
  buckets(signal: AbortSignal): Promise<{
    readonly records: number
    readonly rows: number
    readonly differing: readonly string[]
  }>
  /** The records under a prefix that differ. */
  under(prefix: string, signal: AbortSignal): Promise<Difference & { readonly rows: number }>
}

const BY_UUID: Ordering = [{ column: 'uuid', dir: 'asc', comparison: 'bytes' }]

export const sweepOf = (index: SearchIndex, generation: string, reader: Reader): Sweep => {
  const { cell, whole, rows } = reader
  const { own, sides } = whole.parts
  /** Buckets that were looked into, and had no difference: rows that belong to no record are counted in them. */
  const explained = new Map<string, string>()
  const said = (sum: Sum | undefined): string => `${sum?.count ?? 0} ${sum?.digest ?? 0}`
  let lastCell = new Map<string, Sum>()
  let lastIndex = new Map<string, Sum>()
  let spelled = new Map<string, Set<string>>()

  const ofCell = async (
    length: number,
    signal: AbortSignal,
  ): Promise<{ sums: Map<string, Sum>; rows: number }> => {
    const sums = new Map<string, Sum>()
    let read = 0
    for (const part of [own, ...sides]) {
      const found = await rows(selectBuckets(part, length), LONG, signal)
      read += found.length
      for (const [prefix, count, digest] of found) {
        const sum = sums.get(String(prefix)) ?? { count: 0, digest: 0 }
        sums.set(String(prefix), sum)
        if (part === own) sum.count += Number(count)
        sum.digest = (sum.digest + Number(digest)) % MODULUS
      }
    }
    return { sums, rows: read }
  }

  const ofIndex = (all: readonly Bucket[], length: number): Map<string, Sum> => {
    const sums = new Map<string, Sum>()
    spelled = new Map()
    for (const { prefix: whole, count, checksum } of all) {
      const prefix = whole.slice(0, length)
      const lower = prefix.toLowerCase()
      spelled.set(lower, (spelled.get(lower) ?? new Set()).add(prefix))
      const sum = sums.get(lower) ?? { count: 0, digest: 0 }
      sums.set(lower, { count: sum.count + count, digest: (sum.digest + (checksum % MODULUS)) % MODULUS })
    }
    return sums
  }

  /** Uuids with digests, as the cell has them. */
  const inCell = async (prefix: string, signal: AbortSignal): Promise<readonly KeyedRow[]> => {
    const [records, ...others] = await Promise.all(
      [own, ...sides].map(part => rows(selectDigestsUnder(part, prefix), SOON, signal)),
    )
    const sums = new Map(records!.map(([uuid, digest]) => [String(uuid).toLowerCase(), Number(digest)]))
    for (const [uuid, digest] of others.flat()) {
      const key = String(uuid).toLowerCase()
      const sum = sums.get(key)
      if (sum !== undefined) sums.set(key, (sum + Number(digest)) % MODULUS)
    }
    return records!.map(([uuid]) => [String(uuid), sums.get(String(uuid).toLowerCase())!])
  }

  /** The same as the index has them, page by page: of each spelling of the prefix, the first by bytes first. */
  const inIndex = (prefix: string, signal: AbortSignal): OrderedSource => {
    const prefixes = [...(spelled.get(prefix) ?? [prefix])].sort()
    let after = ''
    return {
      next: async want => {
        const limit = Math.min(want, PAGE)
        const where = { cell: cell.uuid, prefix: prefixes[0]!, after, limit }
        const page = await index.scan(generation, where, signal)
        if (page.length === limit) after = page.at(-1)!.uuid
        else {
          prefixes.shift()
          after = ''
        }
        return { rows: page.map(({ uuid, digest }) => [uuid, digest]), done: prefixes.length === 0 }
      },
    }
  }

  return {
    buckets: async signal => {
      // The index first: what is written meanwhile is found to differ, and not to be the same.
      const all = await index.buckets(generation, cell.uuid, signal)
      const documents = all.reduce((sum, { count }) => sum + count, 0)
      const length = documents > LARGE ? LONG_PREFIX : SHORT_PREFIX
      lastIndex = ofIndex(all, length)
      const { sums, rows } = await ofCell(length, signal)
      lastCell = sums
      const records = [...sums.values()].reduce((all, { count }) => all + count, 0)
      const differing = [...new Set([...sums.keys(), ...lastIndex.keys()])].filter(prefix => {
        const [mine, its] = [said(sums.get(prefix)), said(lastIndex.get(prefix))]
        return mine !== its && explained.get(prefix) !== `${mine} ${its}`
      })
      return { records, rows, differing }
    },
    under: async (prefix, signal) => {
      const there = await inCell(prefix, signal)
      const sources = [inIndex(prefix, signal), memorySource(there, BY_UUID)]
      const joined = merge(sources, { compare: comparator(BY_UUID), failed: give })
      const { rows, origins } = await joined.take(Number.POSITIVE_INFINITY)
      const changed: string[] = []
      const gone: string[] = []
      for (let i = 0; i < rows.length; i++) {
        const [uuid, digest] = rows[i] as [string, number]
        const next = rows[i + 1]
        if (next?.[0] === uuid) {
          if (next[1] !== digest) changed.push(uuid)
          i++
        } else (origins[i] === 0 ? gone : changed).push(uuid)
      }
      if (changed.length + gone.length === 0)
        explained.set(prefix, `${said(lastCell.get(prefix))} ${said(lastIndex.get(prefix))}`)
      return { changed, gone, rows: there.length }
    },
  }
}

/** Documents of one page. */
const PAGE = 5_000

const give = (_index: number, error: unknown): never => {
  throw error
}
