import type { Cell } from '../cells/cell.js'
import { isWiderForm } from '../cells/collation.js'
import type { KeyPlan, SortColumn } from '../cells/key-plan.js'
import type { Position } from '../engine/cursor.js'
import type { OrderedSource } from '../engine/ordered-source.js'
import type { Comparison, KeyedRow, OrderKey } from '../engine/ordering.js'
import type { Resource } from '../resources/resource.js'
import { inSql, type Kept } from '../search/document.js'
import { CELL, type Frame, keyOrNull } from '../search/frame.js'
import type { Current, OpenIndex } from '../search/open-index.js'
import type { Hit, IndexQuery, Key, Term } from '../search/search-index.js'
import type { ColumnKind } from '../sql/codec.js'
import type { SqlValue } from '../sql/fragment.js'

/** What an index has of a row: whose it is, and what it keeps. */
export interface IndexedRow {
  readonly cell: string
  readonly kept: Kept
}

/** The rows of an index among those of cells. */
export type IndexedRows = WeakMap<KeyedRow, IndexedRow>

/** The order of an index: the same as the cells', said in its own terms. Undefined where it can't keep it. */
export const termsOf = (frame: Frame, sort: readonly SortColumn[]): readonly Term[] | undefined => {
  const terms = sort.map(({ column, dir, tieBreak }): Term | undefined => {
    if (tieBreak === 'bytes') return { by: 'uuid' }
    return tieBreak === undefined && frame.keyOf(column) ? { by: 'key', key: column, dir } : undefined
  })
  // Copies in two cells may have all of this alike: what follows the one must not pass over the other.
  return terms.every(term => term !== undefined) ? [...terms, { by: 'key', key: CELL, dir: 'asc' }] : undefined
}

/** Behind the uuids of all cells. */
const BEHIND_ALL = '\u{10ffff}'

/** A position of a cursor as the values of these terms: it holds texts, and of all else what is compared. */
export const afterOf = (frame: Frame, sort: readonly SortColumn[], values: Position['values']): Key[] => [
  ...sort.map(({ column, kind, tieBreak }, i) =>
    kind === 'text' && tieBreak === undefined ? keyOrNull(frame.keyOf(column)!, values[i]!) : values[i]!,
  ),
  BEHIND_ALL,
]

/** Whether the index goes on in the order in which a cursor's page ended. */
export const sameOrder = (frame: Frame, sort: readonly SortColumn[], collations: readonly string[]): boolean =>
  texts(sort).every(({ column }, i) => alike(frame.collationOf(column)!, collations[i]!))

const alike = (a: string, b: string): boolean => a === b || isWiderForm(a, b) || isWiderForm(b, a)

const texts = (sort: readonly SortColumn[]): readonly SortColumn[] =>
  sort.filter(({ kind, tieBreak }) => kind === 'text' && tieBreak === undefined)

const comparisons: Partial<Record<ColumnKind, Comparison>> = { text: 'text', time: 'time' }

/** The keys of rows that the index alone gives, laid out as the cells lay theirs out. */
export const keysOf = (frame: Frame, sort: readonly SortColumn[]): Omit<KeyPlan, 'cells'> => {
  const own = texts(sort)
  return {
    ordering: sort.map(
      (key): OrderKey => ({
        column: key.column,
        dir: key.dir,
        comparison: key.tieBreak ? 'bytes' : (comparisons[key.kind] ?? 'number'),
        ...(own.includes(key) && { pad: frame.weigherOf(key.column)!.pad }),
      }),
    ),
    positions: sort.map((key, i) => (own.includes(key) ? sort.length + own.indexOf(key) : i)),
    collations: own.map(({ column }) => frame.collationOf(column)!),
  }
}

/** What a row has to hold, and where. */
export interface RowForm {
  readonly resource: Resource
  readonly sort: readonly SortColumn[]
  readonly fields: readonly string[]
  readonly keys: Pick<KeyPlan, 'positions'>
  readonly instance: number | undefined
  readonly slots: readonly number[]
}

/** Makes rows of hits, the same as a cell would give, and notes them. `rank`: how many terms come before those of the sort. */
export const rowMaker = (
  frame: Frame,
  { resource, sort, fields, keys, instance, slots }: RowForm,
  indexed: IndexedRows,
  rank = 0,
): ((hit: Hit) => KeyedRow) => {
  const columns = Object.keys(resource.columns)
  const raw = (column: string): ((kept: Kept) => SqlValue) => {
    const at = columns.indexOf(column)
    const { kind } = resource.columns[column]!
    return ({ c }) => {
      const value = c[at]!
      return typeof value === 'boolean' ? Number(value) : inSql(kind, value)
    }
  }
  const size = Math.max(sort.length - 1, ...keys.positions, ...slots, instance ?? 0) + 1
  const fill = new Array<(kept: Kept, hit: Hit) => SqlValue>(size)
  for (const [i, column] of fields.entries()) fill[slots[i]!] = raw(column)
  if (instance !== undefined) fill[instance] = raw(resource.mapped!)
  for (const [i, { column, kind, tieBreak }] of sort.entries()) {
    if (kind !== 'text' || tieBreak !== undefined) {
      fill[i] = (_, { at }) => at[rank + i]!
      continue
    }
    const text = raw(column)
    const { weights } = frame.weigherOf(column)!
    fill[keys.positions[i]!] = text
    fill[i] = kept => {
      const value = text(kept)
      return value === null ? null : weights(String(value))
    }
  }
  return hit => {
    const kept = JSON.parse(hit.record) as Kept
    const row = fill.map(slot => slot(kept, hit))
    indexed.set(row, { cell: hit.cell, kept })
    return row
  }
}

/** Documents of one batch at the most. */
const MOST = 10_000

/** An index's documents as an ordered source, but for those that are passed over. */
export const indexSource = (
  index: OpenIndex,
  { generation }: Pick<Current, 'generation'>,
  query: Omit<IndexQuery, 'limit'>,
  signal: () => AbortSignal,
  made: (hit: Hit) => KeyedRow | undefined,
): OrderedSource => {
  let { after } = query
  return {
    next: async want => {
      const limit = Math.min(want, MOST)
      const now = signal()
      const asked = { ...query, ...(after && { after }), limit }
      const hits = await index.ask(all => all.find(generation, asked, now), now)
      after = hits.at(-1)?.at ?? after
      const rows = hits.map(made).filter(row => row !== undefined)
      return { rows, done: hits.length < limit }
    },
  }
}

/** The cells whose records an index may show. */
export const ofCells = (cells: readonly Pick<Cell, 'uuid'>[]): IndexQuery['where'][number] => ({
  cells: cells.map(({ uuid }) => uuid),
})
