import type { Comparison, KeyedRow, Ordering, OrderKey, SortValue } from './ordering.js'

/**
 * A number for a row that settles most comparisons: of two rows the one with the smaller number comes first, and where the
 * numbers are equal the comparator decides. It is made of the beginning of the row's first sort value.
 *
 * Invariant: `lead(a) < lead(b)` only where `compare(a, b) < 0`.
 */
export type Lead = (row: KeyedRow) => number

/** The lead of an ordering. */
export const leadOf = (ordering: Ordering): Lead => {
  const [first] = ordering
  if (first === undefined) return () => 0
  const sign = first.dir === 'asc' ? 1 : -1
  const number = numbers[first.comparison](first) as (value: NonNullable<SortValue>) => number
  return row => {
    const value = row[0]!
    return sign * (value === null ? Number.NEGATIVE_INFINITY : number(value))
  }
}

/** Monotone, but not strictly: different values may have one number. */
const numbers: Record<Comparison, (key: OrderKey) => (value: never) => number> = {
  number: () => (value: number) => value,
  // Rounding keeps the order.
  decimal: () => Number,
  bytes: () => firstUnits,
  time: () => seconds,
  text: ({ pad = '' }) => firstWeights(pad),
}

/** The digits of `2024-01-02 03:04:05` as one number; a fraction is left to the comparator. */
const seconds = (time: string): number =>
  ((((digits(time, 0) * 100 + digits(time, 2)) * 100 + digits(time, 5)) * 100 + digits(time, 8)) * 100 +
    digits(time, 11)) *
    10_000 +
  digits(time, 14) * 100 +
  digits(time, 17)

const digits = (text: string, at: number): number => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - ZERO

const ZERO = 11 * '0'.charCodeAt(0)

const UNIT = 2 ** 16

/** Three code units of 16 bits: as many as a number has room for. */
const firstUnits = (text: string): number => (unit(text, 0) * UNIT + unit(text, 1)) * UNIT + unit(text, 2)

const unit = (text: string, at: number): number => (at < text.length ? text.charCodeAt(at) : 0)

/** Six weights of 8 bits. Where a text has ended, that of a space goes on, or nothing. */
const firstWeights =
  (pad: string) =>
  (weights: string): number => {
    let lead = 0
    for (let i = 0; i < 6; i++) {
      const beyond = i - weights.length
      const weight = beyond < 0 ? weights.charCodeAt(i) : pad === '' ? 0 : pad.charCodeAt(beyond % pad.length)
      lead = lead * 256 + weight
    }
    return lead
  }
