import type { Shape } from './shape.js'
import type { Test } from './test.js'

/**
 * A value by which documents are compared: numbers as numbers, texts by their code points. No text is half of a surrogate pair, and none but
 * those of owners holds U+0000.
 */
export type Key = string | number | null

/** One version of one record of a cell, whole. */
export interface IndexDocument {
  readonly cell: string
  readonly uuid: string
  /** The cell's own clock in microseconds, below 2^53. A greater one wins, whatever comes first. */
  readonly version: number
  /** A whole number below 2^32 that changes with the record: buckets add them up. */
  readonly digest: number
  readonly keys: Readonly<Record<string, Key>>
  /** What `like` looks at, where it is not the key. */
  readonly folds: Readonly<Record<string, string>>
  /** The columns of a scope, as they are. */
  readonly owners: Readonly<Record<string, string | null>>
  readonly members: Readonly<Record<string, readonly string[]>>
  /** Hexadecimal digits, 8 or 32, and the text in lower case. */
  readonly addresses: readonly { readonly digits: string; readonly text: string }[]
  /** What a search looks at, by field. */
  readonly texts: Readonly<Record<string, readonly string[]>>
  /** The record itself, JSON. */
  readonly record: string
}

/** What is left of a record that its cell does not have any more: older versions of it that come late are stale. */
export interface Tombstone {
  readonly cell: string
  readonly uuid: string
  readonly version: number
  readonly gone: true
}

/**
 * What became of a write. `written`; `stale`, the index has this version or a later one; `transient`, again later; `poison`, never: the
 * index can't hold it.
 */
export type Outcome = 'written' | 'stale' | 'transient' | 'poison'

/** What documents have to be. */
export interface Wanted {
  /** All of it. A scope is part of it like anything else. */
  readonly where: readonly Test[]
  /** Each of the words is a part of one text of one of the fields. None is empty, none holds U+0001. */
  readonly text?: { readonly words: readonly string[]; readonly fields: readonly string[] }
}

/** One key of an order. NULLs come first ascending, last descending. */
export type Term =
  | { readonly by: 'key'; readonly key: string; readonly dir: 'asc' | 'desc' }
  /** By the first of some tests that holds: 0, 1, …; by their number where none does. One in an order at the most. */
  | { readonly by: 'rank'; readonly of: readonly Test[]; readonly dir: 'asc' | 'desc' }
  /** Ascending, byte by byte; last in every order. Two cells may have a copy each: these are in no order. */
  | { readonly by: 'uuid' }

/** One page. */
export interface IndexQuery extends Wanted {
  readonly sort: readonly Term[]
  /** The values of the last document before it, one for each term; whether there is one that has them or not. */
  readonly after?: readonly Key[]
  /** 1 to 10,000. */
  readonly limit: number
}

/** A document that was found. */
export interface Hit {
  readonly cell: string
  readonly uuid: string
  readonly version: number
  readonly record: string
  /** Its values for the terms of the sort. */
  readonly at: readonly Key[]
}

/** Documents that have the same values. */
export interface Group {
  readonly values: readonly Key[]
  readonly count: number
  /** The record of the one with the smallest uuid: how the values are written. */
  readonly record: string
}

/** Some documents of one cell, by the first three characters of their uuids; tombstones do not count. */
export interface Bucket {
  readonly prefix: string
  readonly count: number
  /** The sum of their digests. */
  readonly checksum: number
}

/** A document as a sweep sees it. */
export interface Scanned {
  readonly uuid: string
  readonly version: number
  readonly digest: number
}

/** A whole set of documents. */
export interface Generation {
  readonly name: string
  /** What its documents are made of: for whoever made it, JSON. */
  readonly layout: string
  /** It is the one that answers. */
  readonly current: boolean
  /** Everything is written, so that it may be switched to. */
  readonly ready: boolean
}

/** A value that is kept beside the documents of a generation, for compare-and-set. */
export interface Note {
  readonly value: string
  /** At least 1; grows with every change. */
  readonly revision: number
}

/**
 * An index: documents that are written whole and by version, and found again in an exact order. It knows nothing of clouds; what a key
 * means is the business of those who write and ask. Every adapter passes `indexConformance` of `crosscell/testing`.
 *
 * - Everything rejects with `IndexError` and nothing else, but for a signal's reason when that aborts.
 * - What was written is found after `refresh`.
 * - Documents of one generation are never seen in another.
 * - What it can't do exactly it refuses, with `REFUSED`: texts of more than 200 characters in `lt` to `gte` and `like`, long lists.
 */
export interface SearchIndex {
  /** Its name in pages and explanations: `embedded`, `opensearch`. */
  readonly name: string
  generations(signal: AbortSignal): Promise<readonly Generation[]>
  /** A new, empty generation; its name. `bulk`: it is filled before anybody asks, and indexed by `finish`. */
  create(shape: Shape, layout: string, bulk: boolean, signal: AbortSignal): Promise<string>
  /** All is written: it may be asked, and switched to. Safe to call twice. */
  finish(generation: string, signal: AbortSignal): Promise<void>
  /** From one moment to the next it is the one that answers. It has to be ready. The one before stays. */
  switchTo(generation: string, signal: AbortSignal): Promise<void>
  /** Not the current one. */
  drop(generation: string, signal: AbortSignal): Promise<void>
  /** One outcome for each, in their sequence, as if they were written one after the other. */
  write(
    generation: string,
    documents: readonly (IndexDocument | Tombstone)[],
    signal: AbortSignal,
  ): Promise<readonly Outcome[]>
  refresh(generation: string, signal: AbortSignal): Promise<void>
  /**
   * The next documents of an order; fewer than `limit` only at the end. A list of more than 2,000 values may be refused, and a text of more
   * than 200 characters in anything but `eq` and `in`.
   */
  find(generation: string, query: IndexQuery, signal: AbortSignal): Promise<readonly Hit[]>
  /** Documents by the values of some keys, in no order; without keys one group, or none. At most `most` and one more. */
  tally(
    generation: string,
    wanted: Wanted,
    keys: readonly string[],
    most: number,
    signal: AbortSignal,
  ): Promise<readonly Group[]>
  /** One cell's documents by uuid, byte by byte, behind `after`, with a prefix. Tombstones are left out. */
  scan(
    generation: string,
    of: { readonly cell: string; readonly prefix: string; readonly after: string; readonly limit: number },
    signal: AbortSignal,
  ): Promise<readonly Scanned[]>
  /** One cell's buckets that are not empty. */
  buckets(generation: string, cell: string, signal: AbortSignal): Promise<readonly Bucket[]>
  /** Forgets tombstones of versions below this one; how many. */
  purge(generation: string, cell: string, below: number, signal: AbortSignal): Promise<number>
  /** The notes whose keys begin so, by key. */
  notes(generation: string, prefix: string, signal: AbortSignal): Promise<ReadonlyMap<string, Note>>
  /** Sets one whose revision is this one, 0 for one that is not there; false when it is another one by now. Notes are seen at once. */
  setNote(generation: string, key: string, note: Note, signal: AbortSignal): Promise<boolean>
  close(): Promise<void>
}
