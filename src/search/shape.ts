/** What the documents of a generation have: for an adapter to make its tables or mappings of. */
export interface Shape {
  readonly keys: Readonly<Record<string, 'number' | 'text'>>
  /** The columns of a scope. */
  readonly owners: readonly string[]
  readonly members: readonly string[]
  /** What a search may look at. */
  readonly texts: readonly string[]
  /** Orders that are asked for often, the first key first: worth an index of their own. The first of them is the most usual. */
  readonly orders: readonly (readonly string[])[]
  /** Keys to count by, the first key first, and behind them others that such questions test: worth an index that has all of them. */
  readonly counts?: readonly (readonly string[])[]
}
