import { spread } from '../measure/statistics.mjs'

/** Nanoseconds for each of `times` things that one call of `work` does; medians of `rounds` calls. */
export const nanoseconds = async (work, times, rounds) => {
  const took = []
  for (let round = -Math.min(rounds, 10); round < rounds; round++) {
    const start = performance.now()
    await work()
    if (round >= 0) took.push(((performance.now() - start) * 1e6) / times)
  }
  return spread(took)
}
