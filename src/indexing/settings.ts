import { InvalidOptionError } from '../errors.js'
import { membersOf } from '../listing/ask-all.js'
import type { Feed } from './feed.js'
import { GUARD, type GuardSettings } from './guard.js'
import { HINTS, type HintSettings } from './hints.js'

/** What `createIndexer` takes. Times are milliseconds. */
export interface IndexerConfig {
  /** Where hints come from. Default: none; then everything is found by looking. */
  readonly feeds?: readonly Feed[]
  /** Between two looks for what was written. Minimum 100, default 1,000. */
  readonly pollInterval?: number
  /** How long a transaction may be open, so that a look finds what it had written before: minimum 5,000, default 60,000. Longer ones are found by a comparison. */
  readonly overlap?: number
  /** Between two looks into each table that says nothing in `updated_at`: tags, metadata, addresses, … Minimum 1,000, default 10,000. */
  readonly sidePollInterval?: number
  /** Between two comparisons of everything. Minimum 1,000, default 600,000. */
  readonly sweepInterval?: number
  /** What part of the time looks into whole tables of one cell may take: above 0, at most 1; default 0.05. Intervals grow for it. */
  readonly share?: number
  /** Records of one cell that are read back in a second to mend what a comparison found. Minimum 1, default 2,000. */
  readonly repairRate?: number
  /**
   * The share of a cell's living instances that may vanish from it in one hour without a human: 0 to 1, default 0.1; fifty may, whatever it is.
   * What is archived was deleted before, and does not count. The rest stays in the index until `verify({ remove: true })`.
   */
  readonly removalShare?: number
}

/** How the cells are looked at. */
export interface KeepingSettings {
  readonly poll: number
  readonly overlap: number
  readonly sidePoll: number
  readonly sweep: number
  readonly share: number
  readonly repairs: number
  readonly guard: GuardSettings
  readonly hints: HintSettings
}

/** Most polls look back only so far; what was committed later than that is found by one of these now and then. */
export const SHORT_OVERLAP = 5_000
export const LONG_EVERY = 30_000

const MOST = 2 ** 31 - 1

const RANGES: Readonly<Record<string, readonly [least: number, most: number, whole: boolean]>> = {
  pollInterval: [100, MOST, true],
  overlap: [SHORT_OVERLAP, MOST, true],
  sidePollInterval: [1_000, MOST, true],
  sweepInterval: [1_000, MOST, true],
  share: [0.001, 1, false],
  repairRate: [1, MOST, true],
  removalShare: [0, 1, false],
}

/**
 * @throws {@link InvalidOptionError}
 * @throws {@link UnknownOptionError}
 */
export const checkIndexer = (config: unknown): void => {
  const { feeds, ...numbers } = membersOf('createIndexer', config, ['feeds', ...Object.keys(RANGES)])
  if (feeds !== undefined && !(Array.isArray(feeds) && feeds.every(isFeed)))
    throw new InvalidOptionError('/feeds', 'got something else', 'a list of feeds, as rabbitFeed makes one')
  for (const [option, value] of Object.entries(numbers)) {
    const [least, most, whole] = RANGES[option]!
    const fits =
      typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value))
    if (!fits)
      throw new InvalidOptionError(
        `/${option}`,
        'got something else',
        `a ${whole ? 'whole ' : ''}number from ${least} to ${most}`,
      )
  }
}

const isFeed = (feed: unknown): boolean => typeof (feed as Partial<Feed> | null)?.run === 'function'

export const settingsOf = ({
  pollInterval = 1_000,
  overlap = 60_000,
  sidePollInterval = 10_000,
  sweepInterval = 600_000,
  share = 0.05,
  repairRate = 2_000,
  removalShare = GUARD.share,
}: IndexerConfig): KeepingSettings => ({
  poll: pollInterval,
  overlap,
  sidePoll: sidePollInterval,
  sweep: sweepInterval,
  share,
  repairs: repairRate,
  guard: { ...GUARD, share: removalShare },
  hints: HINTS,
})
