import type { RowOf } from '../resources/column.js'
import type { CountQuery, GetQuery, Item, IterateQuery, ListQuery } from '../resources/query.js'
import type { Resource } from '../resources/resource.js'
import type { RequestOptions } from '../validation/validator.js'
import type { Explained } from './explain.js'
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
  /** Who answered. */
  readonly source: 'cells'
}

/** How many records there are. */
export interface Count<G> {
  /** All of them, of the cells that answered. */
  readonly count: number
  /** One for each combination of the values that `group_by` names, in their order; one in all without it. */
  readonly groups: readonly G[]
  /** False when a cell that was asked did not answer: its records are not counted. */
  readonly complete: boolean
  /** What each cell did; `fetched` are its groups. */
  readonly cells: readonly CellReport[]
  /** Who answered. */
  readonly source: 'cells'
}

/** All records of a query, one by one. */
export interface Rows<T> extends AsyncIterable<T> {
  /** Behind the record that was given last: given as `cursor`, `iterate` goes on there. Null before the first. */
  readonly cursor: string | null
  /** False as soon as a cell is out of the answer. */
  readonly complete: boolean
  /** What each cell has done so far. */
  readonly cells: readonly CellReport[]
}

/** The columns of a resource, by name. */
export type Fields<R extends Resource> = keyof R['columns'] & string

/** The relations of a resource, by name. */
export type Relations<R extends Resource> = keyof R['relations'] & string

/** The sort keys of a resource, by name. */
export type SortKeys<R extends Resource> = R['sortKeys'][number] & keyof R['columns'] & string

/** The verbs of a resource. */
export interface Lister<R extends Resource> {
  /** One page. */
  list<const F extends Fields<R> = Fields<R>, const I extends Relations<R> = never>(
    query: ListQuery<R, F, I>,
    options?: RequestOptions,
  ): Promise<Page<Item<R, F, I>>>
  /** Page after page, each with its own deadline, until the last. */
  pages<const F extends Fields<R> = Fields<R>, const I extends Relations<R> = never>(
    query: ListQuery<R, F, I>,
    options?: RequestOptions,
  ): AsyncIterable<Page<Item<R, F, I>>>
  /** Every record in order, in bounded memory. Can be gone through once. */
  iterate<const F extends Fields<R> = Fields<R>, const I extends Relations<R> = never>(
    query: IterateQuery<R, F, I>,
    options?: RequestOptions,
  ): Rows<Item<R, F, I>>
  /**
   * One record, or null when every cell has answered and none has it in this scope. Of an instance only the cell is asked that
   * its mapping names. Not for a resource without a uuid.
   */
  get<const F extends Fields<R> = Fields<R>, const I extends Relations<R> = never>(
    uuid: null extends R['uuid'] ? never : string,
    query: GetQuery<R, F, I>,
    options?: RequestOptions,
  ): Promise<Item<R, F, I> | null>
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
