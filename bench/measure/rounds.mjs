import { median, quantile, spread } from './statistics.mjs'

/** Runs `work`, and says how long it took and what of it was this process' own CPU time. Both in milliseconds. */
export const timed = async work => {
  const cpu = process.cpuUsage()
  const start = performance.now()
  const answer = await work()
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  return { ms, cpu: (user + system) / 1_000, answer }
}

/** What a slow contender may take of the time of all rounds, in milliseconds. */
const BUDGET = 8_000

/** So that slow contenders meet in the same rounds. */
const powerOfTwo = (wanted, most) =>
  2 ** Math.max(0, Math.min(Math.ceil(Math.log2(wanted)), Math.floor(Math.log2(most))))

/**
 * Runs all contenders in turns, another one first in each round, so that whatever else the machine does meets all of
 * them alike. A slow contender runs in every n-th round only. The first of `contenders` is the floor: the ratios
 * are made within each round, and only then is their median taken.
 *
 * @param contenders - `{ name, run }`, where `run` resolves to `{ ms, cpu }`
 */
export const alternate = async (contenders, rounds) => {
  const runs = []
  for (const { name, run } of contenders) {
    await run()
    const { ms } = await run()
    const every = powerOfTwo((ms * rounds) / BUDGET, rounds / 3)
    // What is quick is measured when it is compiled.
    if (ms < 400) for (let again = 0; again < Math.min(rounds, 10) - 1; again++) await run()
    runs.push({ name, run, every, took: new Map() })
  }
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < runs.length; turn++) {
      const { run, every, took } = runs[(round + turn) % runs.length]
      if (round % every === 0) took.set(round, await run())
    }
  const [floor] = runs
  return runs.map(({ name, took }) => {
    const times = [...took.values()].map(({ ms }) => ms)
    const shared = [...took].filter(([round]) => floor.took.has(round))
    return {
      name,
      runs: times.length,
      p50: median(times),
      p95: quantile(times, 0.95),
      cpu: median([...took.values()].map(({ cpu }) => cpu)),
      ratio: spread(shared.map(([round, { ms }]) => ms / floor.took.get(round).ms)),
      took,
    }
  })
}

/** How many times faster `a` is than `b`, within the rounds that both ran in. */
export const faster = (a, b) =>
  spread([...b.took].flatMap(([round, { ms }]) => (a.took.has(round) ? [ms / a.took.get(round).ms] : [])))
