/** A whole number from 0 up to one below. The same seed gives the same numbers. */
export type Random = (below: number) => number

/** Mulberry32, by Tommy Ettinger: 32 bits of state are enough for tests. */
export const randomFrom = (seed: number): Random => {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** One of them. */
export const pick = <T>(random: Random, all: readonly T[]): T => all[random(all.length)]!

/** As many, made one after the other. */
export const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i))

/** All of them in another sequence. */
export const shuffled = <T>(random: Random, all: readonly T[]): T[] => {
  const left = [...all]
  return times(all.length, () => left.splice(random(left.length), 1)[0]!)
}
