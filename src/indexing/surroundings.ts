import { setTimeout } from 'node:timers/promises'

/** What an indexer lives in: a clock that only goes on and the time of day, both in milliseconds, numbers from 0 to 1, and time that passes. */
export interface Surroundings {
  readonly now: () => number
  readonly time: () => number
  readonly random: () => number
  /** Resolves after so many milliseconds, or when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

export const real: Surroundings = {
  now: () => performance.now(),
  time: Date.now,
  random: Math.random,
  sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }).catch(() => {}),
}
