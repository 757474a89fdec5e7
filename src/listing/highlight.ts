import { textsOf } from '../search/document.js'
import type { Frame } from '../search/frame.js'
import type { AnyItem } from './record.js'

/** Where a word of a search stands in a text: from this character to that, counted in UTF-16 code units. */
export type Mark = readonly [from: number, to: number]

/** Where the words of a search stand, by field: each text of it that has one, with the places in their order. */
export type Highlights = Readonly<
  Record<string, readonly { readonly text: string; readonly marks: readonly Mark[] }[]>
>

/** Finds the words in a record's fields. */
export const highlightsOf = (
  { resource, fold }: Frame,
  record: AnyItem,
  fields: readonly string[],
  words: readonly string[],
): Highlights =>
  Object.fromEntries(
    fields.flatMap(field => {
      const found = textsOf(resource, field, record)
        .map(text => ({ text, marks: marksIn(text, fold, words) }))
        .filter(({ marks }) => marks.length > 0)
      return found.length === 0 ? [] : [[field, found]]
    }),
  )

/** Words are folded as the texts are: character by character, so that each has its place. */
const marksIn = (text: string, fold: (text: string) => string, words: readonly string[]): Mark[] => {
  let folded = ''
  // For each unit of the folded text, where its character begins in the text.
  const begins: number[] = []
  let at = 0
  for (const character of text) {
    const piece = fold(character)
    for (let i = 0; i < piece.length; i++) begins.push(at)
    folded += piece
    at += character.length
  }
  begins.push(at)
  const marks = words.flatMap(word => {
    const found: Mark[] = []
    for (let i = folded.indexOf(word); i >= 0; i = folded.indexOf(word, i + word.length))
      found.push([begins[i]!, begins[i + word.length]!])
    return found
  })
  return joined(marks.sort(([a], [b]) => a - b))
}

/** Marks that overlap or touch are one. */
const joined = (marks: readonly Mark[]): Mark[] => {
  const all: Mark[] = []
  for (const [from, to] of marks) {
    const last = all.at(-1)
    if (last !== undefined && from <= last[1]) all[all.length - 1] = [last[0], Math.max(last[1], to)]
    else all.push([from, to])
  }
  return all
}
