import type { CharacterWeights } from '../cells/character-weights.js'

/** Compares texts as a server's collation does, without the server. */
export interface Weigher {
  /** What the server calls `WEIGHT_STRING`, one code unit per byte. */
  weights(text: string): string
  /** By code points in the collation's order, and the same for texts that it holds for equal. */
  key(text: string): string
  /** Character by character, with an end: what a pattern is compared with. */
  fold(text: string): string
  /** The same without the end: a part of a pattern. */
  foldPart(text: string): string
}

/*
 * A key is the text's weights as code points, each moved up to make room for what PAD SPACE asks for. A text compares as if it went on
 * with spaces for ever, so what follows a run of spaces decides where the run's end is: before a lighter character a space comes before
 * the end of a text, otherwise behind it. Spaces at the end of a text are nothing.
 */
const LIGHTER = 2
const BEFORE_END = 0
const AT_END = 1
const BEHIND_END = 2
const HEAVIER = 4

/** Code points that are no characters in UTF-8. */
const FIRST_SURROGATE = 0xd800
const SURROGATES = 0x800

/** Below the code point of every weight: what parts texts that are in one. */
export const SEPARATOR = '\u0001'

const character = (code: number): string =>
  String.fromCodePoint(code >= FIRST_SURROGATE ? code + SURROGATES : code)

/** Makes a weigher of what was read from a server. */
export const weigherOf = ({ width, basic, beyond, pads }: Omit<CharacterWeights, 'collation'>): Weigher => {
  const bytes = Buffer.from(basic, 'base64')
  const table = Uint32Array.from({ length: 0x10000 }, (_, code) => bytes.readUIntBE(code * width, width))
  const space = table[0x20]!
  const end = character(pads ? space + LIGHTER + AT_END : 1)

  const weightsOf = (text: string): number[] => {
    const weights: number[] = []
    for (let i = 0; i < text.length; i++) {
      const code = text.codePointAt(i)!
      if (code > 0xffff) i++
      weights.push(code > 0xffff ? (beyond ?? code) : table[code]!)
    }
    return weights
  }

  const lighter = Array.from({ length: space }, (_, weight) => character(weight + LIGHTER))
  const parts = (weight: number): string => {
    if (!pads) return character(weight + LIGHTER)
    if (weight < space) return lighter[weight]!
    return character(weight === space ? weight + LIGHTER + BEHIND_END : weight + HEAVIER)
  }
  const fold = (weights: readonly number[]): string => {
    let text = ''
    for (const weight of weights) text += parts(weight)
    return text
  }

  const key = (weights: readonly number[]): string => {
    if (!pads) return fold(weights) + end
    let length = weights.length
    while (length > 0 && weights[length - 1] === space) length--
    let text = ''
    // From the end: what a space is depends on what follows its run.
    let run = BEHIND_END
    for (let i = length - 1; i >= 0; i--) {
      const weight = weights[i]!
      if (weight !== space) run = weight < space ? BEFORE_END : BEHIND_END
      text = (weight === space ? character(space + LIGHTER + run) : parts(weight)) + text
    }
    return text + end
  }

  return {
    weights: text => {
      const weights = weightsOf(text)
      const all = Buffer.alloc(weights.length * width)
      for (const [i, weight] of weights.entries()) all.writeUIntBE(weight, i * width, width)
      return all.toString('latin1')
    },
    key: text => key(weightsOf(text)),
    fold: text => fold(weightsOf(text)) + end,
    foldPart: text => fold(weightsOf(text)),
  }
}
