/** How long things take. Milliseconds. */
export interface Pace {
  /** Until a connection that is not made is given up. */
  readonly connect: number
  /** Before the first try after a failure; doubled with each, up to that. Half of it is chance. */
  readonly retry: number
  readonly longestRetry: number
  /** Between two looks at the queue. */
  readonly look: number
  /** Before the first try of a hint that has to come again; doubled with each, up to that. */
  readonly again: number
  readonly longestAgain: number
  /** For which a message may be under way. A broker ends a connection that keeps one for longer than its `consumer_timeout`, 30 minutes. */
  readonly longestHold: number
  /** For which a stop waits for what is under way, and for the broker to say goodbye. */
  readonly stop: number
}

export const PACE: Pace = {
  connect: 10_000,
  retry: 200,
  longestRetry: 30_000,
  look: 5_000,
  again: 200,
  longestAgain: 10_000,
  longestHold: 300_000,
  stop: 10_000,
}

/** How long to wait before the n-th try: twice as long as before the last, and half of it by chance, so that not all come at once. */
export const pause = (first: number, longest: number, n: number, random: number): number =>
  Math.min(longest, first * 2 ** n) * (0.5 + random / 2)
