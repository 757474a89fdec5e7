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
  const parts = Array.from({ length: table.length }, (_, weight) => partOf(weight))
  const part = (weight: number): string => parts[weight] ?? partOf(weight)

  const weightsOf = (text: string): number[] => {
    const weights: number[] = []
    for (let i = 0; i < text.length; i++) {
      const code = text.codePointAt(i)!
      if (code > 0xffff) i++
      weights.push(code > 0xffff ? (beyond ?? code) : table[code]!)
    }
    return weights
  }

  const fold = (weights: readonly number[]): string => {
    let text = ''
    for (const weight of weights) text += part(weight)
    return text
  }

  const key = (weights: readonly number[]): string => {
    let length = weights.length
    while (length > 0 && weights[length - 1] === space) length--
    const early = moved(space, SPACE_BEFORE_LIGHTER)
    let text = ''
    for (let i = 0; i < length; ) {
      let run = i
      while (weights[run] === space) run++
      if (run > i) text += (weights[run]! < space ? early : part(space)).repeat(run - i)
      text += part(weights[run]!)
      i = run + 1
    }
    return text + end
  }

  return {
    pad: pads ? bytes.toString('latin1', 0x20 * width, 0x21 * width) : '',
    end,
    judges: pattern =>
      beyond !== null ||
      pattern.every(piece => ('literal' in piece ? !isHalf(piece.literal) : piece.any === 'more')),
    holdsAll: held === undefined,
    holds: text => held === undefined || [...text].every(character => held.has(character)),
    weights: text => {
      const weights = weightsOf(text)
      const all = Buffer.alloc(weights.length * width)
      for (const [i, weight] of weights.entries()) all.writeUIntBE(weight, i * width, width)
      return all.toString('latin1')
    },
    key: pads ? text => key(weightsOf(text)) : text => fold(weightsOf(text)) + end,
    fold: text => fold(weightsOf(text)) + end,
    foldPart: text => fold(weightsOf(text)),
  }
}
