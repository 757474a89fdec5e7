import type { Sql } from './fragment.js'

/** An index, and those of the conditions that it can tell by itself. */
export interface IndexPart {
  readonly name: string
  readonly where: Sql
}

/** How a statement is made to find its rows: by neither, the server chooses. */
export interface AccessPath {
  /** The index that gives the order. */
  readonly order?: IndexPart | undefined
  /** The index that finds the rows of a filter. */
  readonly filter?: IndexPart | undefined
}
