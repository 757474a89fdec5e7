import { CellFailedError } from '../errors.js'
import { join, type Sql, sql } from '../sql/fragment.js'
import { type Collation, collate, readWeighing } from './collation.js'
import type { Database } from './connection.js'

/** A collation that weighs every character for itself: what is needed to compare texts by it without a server. */
export interface CharacterWeights {
  readonly collation: string
  /** Bytes of one character's weight. */
  readonly width: number
  /** The weights of U+0000 to U+FFFF one after the other, in base64; those of surrogates mean nothing. */
  readonly basic: string
  /** The weight of all characters beyond; null where each has its own code point. */
  readonly beyond: number | null
  /** A shorter text compares as if it went on with spaces for ever. */
  readonly pads: boolean
  /** The only characters that the character set has; null where it has all. */
  readonly held: string | null
}

const BASIC = 0x10000
const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff
const CODES = Array.from({ length: BASIC }, (_, code) => code).filter(code => !isSurrogate(code))

/** Characters beyond the basic plane, of different planes, and some that have two cases. */
const BEYOND = [
  ...['\u{10000}', '\u{10400}', '\u{10428}', '\u{1e900}', '\u{1e922}', '\u{1f600}', '\u{2070e}', '\u{10ffff}'],
]
/** What is more than its characters in some language, or sorts as if it were written in another sequence. */
const TEXTS = [
  ...['lJ', 'ch', 'dz', 'ss', 'll', 'aa', 'ae', 'oe', 'ij', 'cs', 'dzs', 'ab', 'a b', 'a ', ' a'],
  ...[
    'e\u0301',
    'a\u0301\u0323',
    '\u0131\u0307',
    '\u1100\u1161',
    '\u0e40\u0e01',
    '\u30ab\u30fc',
    '\u30ab\u3099',
  ],
]

/** Reads a collation's weights; undefined where a text weighs more than its characters do, or the server does not have it. */
export const readCharacterWeights = async (
  database: Pick<Database, 'query'>,
  collation: Collation,
  signal: AbortSignal,
): Promise<CharacterWeights | undefined> => {
  const ask = async (columns: readonly Sql[]): Promise<readonly unknown[]> =>
    (await database.query(sql`SELECT ${join(columns, ', ')}`, signal))[0]!
  const weigh = async (texts: readonly string[], by: Collation): Promise<readonly Buffer[]> =>
    (await ask(texts.map(text => sql`WEIGHT_STRING(${collate(sql`${text}`, by)})`))) as readonly Buffer[]

  try {
    const { pad, full } = await readWeighing(database, collation, signal)
    if (full) return undefined
    const characters = CODES.map(code => String.fromCharCode(code))
    const everything = characters.join('')
    const [all, backwards, ...some] = await weigh(
      [everything, characters.toReversed().join(''), ...TEXTS],
      collation,
    )
    const width = all!.length / CODES.length
    if (!Number.isInteger(width) || width < 1 || width > 3) return undefined
    const basic = Buffer.alloc(BASIC * width)
    for (const [i, code] of CODES.entries()) all!.copy(basic, code * width, i * width, (i + 1) * width)
    const weightAt = (code: number): Buffer => basic.subarray(code * width, (code + 1) * width)
    const sumOf = (codes: readonly number[]): Buffer => Buffer.concat(codes.map(weightAt))
    if (!sumOf(CODES.toReversed()).equals(backwards!)) return undefined
    if (!TEXTS.every((text, i) => sumOf([...text].map(one => one.charCodeAt(0))).equals(some[i]!)))
      return undefined

    const numbers = CODES.map(code => numberOf(weightAt(code)))
    if (numbers.some(isSurrogate)) return undefined
    const [wide, ...beyond] = await weigh([everything, ...BEYOND], widest(collation))
    const wideWidth = wide!.length / CODES.length
    if (!numbers.every((number, i) => number === wide!.readUIntBE(i * wideWidth, wideWidth))) return undefined
    const own = beyond.every((weight, i) => numberOf(weight) === BEYOND[i]!.codePointAt(0))
    if (!own && !beyond.every(weight => weight.equals(beyond[0]!))) return undefined

    const [kept] = (await ask([sql`CONVERT(${collate(sql`${everything}`, collation)} USING utf8mb4)`])) as [
      string,
    ]
    return {
      collation: collation.name,
      width,
      basic: basic.toString('base64'),
      beyond: own ? null : numberOf(beyond[0]!),
      pads: pad !== '',
      held: kept === everything ? null : characters.filter((character, i) => kept[i] === character).join(''),
    }
  } catch (error) {
    if (error instanceof CellFailedError && error.cell.reason === 'ER_UNKNOWN_COLLATION') return undefined
    throw error
  }
}

/**
 * What a column can't hold may still be compared with it: `widened` says by which collation. By that one the characters that it can hold
 * have to weigh the same.
 */
const widest = ({ charset, name }: Collation): Collation =>
  /^(utf8|utf8mb3|ucs2)$/.test(charset)
    ? { charset: 'utf8mb4', name: name.replace(/^[^_]+/, 'utf8mb4') }
    : { charset, name }

const numberOf = (weight: Buffer): number => weight.readUIntBE(0, weight.length)
