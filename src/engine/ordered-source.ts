import type { KeyedRow } from './ordering.js'

/**
 * One ordered stream of rows: a cell, the build requests, a scan of an index, an array in a test. The merge
 * knows nothing else.
 *
 * What a source promises:
 * - rows come in the order of the one {@link Ordering} that all sources of a merge share, each row once;
 *   the merge relies on it and does not check it;
 * - `next` continues behind the last row it returned; it is never called while a call is under way;
 * - a batch holds at most `want` rows, and may hold fewer, even none, before the end;
 * - after `done`, and after a rejection, it is not called again;
 * - between two calls it holds nothing that needs to be released.
 */
export interface OrderedSource<Row extends KeyedRow = KeyedRow> {
  /** The next rows. `want` is at least 1: what the merge can use, not what it will use. */
  next(want: number): Promise<Batch<Row>>
}

/** Some consecutive rows of a source. */
export interface Batch<Row extends KeyedRow = KeyedRow> {
  readonly rows: readonly Row[]
  /** No row follows. */
  readonly done: boolean
}
