import type { FeedStatus, HintSink } from '../feed.js'
import type { Surroundings } from '../surroundings.js'
import type { Pace } from './pace.js'
import type { RabbitSettings } from './settings.js'

type Counts = Required<Omit<FeedStatus, 'name' | 'cell' | 'state' | 'oldest'>>

/** What a feed counts as it goes. */
export type Tally = { -readonly [M in keyof Counts]: Counts[M] }

export const newTally = (): Tally => ({
  waiting: null,
  received: 0,
  applied: 0,
  requeued: 0,
  poison: 0,
  ignored: 0,
  gaps: 0,
  error: null,
  notice: null,
})

/** What the parts of one feed share. */
export interface Feeding {
  readonly settings: RabbitSettings
  readonly surroundings: Surroundings
  readonly pace: Pace
  readonly tally: Tally
  readonly sink: HintSink
}
