import type { KeyedRow } from '../engine/ordering.js'
import type { Value } from '../sql/codec.js'

/** What a relation adds to one record; undefined when its document can't be read. */
export type Included = Value | readonly unknown[] | object | undefined

/** One record of an answer. */
export type AnyItem = Record<string, Included>

/** Records, and for each the row that decided its place. */
export interface Materialised {
  readonly items: readonly AnyItem[]
  readonly rows: readonly KeyedRow[]
  /** For each the index of its cell. */
  readonly origins: readonly number[]
}
