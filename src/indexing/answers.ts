import type { Freshness } from '../search/freshness.js'
import type { FeedStatus } from './feed.js'
import type { Rebuilt } from './rebuild.js'
import type { RebuildProgress } from './rebuild-progress.js'

/** What a call may be told. */
export interface TendOptions {
  /** Ends it: what is under way is finished or given up, and nothing is lost. */
  readonly signal?: AbortSignal
}

export interface RebuildOptions extends TendOptions {
  /** Called again and again while it goes on. */
  readonly progress?: (progress: RebuildProgress) => void
}

export interface VerifyOptions extends TendOptions {
  /** Mend what differs. Default: true. */
  readonly repair?: boolean
  /** Take away whatever is gone, however much it is: somebody has looked. Default: false. */
  readonly remove?: boolean
}

/** What a comparison of one cell has found. */
export interface Verified {
  readonly uuid: string
  readonly name: string
  /** Records of the cell; null when it did not answer. */
  readonly records: number | null
  /** Records that differed, those of them that were mended, and those that are gone and stay until somebody has looked. */
  readonly drift: number
  readonly mended: number
  readonly withheld: number
  /** Rows that were read to tell. */
  readonly rows: number
  /** Why it could not be compared: a symbol; null when it was. */
  readonly error: string | null
}

/** How the index of one cell is tended. */
export interface Tending extends Freshness {
  readonly uuid: string
  readonly name: string
  /** The indexer that polls and sweeps it; null when none is known. */
  readonly holder: string | null
  /** Hints that this indexer has not applied yet, and milliseconds since the oldest of them was said. */
  readonly waiting: number
  readonly oldest: number | null
  /** Records that this indexer has read back, and documents and tombstones that it has written. */
  readonly read: number
  readonly written: number
  /** Documents that the index could not hold. */
  readonly poison: number
}

export interface IndexerStatus {
  readonly index: string
  /** This indexer, as leases and notes name it. */
  readonly me: string
  /** The generation that answers; null when none does. */
  readonly generation: string | null
  readonly cells: readonly Tending[]
  readonly feeds: readonly FeedStatus[]
  /** The rebuild that this indexer is at; null when it is at none. */
  readonly rebuild: RebuildProgress | null
}

/** Keeps an index true. */
export interface Indexer {
  /**
   * Applies the feeds' hints, looks for what has changed without one, and compares everything now and then, until the signal aborts. Where nothing
   * was ever indexed it begins with a rebuild. Cells, feeds and indexes that fail are tried again for ever.
   */
  run(options?: TendOptions): Promise<void>
  /** Makes a new generation, and switches to it. What was broken off goes on where it was. */
  rebuild(options?: RebuildOptions): Promise<Rebuilt>
  /** Compares everything now. */
  verify(options?: VerifyOptions): Promise<readonly Verified[]>
  /** Goes back to the generation before the last rebuild; its name. */
  rollback(options?: TendOptions): Promise<string>
  /** Rejects with IndexError when the index does not answer. */
  status(options?: TendOptions): Promise<IndexerStatus>
}
