/** What an index has for a request. Times are milliseconds. */
export interface IndexState {
  /** `none`: there is no index; `down`: it does not answer; `empty`: it holds nothing yet, or nothing that is understood; `ready`. */
  readonly state: 'none' | 'down' | 'empty' | 'ready'
  /** How old the oldest of what it says of these cells is; Infinity where nobody knows. */
  readonly age: number
}

/** All that decides who answers. */
export interface Choice extends IndexState {
  /** Who the caller wants to answer. */
  readonly source: 'auto' | 'cells' | 'index'
  /** How old an answer may be; undefined where it has to be as new as the cells. */
  readonly maxStaleness: number | undefined
  /** What only the cells can judge. */
  readonly unserved: readonly string[]
  /** The cells find the rows in this order without looking at many. */
  readonly cheap: boolean
  /** A cell is left alone by its breaker. */
  readonly cellDown: boolean
}

/** Why who answers does. */
export type Reason =
  | 'asked-for'
  | 'no-index'
  | 'index-down'
  | 'index-empty'
  | 'index-stale'
  | 'unserved'
  | 'cells-are-cheap'
  | 'cell-down'
  | 'cells-are-slow'

/** Who answers. `overlay`: with what has changed in the cells since. */
export interface Decision {
  readonly from: 'cells' | 'index' | 'nobody'
  readonly overlay: boolean
  readonly reason: Reason
}

/** Beyond this an index is so far behind that what has changed since would be half of the answer. */
export const MOST_BEHIND_MS = 10 * 60_000

const cells = (reason: Reason): Decision => ({ from: 'cells', overlay: false, reason })
const nobody = (reason: Reason): Decision => ({ from: 'nobody', overlay: false, reason })
const index = (overlay: boolean, reason: Reason): Decision => ({ from: 'index', overlay, reason })

const UNABLE = { none: 'no-index', down: 'index-down', empty: 'index-empty' } as const

/** Who answers a request. */
export const decide = (choice: Choice): Decision => {
  const { source, state, unserved, age, maxStaleness } = choice
  if (source === 'cells') return cells('asked-for')
  const otherwise = source === 'index' ? nobody : cells
  if (state !== 'ready') return otherwise(UNABLE[state])
  if (unserved.length > 0) return otherwise('unserved')
  if (source === 'index')
    return age <= (maxStaleness ?? Number.POSITIVE_INFINITY) ? index(false, 'asked-for') : nobody('index-stale')
  if (choice.cheap && !choice.cellDown) return cells('cells-are-cheap')
  const reason = choice.cellDown ? 'cell-down' : 'cells-are-slow'
  if (maxStaleness !== undefined && age <= maxStaleness) return index(false, reason)
  return age <= MOST_BEHIND_MS ? index(true, reason) : cells('index-stale')
}
