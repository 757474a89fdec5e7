import type { RowCondition } from '../sql/select-related.js'
import type { Columns } from './column.js'
import type { Documents } from './documents.js'

/** A condition on one column of the resource. */
export interface FlagCondition {
  readonly column: string
  readonly eq?: string | number
  readonly ne?: string | number
}

/** What shows when the flags are as `when` says. */
export interface FlagRule {
  /** A flag's value, or `true` for a filter that is there. Names that are left out may be anything. */
  readonly when: Readonly<Record<string, boolean | 'any'>>
  /** Any of these, each of which is conditions that all hold. Nothing to hold shows every row. */
  readonly shows: readonly (readonly FlagCondition[])[]
}

/** Yes or no questions about a row that are answered together. The first rule that fits applies; the last fits always. */
export interface FlagGroup {
  readonly names: readonly string[]
  readonly rules: readonly FlagRule[]
}

/** Another table of the same cell whose rows belong to rows of the resource. */
export interface Relation {
  readonly table: string
  /** Its column that names the row it belongs to. */
  readonly column: string
  /** The resource's column that is named. */
  readonly references: string
  /** What its rows have to be, all of it. Default: nothing. */
  readonly only?: readonly { readonly column: string; readonly eq: string | number }[]
}

/** A filter beside the columns. */
export type SpecialFilter =
  /** The rows that have all, or any, or not all, or none of these labels. */
  | { readonly kind: 'labels'; readonly relation: Relation; readonly label: string; readonly match: LabelMatch }
  /** The rows that have each of these keys with its value, or one of its values, in one row of the relation. */
  | { readonly kind: 'pairs'; readonly relation: Relation; readonly key: string; readonly value: string }
  /** The rows whose time is not before, or not after, this one. */
  | { readonly kind: 'bound'; readonly column: string; readonly op: 'gte' | 'lte' }
  /** The rows that have this value, or one of these, in any of the columns. */
  | { readonly kind: 'either'; readonly columns: readonly string[] }
  /** The rows that have an address like this in a JSON document of the relation. */
  | { readonly kind: 'address'; readonly relation: Relation; readonly document: string; readonly path: string }

/** How labels match. */
export type LabelMatch = 'all' | 'any' | 'not-all' | 'none'

/** Where the rows are that `include` adds, or makes something of. */
export interface IncludedRows {
  readonly table: string
  /** Its column that names the row it belongs to. */
  readonly column: string
  /** The resource's column that is named: its `uuid`, its `id`, or any other, which may be NULL and may be the same in many rows. */
  readonly references: string
  /** Conditions that its rows have to meet, all of them. Default: none. */
  readonly only?: readonly RowCondition[]
  /**
   * `api`: the table is in the API database, which is asked once for the records of all cells; they have to be instances, which
   * it names by `uuid`. Default: it is in every cell.
   */
  readonly database?: 'api'
}

/** What `include` adds to a record from a relation. */
export type IncludedRelation =
  /** A list of texts, in their own order. */
  | { readonly shape: 'labels'; readonly relation: IncludedRows; readonly label: string }
  /** An object of its keys and values. */
  | { readonly shape: 'map'; readonly relation: IncludedRows; readonly key: string; readonly value: string }
  /** Its rows, by `id`. */
  | { readonly shape: 'rows'; readonly relation: IncludedRows; readonly columns: Columns }
  /** The row with the greatest `id`, or null. */
  | { readonly shape: 'latest'; readonly relation: IncludedRows; readonly columns: Columns }
  /** A JSON document, read; or null. */
  | {
      readonly shape: 'document'
      readonly relation: IncludedRows
      readonly document: string
      readonly read: keyof Documents
    }

/** What an index keeps of a resource beside its columns. */
export interface Indexed {
  /** Relations that are kept, so that an index can include them. Filters look at those that are here. */
  readonly relations: readonly string[]
  /** Where a search looks: text columns, and relations. */
  readonly texts: readonly string[]
  /** The same for administrators alone, who have the scope `'all'`. */
  readonly administrators: readonly string[]
  /** How well a text fits is judged by this column. */
  readonly title: string
  /** Orders that the cells have an index for as well, by their first key. */
  readonly ordered: readonly string[]
  /** What is often counted by. */
  readonly counted: readonly string[]
  /** The columns that tell what has changed since some time: when it was written last, when it was made, and which is 0 while it lives. */
  readonly changes: { readonly updated: string; readonly created: string; readonly live: string }
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
  /** A text that is unique over all cells: markers are made of it. Null when there is none: then the cell breaks ties. */
  readonly uuid: string | null
  /**
   * The column that holds the uuid of the instance that a record is, or belongs to. All of that moves between cells with the
   * instance: the API database knows in which cell the current copies are. Default: none, nothing moves.
   */
  readonly mapped?: string
  /** The columns that belong to a tenant, by the names that a scope uses. Without one only `'all'` is a scope. */
  readonly scope: { readonly project_id?: string; readonly user_id?: string }
  /** The whitelist of sort keys. */
  readonly sortKeys: readonly (keyof C & string)[]
  /** What applies when the caller names no sort. */
  readonly defaultSort: readonly `${string}:${'asc' | 'desc'}`[]
  /** Filters that decide what shows. One with a column's name takes its place. */
  readonly flags: readonly FlagGroup[]
  /** Other filters beside the columns. One with a column's name takes its place. */
  readonly filters: Readonly<Record<string, SpecialFilter>>
  /** What `include` can add. Relations that read the same rows take one statement together. */
  readonly relations: Readonly<Record<string, IncludedRelation>>
  /** What an index keeps of it. Default: nothing, only the cells answer. */
  readonly indexed?: Indexed
}
