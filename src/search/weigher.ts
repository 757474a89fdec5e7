import type { CharacterWeights } from '../cells/character-weights.js'
import type { Piece } from './test.js'

/** Compares texts as a server's collation does, without the server. */
export interface Weigher {
  /** The weight of one space where a shorter text compares as if it went on with spaces; empty where it does not. */
  readonly pad: string
  /** The character set has all characters. */
  readonly holdsAll: boolean
  /** Whether the character set has all of a text's characters: if not, only the server knows what it compares like. */
  holds(text: string): boolean
  /** What the server calls `WEIGHT_STRING`, one code unit per byte. */
  weights(text: string): string
  /** By code points in the collation's order, and the same for texts that it holds for equal. */
  key(text: string): string
  /** Character by character, with an end: what a pattern is compared with. */
  fold(text: string): string
  /** The same without the end: a part of a pattern. */
  foldPart(text: string): string
  /** The key of the text whose fold it is. */
  keyOf(fold: string): string
  /** What a fold ends with, and has nowhere else. */
  readonly end: string
  /** Whether a pattern of characters fits a text when its fold fits the text's. */
  judges(pattern: readonly Piece[]): boolean
}

/*
 * A key is the text's weights as code points, each moved up to make room for what PAD SPACE asks for. A text compares as if it went on
 * with spaces for ever, so what follows a run of spaces decides where the run's end is: before a lighter character a space comes before
 * the end of a text, otherwise behind it. Spaces at the end of a text are nothing.
 *
 * Where all characters of Unicode have weights of their own, there is no room for the last five of them: each takes two code points.
 *
 * | code point | stands for |
 * |---|---|
 * | 0 | nothing |
 * | 1 | the end of a text, where texts are not padded; what parts texts that are in one |
 * | 2 and more | a weight that is less than that of a space |
 * | space + 2, + 3, + 4 | a space before a lighter character, the end of a text, any other space |
 * | the rest | a heavier weight, by 4 more |
 */
const LIGHTER = 2
const HEAVIER = 4
const SPACE_BEFORE_LIGHTER = 2
const END = 3
const SPACE = 4

/** Below the code point of every weight: what parts texts that are in one. */
export const SEPARATOR = '\u0001'

/** Code points that are no characters in UTF-8. */
const FIRST_SURROGATE = 0xd800
const SURROGATES = 0x800
/** What begins two code points that are one beyond the last. */
const LAST = 0x10ffff

/** The characters of which the second of the two may be taken for one. */
const isHalf = (text: string): boolean => text.charCodeAt(0) <= 4

/** The code point that is so many further on, as if there were no surrogates. */
const moved = (code: number, by: number): string => {
  const next = code < FIRST_SURROGATE && code + by >= FIRST_SURROGATE ? code + by + SURROGATES : code + by
  return next < LAST ? String.fromCodePoint(next) : String.fromCodePoint(LAST, next - LAST + LIGHTER)
}

/** Character by character, where there is no collation: without case. */
export const plainFold = (text: string): string =>
  [...text].map(character => moved(character.toLowerCase().codePointAt(0)!, LIGHTER)).join('')

const escaped = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`

/** Makes a weigher of what was read from a server. */
export const weigherOf = (read: Omit<CharacterWeights, 'collation'>): Weigher => {
  const { width, beyond, pads } = read
  const bytes = Buffer.from(read.basic, 'base64')
  const table = Uint32Array.from({ length: bytes.length / width }, (_, code) =>
    bytes.readUIntBE(code * width, width),
  )
  const space = table[0x20]!
  const held = read.held === null ? undefined : new Set(read.held)
  const end = pads ? moved(space, END) : SEPARATOR

  const partOf = (weight: number): string =>
    moved(weight, !pads || weight < space ? LIGHTER : weight === space ? SPACE : HEAVIER)
  const parts = Array.from(table, partOf)
  const foldPart = (text: string): string => {
    let fold = ''
    for (let i = 0; i < text.length; i++) {
      const code = text.codePointAt(i)!
      if (code <= 0xffff) fold += parts[code]
      else {
        fold += partOf(beyond ?? code)
        i++
      }
    }
    return fold
  }

  const late = partOf(space)
  const early = moved(space, SPACE_BEFORE_LIGHTER)
  const atEnd = new RegExp(`${escaped(late)}+${escaped(end)}$`, 'u')
  const beforeLighter = new RegExp(`${escaped(late)}+(?=[\\u{2}-${escaped(moved(space, LIGHTER - 1))}])`, 'gu')
  const keyOf = (fold: string): string =>
    pads && fold.includes(late)
      ? fold.replace(atEnd, () => end).replace(beforeLighter, run => early.repeat(run.length))
      : fold

  return {
    pad: pads ? bytes.toString('latin1', 0x20 * width, 0x21 * width) : '',
    end,
    judges: pattern =>
      beyond !== null ||
      pattern.every(piece => ('literal' in piece ? !isHalf(piece.literal) : piece.any === 'more')),
    holdsAll: held === undefined,
    holds: text => held === undefined || [...text].every(character => held.has(character)),
    weights: text => {
      const codes = Array.from(text, character => character.codePointAt(0)!)
      const all = Buffer.alloc(codes.length * width)
      for (const [i, code] of codes.entries())
        all.writeUIntBE(code > 0xffff ? (beyond ?? code) : table[code]!, i * width, width)
      return all.toString('latin1')
    },
    fold: text => foldPart(text) + end,
    foldPart,
    keyOf,
    key: text => keyOf(foldPart(text) + end),
  }
}
