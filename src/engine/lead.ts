import type { Comparison, KeyedRow, Ordering, OrderKey, SortValue } from './ordering.js'

/**
 * A number for a row that settles most comparisons: of two rows the one with the smaller number comes first, and where the
 * numbers are equal the comparator decides. It is made of the beginning of the row's first sort value; many rows have the same
 * number or time, and there the second value has a part in it.
 *
 * Invariant: `lead(a) < lead(b)` only where `compare(a, b) < 0`. It is never NaN.
 */
export type Lead = (row: KeyedRow) => number

/** The lead of an ordering. */
export const leadOf = (ordering: Ordering): Lead => {
  const [first, second] = ordering
  if (first === undefined) return () => 0
  const one = numberOf(first)
  if (second === undefined || !EXACT.has(first.comparison)) return row => one(row[0]!)
  const two = numberOf(second)
  // A whole number leaves the room from half a one below it to half a one above. What lies between two of them goes
  // between their rooms.
  return row => {
    const x = one(row[0]!)
    return Number.isInteger(x) ? x + squeezed(two(row[1]!)) / 2 : Math.floor(x) + 0.5
  }
}

/** Whole numbers that stand for one value each. */
const EXACT: ReadonlySet<Comparison> = new Set(['number', 'time'])

const numberOf = (key: OrderKey): ((value: SortValue) => number) => {
  const sign = key.dir === 'asc' ? 1 : -1
  const number = numbers[key.comparison](key) as (value: NonNullable<SortValue>) => number
  return value => sign * (value === null ? Number.NEGATIVE_INFINITY : number(value))
}

/**
 * All numbers between -1 and 1, in their order. Each step rounds, and none changes the order: there is one variable in it.
 * Whole numbers up to a million keep apart even beside seconds of this century.
 */
const squeezed = (x: number): number => {
  const part = 1 - ROOM / (ROOM + Math.abs(x))
  return x < 0 ? -part : part
}

const ROOM = 2 ** 20

/** Monotone, but not strictly: different values may have one number. */
const numbers: Record<Comparison, (key: OrderKey) => (value: never) => number> = {
  number: () => (value: number) => value,
  // Rounding keeps the order.
  decimal: () => Number,
  bytes: () => firstUnits,
  time: () => seconds,
  text: ({ pad = '' }) => firstWeights(pad),
}

/** Seconds since 2000 of `2024-01-02 03:04:05`, in a calendar where months and days may be 0. Any fraction is a half. */
const seconds = (time: string): number =>
  (((digits(time, 0) * 100 + digits(time, 2) - 2000) * 13 + digits(time, 5)) * 32 + digits(time, 8)) * 86_400 +
  (digits(time, 11) * 60 + digits(time, 14)) * 60 +
  digits(time, 17) +
  (time.length > 19 ? 0.5 : 0)

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
