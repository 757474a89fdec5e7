/** A part of a pattern: a text, any one character, or any number of them. */
export type Piece = { readonly literal: string } | { readonly any: 'one' | 'more' }

/**
 * What a document has to be. Every test is true or false: what is null is neither equal to anything nor before nor behind it, and `not` of
 * that is true.
 */
export type Test =
  | {
      readonly key: string
      readonly is: 'eq' | 'lt' | 'lte' | 'gt' | 'gte'
      readonly value: string | number
    }
  | { readonly key: string; readonly in: readonly (string | number)[] }
  | { readonly key: string; readonly isNull: true }
  /** The whole of a text fits the pattern, character by character. */
  | { readonly like: string; readonly pattern: readonly Piece[] }
  | { readonly owner: string; readonly eq: string }
  /** It has one of these. */
  | { readonly member: string; readonly in: readonly string[] }
  /** It has an address of as many digits in this range, or whose text begins so. */
  | { readonly address: { readonly first: string; readonly last: string } | { readonly prefix: string } }
  | { readonly cells: readonly string[] }
  /** All of at least one of these. */
  | { readonly any: readonly (readonly Test[])[] }
  | { readonly not: Test }
