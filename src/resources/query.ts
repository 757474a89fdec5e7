import type { Columns, RowOf, ValueOf } from './column.js'
import type { Documents } from './documents.js'
import type { FilterOperators } from './operator.js'
import type { IncludedRelation, Resource } from './resource.js'

/**
 * Whose records may be seen: those of one project, those of one user, or all of them (administrators only; it is
 * for the caller to know who is one). There is no default.
 */
export type Scope = { readonly project_id: string } | { readonly user_id: string } | 'all'

/** A sort key with or without its direction (default: `asc`): `'display_name'`, `'display_name:desc'`, `{ key, dir }`. */
export type SortInput<Key extends string = string> =
  | Key
  | `${Key}:${'asc' | 'desc'}`
  | { readonly key: Key; readonly dir?: 'asc' | 'desc' }

/** One filter: a scalar is equality, an array is membership, an object names operators. */
export type FilterInput<Value> = Value | null | readonly (Value | null)[] | FilterOperators<Value>

/** Both answers to a yes or no question. */
export type FlagInput = boolean | 'any'

/** An address, or a network in CIDR notation, IPv4 or IPv6; or how the text of an address begins. */
export type AddressInput = string | { readonly prefix: string }

/** What the filters beside the columns take, by their kind. */
export interface SpecialInputs {
  /** Labels, at least one. */
  readonly labels: readonly string[]
  /** Keys with a value, or with a list of values of which one must be there. */
  readonly pairs: Readonly<Record<string, string | readonly string[]>>
  /** A time in ISO 8601. */
  readonly bound: string
  readonly address: AddressInput
  /** A text, or a list of them. */
  readonly either: string | readonly string[]
}

/** The names of a resource's flags. */
export type FlagName<R extends Resource> = R['flags'][number]['names'][number]

/** The filters of a resource. All of them must hold. */
export type Filters<R extends Resource> = {
  readonly [F in FlagName<R>]?: FlagInput
} & {
  readonly [F in keyof R['filters']]?: SpecialInputs[R['filters'][F]['kind']]
} & {
  readonly [C in Exclude<keyof R['columns'], FlagName<R> | keyof R['filters']>]?: FilterInput<
    NonNullable<ValueOf<R['columns'][C]>>
  >
}

/** The row type of a resource. */
export type Row<R extends Resource> = RowOf<R['columns']>

/** The cell that a record came from. */
export interface FromCell {
  readonly cell: { readonly uuid: string; readonly name: string }
}

/** What an item of a resource that an index keeps may say of itself. */
export interface FromIndex {
  /** Its cell is down, and the index has this of it, as it was then; ISO 8601. Absent of what is as new as its page. */
  readonly asOf?: string
}

/** What `include` adds for one relation. */
export type IncludedValue<I extends IncludedRelation> = I extends { readonly shape: 'labels' }
  ? readonly string[]
  : I extends { readonly shape: 'map' }
    ? Readonly<Record<string, string | null>>
    : I extends { readonly shape: 'rows'; readonly columns: infer C extends Columns }
      ? readonly RowOf<C>[]
      : I extends { readonly shape: 'latest'; readonly columns: infer C extends Columns }
        ? RowOf<C> | null
        : I extends { readonly shape: 'document'; readonly read: infer K extends keyof Documents }
          ? Documents[K] | null
          : never

/** What `count` takes. */
export interface CountQuery<
  R extends Resource = Resource,
  Key extends R['sortKeys'][number] = R['sortKeys'][number],
> {
  /** Required: without a scope there is no query. */
  readonly scope: Scope
  /** As for a list. */
  readonly filters?: Filters<R>
  /** Count for each combination of the values of these sort keys, 4 at the most. Default: count all. */
  readonly group_by?: readonly Key[]
}

/** What `get` takes beside the uuid. */
export interface GetQuery<
  R extends Resource = Resource,
  Field extends keyof R['columns'] = keyof R['columns'],
  Include extends keyof R['relations'] = keyof R['relations'],
> {
  /** Required: without a scope there is no query. */
  readonly scope: Scope
  /** Default: what the resource's flags say; for instances neither deleted nor soft-deleted nor hidden ones. */
  readonly filters?: Filters<R>
  /** The columns to return; narrows the row type. Default: all of them. */
  readonly fields?: readonly Field[]
  /**
   * Relations to add; widens the row type. Each costs one statement per cell and page at the most, whatever the number of
   * rows; those that read the same rows take one together. Default: none.
   */
  readonly include?: readonly Include[]
}

/** What `iterate` takes: a list without a page. */
export interface IterateQuery<
  R extends Resource = Resource,
  Field extends keyof R['columns'] = keyof R['columns'],
  Include extends keyof R['relations'] = keyof R['relations'],
> extends GetQuery<R, Field, Include> {
  /** Default: the resource's own, for instances `['created_at:desc', 'id:desc']`. */
  readonly sort?: readonly SortInput<R['sortKeys'][number]>[]
  /** Start behind the record with this uuid. Use a cursor where you can: it needs no look-up and never goes stale. */
  readonly marker?: string
  /** Start where a page ended: its `next`. Not together with `marker`. */
  readonly cursor?: string
}

/** What `list` and `pages` take. */
export interface ListQuery<
  R extends Resource = Resource,
  Field extends keyof R['columns'] = keyof R['columns'],
  Include extends keyof R['relations'] = keyof R['relations'],
> extends IterateQuery<R, Field, Include> {
  /** Rows on a page, 0 to 1000 (or `maxLimit`). Default: the maximum, as Nova's `[api] max_limit` has it. */
  readonly limit?: number
}

/** What `search` takes: a list without a marker, and what only an index can do. */
export type SearchQuery<
  R extends Resource = Resource,
  Field extends keyof R['columns'] = keyof R['columns'],
  Include extends keyof R['relations'] = keyof R['relations'],
  Key extends R['sortKeys'][number] | 'cell' = R['sortKeys'][number] | 'cell',
> = Omit<ListQuery<R, Field, Include>, 'marker' | 'sort'> & {
  /**
   * Words, at most 10, in at most 255 characters; what stands in double quotes is one. Every other character stands for itself. Default:
   * none, everything is found.
   */
  readonly text?: string
  /**
   * `'relevance'`: first what is called so, then what is called nearly so, then the rest, each in the default order. Default: that order
   * alone.
   */
  readonly sort?: ListQuery<R>['sort'] | 'relevance'
  /** Sort keys, or `cell`, to count all that is found by, at most 10; those of administrators only with the scope `'all'`. Default: none. */
  readonly facets?: readonly Key[]
  /** Say where the words stand. Default: false. */
  readonly highlight?: boolean
}

/** What `catchUp` takes: the query of the pages, and what one of them says. */
export type CatchUpQuery<
  R extends Resource = Resource,
  Field extends keyof R['columns'] = keyof R['columns'],
  Include extends keyof R['relations'] = keyof R['relations'],
> = Omit<ListQuery<R, Field, Include>, 'marker' | 'cursor'> & {
  /** A page's `missed.cursor`, or its `next`. */
  readonly cursor: string
}

/** The items of an answer: the fields, the relations, and the cell. */
export type Item<
  R extends Resource,
  Field extends keyof R['columns'],
  Include extends keyof R['relations'] = never,
> = Pick<RowOf<R['columns'] & Columns>, Field & string> & {
  readonly [I in Include]: IncludedValue<R['relations'][I]>
} & FromCell &
  (R extends { readonly indexed: object } ? FromIndex : unknown) &
  Notes<Include | (R extends { readonly mapped: 'uuid' } ? 'instance' : never)>

/** What an item may say of itself. */
export type Notes<Part> = [Part] extends [never]
  ? unknown
  : {
      /**
       * What of the item could not be read: relations, which are null then, and `instance`, the document of an instance that has
       * no cell yet, whose fields are null but for those that stand beside it. Absent when everything could.
       */
      readonly undecodable?: readonly Part[]
    }
