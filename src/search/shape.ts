/** What the documents of a generation have: for an adapter to make its tables or mappings of. */
export interface Shape {
  readonly keys: Readonly<Record<string, 'number' | 'text'>>
  /** The columns of a scope. */
  readonly owners: readonly string[]
  readonly members: readonly string[]
  /** What a search may look at. */
  readonly texts: readonly string[]
  /** Orders that are asked for often, the first key first: worth an index of their own. */
  readonly orders: readonly (readonly string[])[]
}
