import type { Columns } from './column.js'

/** A condition on one column of the resource, in the operators that a caller has as well. */
export interface FlagCondition {
  readonly column: string
  readonly eq?: string | number
  readonly ne?: string | number
}

/** A filter that is a yes or no question about a row, with an answer that is the default. */
export interface Flag {
  /** Holds for the rows that show with `true`. */
  readonly yes: FlagCondition
  /** Holds for the rows that show with `false`. */
  readonly no: FlagCondition
  /** What applies when the caller says nothing. */
  readonly default: boolean
}

/** A table of the cells, and what callers may ask of it: data, no behaviour. */
export interface Resource<C extends Columns = Columns> {
  /** Its name, plural: `instances`. */
  readonly name: string
  /** The table in every cell. */
  readonly table: string
  readonly columns: C
  /** A NOT NULL integer that is unique inside one cell, by which InnoDB keeps the rows. */
  readonly id: string
  /** A NOT NULL text that is unique over all cells: markers are made of it. */
  readonly uuid: string
  /** The columns that belong to a tenant, by the names that a scope uses. */
  readonly scope: { readonly project_id: string; readonly user_id: string }
  /** The whitelist of sort keys. */
  readonly sortKeys: readonly (keyof C & string)[]
  /** What applies when the caller names no sort. */
  readonly defaultSort: readonly `${string}:${'asc' | 'desc'}`[]
  /** Filters beside the columns. One with a column's name takes its place. */
  readonly flags: Readonly<Record<string, Flag>>
}
