import { setTimeout } from 'node:timers/promises'
import { reasonOf } from './reasons.js'

/** Milliseconds to wait for what another process has locked, and after which to look whether it still has. */
const MOST_MS = 2_000
const LOOK_MS = 5

/** Does something until nobody has it locked. The thread does other things meanwhile; SQLite's own patience would keep it. */
export const patiently = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
  const until = performance.now() + MOST_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (reasonOf(error) !== 'BUSY' || performance.now() > until) throw error
      await setTimeout(LOOK_MS, undefined, { signal })
    }
  }
}

/** Does one thing after the other. */
export const inTurn = (): (<T>(work: () => Promise<T>) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve()
  return work => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
}
