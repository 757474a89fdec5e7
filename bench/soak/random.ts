/** Chance that comes again with the same seed. */
export interface Random {
  /** A whole number below `n`. */
  below(n: number): number
  between(least: number, most: number): number
  pick<T>(list: readonly T[]): T
  chance(part: number): boolean
  /** Another one, so that what runs beside each other does not share a sequence. */
  fork(): Random
}

/** mulberry32. */
export const randomOf = (seed: number): Random => {
  let state = seed | 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number): number => Math.floor(next() * n)
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    pick: list => list[below(list.length)]!,
    chance: part => next() < part,
    fork: () => randomOf(below(2 ** 31)),
  }
}
