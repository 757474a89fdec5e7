/**
 * One ordering is one value: it drives the comparator, the `ORDER BY`, the keyset `WHERE` and the cursor.
 *
 * @module
 */

/** Ascending puts NULLs first, descending puts them last, as MySQL does. */
export type Direction = 'asc' | 'desc'

/**
 * How two non-null values of a key compare.
 *
 * - `number`: as JavaScript numbers; booleans are 0 and 1, an ENUM is its ordinal
 * - `decimal`: exact decimal numerals of any length, as text
 * - `bytes`: by code unit; for uuids, binary text
 * - `time`: by code unit too, of `2024-01-02 03:04:05`, with or without a fraction that does not end in 0
 * - `text`: by collation weights; see {@link OrderKey.pad}
 */
export type Comparison = 'number' | 'decimal' | 'bytes' | 'time' | 'text'

/** One key of an ordering. */
export interface OrderKey {
  readonly column: string
  readonly dir: Direction
  readonly comparison: Comparison
  /**
   * Of a PAD SPACE collation, the weight of one space: the shorter text compares as if it went on with spaces
   * for ever. Empty for NO PAD. Only for `text`.
   */
  readonly pad?: string
}

/** A total order over the rows of all cells: the caller's keys, then `id`, then `uuid`. */
export type Ordering = readonly OrderKey[]

/**
 * What a row sorts by, one value per key of the ordering. A `text` key holds the weights of its text, one code
 * unit per byte (`WEIGHT_STRING`, read as latin1), so that no JavaScript collation is ever involved.
 */
export type SortValue = string | number | null

/** A row as the merge sees it: its sort values first, in the ordering's own sequence; the rest is cargo. */
export type KeyedRow = readonly SortValue[]

/** Negative when `a` comes first, positive when `b` does, 0 when they are one row. */
export type Comparator = (a: KeyedRow, b: KeyedRow) => number

/**
 * The comparator of an ordering.
 *
 * Invariant: for rows of one cell it agrees with the server's `ORDER BY` over the same keys.
 */
export const comparator = (ordering: Ordering): Comparator => {
  const compares = ordering.map(compareKey)
  const last = compares.length
  return (a, b) => {
    for (let i = 0; i < last; i++) {
      const x = a[i]!
      const y = b[i]!
      if (x !== y) {
        const order = compares[i]!(x, y)
        if (order !== 0) return order
      }
    }
    return 0
  }
}

/** For two values that are not the same one. */
type CompareValues = (x: SortValue, y: SortValue) => number

const compareKey = ({ comparison, dir, pad = '' }: OrderKey): CompareValues => {
  const sign = dir === 'asc' ? 1 : -1
  const compare = values[comparison](pad) as CompareValues
  return (x, y) => sign * (x === null ? -1 : y === null ? 1 : compare(x, y))
}

const natural = <T extends string | number>(x: T, y: T): number => (x < y ? -1 : x > y ? 1 : 0)

const values: Record<Comparison, (pad: string) => (x: never, y: never) => number> = {
  number: () => natural<number>,
  bytes: () => natural<string>,
  time: () => natural<string>,
  decimal: () => compareDecimals,
  text: pad => (pad === '' ? natural<string> : (x: string, y: string) => comparePadded(x, y, pad)),
}

/** Compares weights as if the shorter text went on with spaces for ever. */
const comparePadded = (x: string, y: string, pad: string): number => {
  if (x.length === y.length) return natural(x, y)
  if (x.length > y.length) return -comparePadded(y, x, pad)
  if (!y.startsWith(x)) return natural(x, y)
  for (let i = x.length; i < y.length; i++) {
    const space = pad.charCodeAt((i - x.length) % pad.length)
    const weight = y.charCodeAt(i)
    if (weight !== space) return space - weight
  }
  return 0
}

/** Compares decimal numerals of any length without ever making a float of them. */
const compareDecimals = (x: string, y: string): number => {
  const negative = x.startsWith('-')
  if (negative !== y.startsWith('-')) return negative ? -1 : 1
  const [xi, xf] = digits(x)
  const [yi, yf] = digits(y)
  const order = xi.length - yi.length || natural(xi, yi) || natural(xf, yf)
  return negative ? -order : order
}

/** A numeral's whole and fractional digits, without the zeros that mean nothing. */
const digits = (numeral: string): readonly [string, string] => {
  const [whole = '', fraction = ''] = numeral.replace(/^-/, '').split('.')
  return [whole.replace(/^0+/, ''), fraction.replace(/0+$/, '')]
}
