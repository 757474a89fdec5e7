import { CellFailedError } from '../errors.js'
import { sql } from '../sql/fragment.js'
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
}

const BASIC = 0x10000
/** Characters beyond the basic plane, of different planes. */
const BEYOND = ['\u{10000}', '\u{1f600}', '\u{2070e}', '\u{10fffd}']
/** What is more than its characters in some language. */
const TEXTS = ['lJ', 'ch', 'dz', 'ss', 'll', 'aa', 'e\u0301', 'a\u0301\u0323', '\u1100\u1161', 'ab', 'a b']

const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff

/** Reads a collation's weights; undefined where a text weighs more than its characters do, or the server does not have it. */
export const readCharacterWeights = async (
  database: Pick<Database, 'query'>,
  collation: Collation,
  signal: AbortSignal,
): Promise<CharacterWeights | undefined> => {
  try {
    const { pad, full } = await readWeighing(database, collation, signal)
    if (full) return undefined
    const weigh = async (by: Collation, texts: readonly string[]): Promise<Buffer[]> => {
      const weights = texts.map(text => sql`WEIGHT_STRING(${collate(sql`${text}`, by)})`)
      const [row] = await database.query(
        { text: `SELECT ${weights.map(({ text }) => text).join(', ')}`, values: weights.flatMap(w => w.values) },
        signal,
      )
      return row as unknown as Buffer[]
    }
    const codes = Array.from({ length: BASIC }, (_, code) => code).filter(code => !isSurrogate(code))
    const characters = codes.map(code => String.fromCharCode(code)).join('')
    const [all, ...others] = await weigh(collation, [characters, ...TEXTS])
    const width = all!.length / codes.length
    if (!Number.isInteger(width) || width < 1 || width > 3) return undefined
    const basic = Buffer.alloc(BASIC * width)
    for (const [i, code] of codes.entries()) all!.copy(basic, code * width, i * width, (i + 1) * width)
    const at = (character: string): number => character.charCodeAt(0) * width
    const sum = (text: string): Buffer => Buffer.concat([...text].map(c => basic.subarray(at(c), at(c) + width)))
    if (!TEXTS.every((text, i) => sum(text).equals(others[i]!))) return undefined
    const beyond = (await weigh(widest(collation), BEYOND)).map(number)
    const own = beyond.every((weight, i) => weight === BEYOND[i]!.codePointAt(0))
    if (!own && beyond.some(weight => weight !== beyond[0])) return undefined
    return {
      collation: collation.name,
      width,
      basic: basic.toString('base64'),
      beyond: own ? null : beyond[0]!,
      pads: pad !== '',
    }
  } catch (error) {
    if (error instanceof CellFailedError && error.cell.reason === 'ER_UNKNOWN_COLLATION') return undefined
    throw error
  }
}

/** What a column can't hold may still be compared with it, by the collation of the same name that can. */
const widest = ({ charset, name }: Collation): Collation =>
  charset === 'utf8' || charset === 'utf8mb3'
    ? { charset: 'utf8mb4', name: name.replace(/^[^_]+/, 'utf8mb4') }
    : { charset, name }

const number = (weight: Buffer): number => weight.readUIntBE(0, weight.length)
