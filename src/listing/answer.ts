import type { CellName } from '../cells/cell.js'
import type { RowOf } from '../resources/column.js'
import type {
  CatchUpQuery,
  CountQuery,
  GetQuery,
  Item,
  IterateQuery,
  ListQuery,
  SearchQuery,
} from '../resources/query.js'
import type { Resource } from '../resources/resource.js'
import type { RequestOptions, SearchOptions } from '../validation/validator.js'
import type { Explained } from './explain.js'
import type { Facet } from './facets.js'
import type { Highlights } from './highlight.js'
import type { CellReport } from './roll-call.js'

/** One page of an answer. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Where the next page starts, for `cursor`; null on the last page. */
  readonly next: string | null
  /** False when a cell that was asked did not answer in full: its rows are missing. */
  readonly complete: boolean
  /** What each cell did. */
  readonly cells: readonly CellReport[]
  /**
   * What this page and those before it lack because cells were down; null when nothing is missing. `catchUp` gives it when
   * they are back.
   */
  readonly missed: Missed | null
  /** Who answered; of an index, `cells` says how old it is. */
  readonly source: 'cells' | 'index'
}

/** A page of what a search found. */
export interface SearchPage<T, Facets = Readonly<Record<string, Facet>>> {
  readonly items: readonly T[]
  /** Where the next page starts, for `cursor`; null on the last page. */
  readonly next: string | null
  /** How many of all that was found have each value, by facet. */
  readonly facets: Facets
  /** False when the API database did not answer that says which copy of a moving instance counts. */
  readonly complete: boolean
  /** Until when the index knows each cell. */
  readonly cells: readonly CellReport[]
  readonly source: 'index'
}

/** What `search` can count by. */
export type FacetKey<R extends Resource> = SortKeys<R> | 'cell'

/** The facets of a search, by name: of each the values that its column has, and of `cell` uuids. */
export type FacetsOf<R extends Resource, K extends string> = {
  readonly [F in K]: Facet<F extends 'cell' ? string : RowOf<R['columns']>[F]>
}

/** An item that a search found. */
export type Found<T> = T & {
  /** Where the words stand. Only with `highlight`. */
  readonly highlights?: Highlights
}

/** Records that pages lack because cells were down. */
export interface Missed {
  /** The cells that owe them. */
  readonly cells: readonly CellName[]
  /** For `catchUp`, with the same query. */
  readonly cursor: string
}

/** How many records there are. */
export interface Count<G> {
  /** All of them, of the cells that answered, and with `downCells: 'stub'` of the mappings that stand for the others. */
  readonly count: number
  /** One for each combination of the values that `group_by` names, in their order; one in all without it. */
  readonly groups: readonly G[]
  /** False when a cell that was asked did not answer: its records are not counted. */
  readonly complete: boolean
  /** What each cell did; `fetched` are its groups. */
  readonly cells: readonly CellReport[]
  /** Who answered; of an index, `cells` says how old it is. */
  readonly source: 'cells' | 'index'
}

/** All records of a query, one by one. */
export interface Rows<T> extends AsyncIterable<T> {
  /** Behind the record that was given last: given as `cursor`, `iterate` goes on there. Null before the first. */
  readonly cursor: string | null
  /** False as soon as a cell is out of the answer. */
  readonly complete: boolean
  /** What each cell has done so far. */
  readonly cells: readonly CellReport[]
  /** What the records so far lack because cells were down, as on a page. */
  readonly missed: Missed | null
}

/** The columns of a resource, by name. */
export type Fields<R extends Resource> = keyof R['columns'] & string

/** The relations of a resource, by name. */
export type Relations<R extends Resource> = keyof R['relations'] & string

/** The sort keys of a resource, by name. */
export type SortKeys<R extends Resource> = R['sortKeys'][number] & keyof R['columns'] & string

/**
 * What stands for a record of a cell that is down, where `downCells` is `stub`: what the instance mappings know of it is there
 * (`uuid`, `project_id`, `user_id`, `created_at`), and all else is null.
 */
export type Stub<T> = {
  readonly [K in keyof T]: K extends 'cell' | 'asOf' ? T[K] : T[K] | null
} & {
  readonly stub: true
}

/** The items of an answer to a request with these options: records, and stubs where those are asked for. */
export type Listed<T, O> = 'downCells' extends keyof O
  ? 'stub' extends O['downCells']
    ? (T & { readonly stub?: undefined }) | Stub<T>
    : T
  : T

/** No options. */
export type NoOptions = Readonly<Record<never, never>>

/** The verbs of a resource. */
export interface Lister<R extends Resource> {
  /** One page. */
  list<
    const F extends Fields<R> = Fields<R>,
    const I extends Relations<R> = never,
    const O extends RequestOptions = NoOptions,
  >(query: ListQuery<R, F, I>, options?: O): Promise<Page<Listed<Item<R, F, I>, O>>>
  /** Page after page, each with its own deadline, until the last. */
  pages<
    const F extends Fields<R> = Fields<R>,
    const I extends Relations<R> = never,
    const O extends RequestOptions = NoOptions,
  >(query: ListQuery<R, F, I>, options?: O): AsyncIterable<Page<Listed<Item<R, F, I>, O>>>
  /** Every record in order, in bounded memory. Can be gone through once. */
  iterate<
    const F extends Fields<R> = Fields<R>,
    const I extends Relations<R> = never,
    const O extends RequestOptions = NoOptions,
  >(query: IterateQuery<R, F, I>, options?: O): Rows<Listed<Item<R, F, I>, O>>
  /**
   * The records that pages lack because their cells were down, as far as those are back: each once, in the order of the query. What
   * is still missing then, the page says in `missed`; its `next` goes on where the pages ended. With the query of the pages, and the
   * cursor that one of them has in `missed`, or its `next`.
   *
   * @example
   * ```ts
   * const page = await cells.instances.list(query)
   * if (page.missed) {
   *   const late = await cells.instances.catchUp({ ...query, cursor: page.missed.cursor })
   *   // late.items; late.missed is null when all of them are there
   * }
   * ```
   */
  catchUp<const F extends Fields<R> = Fields<R>, const I extends Relations<R> = never>(
    query: CatchUpQuery<R, F, I>,
    options?: RequestOptions & { readonly downCells?: 'omit' | 'fail' },
  ): Promise<Page<Item<R, F, I> & { readonly late: true }>>
  /**
   * One record, or null when every cell has answered and none has it in this scope. Of an instance only the cell is asked that
   * its mapping names. Not for a resource without a uuid.
   */
  get<
    const F extends Fields<R> = Fields<R>,
    const I extends Relations<R> = never,
    const O extends RequestOptions = NoOptions,
  >(
    uuid: null extends R['uuid'] ? never : string,
    query: GetQuery<R, F, I>,
    options?: O,
  ): Promise<Listed<Item<R, F, I>, O> | null>
  /**
   * How many records there are, in all or for each combination of some values. At most 10,000 groups.
   *
   * @throws TooManyGroupsError
   */
  count<const G extends SortKeys<R> = never>(
    query: CountQuery<R, G>,
    options?: RequestOptions,
  ): Promise<Count<Pick<RowOf<R['columns']>, G> & { readonly count: number }>>
  /**
   * What `list` would ask each cell for this query, and how the cell's server would find it: by which index, sorted or in
   * order, over how many rows; and the index that would help where none gives the order. The statements are explained, not run; only a
   * marker is looked up. They show no values.
   */
  explain<const F extends Fields<R> = Fields<R>, const I extends Relations<R> = never>(
    query: ListQuery<R, F, I>,
    options?: RequestOptions,
  ): Promise<Explained>
}

/** The verbs of a resource that an index keeps. */
export interface Searcher<R extends Resource> extends Lister<R> {
  /**
   * One page of what the index finds: each word of `text` stands somewhere in the record's names, addresses, tags or metadata (of
   * administrators also in its host, node, project and user), whatever its case and accents, wherever in a word. Only an index can do
   * that; it answers as of `page.cells[].asOf`.
   *
   * @throws IndexUnavailableError when there is none, when it does not answer, or when it can't judge a filter
   *
   * @example
   * ```ts
   * const page = await cells.instances.search({ scope: 'all', text: 'web 10.0.3', sort: 'relevance', facets: ['vm_state'] })
   * page.facets.vm_state // [{ value: 'active', count: 12 }, …]
   * ```
   */
  search<
    const F extends Fields<R> = Fields<R>,
    const I extends Relations<R> = never,
    const K extends FacetKey<R> = never,
  >(
    query: SearchQuery<R, F, I, K>,
    options?: SearchOptions,
  ): Promise<SearchPage<Found<Item<R, F, I>>, FacetsOf<R, K>>>
}
