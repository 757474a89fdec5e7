/** What is written of a cell beside until when it is known. Times are milliseconds since 1970, by the clock of who wrote it. */
export interface CellNote {
  /** Microseconds by the cell's own clock. */
  readonly asOf: number
  /** Who looks after it, and when they last said so. */
  readonly by: string
  readonly at: number
  /** Hints may have been lost, and not everything was looked through since. */
  readonly gap: boolean
  /** Why it can't be kept true now. */
  readonly error: string | null
  readonly swept: Swept | null
  /** Documents that stay, although their records are gone, until somebody has looked: too many at once. */
  readonly withheld: number
}

/** What the last comparison of everything has found. */
export interface Swept {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly ms: number
  readonly records: number
  /** Records that differed, and those of them that were mended. */
  readonly drift: number
  readonly mended: number
}

/** How true an index is of one cell. */
export interface Freshness {
  /**
   * `fresh`; `gap`: hints may have been lost, and not everything was looked through since; `down`: the cell, or the index, can't be read or
   * written; `stale`: nobody has brought it up to date for a while; `unknown`: nobody ever has.
   */
  readonly state: 'fresh' | 'gap' | 'down' | 'stale' | 'unknown'
  /** Until when everything is in it, by the cell's clock: ISO 8601 with microseconds. Null when that is not known. */
  readonly asOf: string | null
  /** Milliseconds since then, by this host's clock. */
  readonly lag: number | null
  /** Why it is `down`: a symbol. */
  readonly error: string | null
  readonly swept: Swept | null
  readonly withheld: number
}

/** Milliseconds behind which an index is not fresh any more. */
const STALE = 15_000

const NEVER: Freshness = { state: 'unknown', asOf: null, lag: null, error: null, swept: null, withheld: 0 }

const SAYS_NOTHING = { by: '', at: 0, gap: false, error: null, swept: null, withheld: 0 }

/** JSON that somebody else may have written; undefined where it does not say until when. */
export const readNote = (json: string): CellNote | undefined => {
  try {
    const note = { ...SAYS_NOTHING, ...(JSON.parse(json) as Pick<CellNote, 'asOf'>) }
    return Number.isSafeInteger(note.asOf) ? note : undefined
  } catch {
    return undefined
  }
}

/** ISO 8601, with all six digits. */
export const isoOf = (microseconds: number): string =>
  new Date(Math.floor(microseconds / 1_000))
    .toISOString()
    .replace('Z', `${String(microseconds % 1_000).padStart(3, '0')}Z`)

/** What a note says now. */
export const freshnessOf = (note: CellNote | undefined, time: number): Freshness => {
  if (note === undefined) return NEVER
  const { asOf, at, gap, error, swept, withheld } = note
  const lag = Math.max(0, time - asOf / 1_000)
  const stale = lag > STALE && !(error !== null && time - at <= STALE)
  return {
    state: stale ? 'stale' : error !== null ? 'down' : gap ? 'gap' : 'fresh',
    asOf: isoOf(asOf),
    lag,
    error,
    swept,
    withheld,
  }
}
