import type { Key } from '../search-index.js'

/*
 * Every key is a text that sorts by its code points and is always there: NULL is the empty one, a number is the sixteen digits of a double
 * that sort as it does, and the first letter of the others says which they are. Documents in which a field that is sorted by is missing get
 * lost between pages (OpenSearch #14824, #14825).
 */

/** Before all others. */
export const NULL = ''
/** Before every text. */
export const TEXT = 't'
const NUMBER = 'n'

const NEGATIVE = 0x8000_0000
const double = new DataView(new ArrayBuffer(8))
const digits = (half: number): string => (half >>> 0).toString(16).padStart(8, '0')

/** A key as the index has it. */
export const encodeKey = (key: Key): string => {
  if (key === null) return NULL
  if (typeof key === 'string') return TEXT + key
  // -0 is 0.
  double.setFloat64(0, key + 0)
  const high = double.getUint32(0)
  const low = double.getUint32(4)
  return NUMBER + (high < NEGATIVE ? digits(high ^ NEGATIVE) + digits(low) : digits(~high) + digits(~low))
}

/** What {@link encodeKey} made a text of. */
export const decodeKey = (text: string): Key => {
  if (text === NULL) return null
  if (text.startsWith(TEXT)) return text.slice(1)
  const high = Number.parseInt(text.slice(1, 9), 16)
  const low = Number.parseInt(text.slice(9), 16)
  const positive = high >= NEGATIVE
  double.setUint32(0, positive ? high ^ NEGATIVE : ~high)
  double.setUint32(4, positive ? low : ~low)
  return double.getFloat64(0)
}
