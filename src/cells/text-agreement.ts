import { IncomparableCellsError } from '../errors.js'
import { type Collation, comparable, type Weighing } from './collation.js'
import type { KnownCell } from './known-cell.js'
import type { ColumnSchema } from './table-schema.js'

/** How all cells order one text column. */
export interface TextOrder {
  readonly collation: Collation
  readonly weighing: Weighing
  /** The longest text that any cell's column can hold, in characters. */
  readonly length: number
}

/** Beyond this a text may be longer than what servers compare when they sort (`max_sort_length`). */
const MAX_CHARACTERS = 1_024

/**
 * Finds one collation by which every cell can order a text column exactly.
 *
 * Where all cells have the same one, and their servers agree on its weights, it is that one, and indexes keep serving
 * the order. Otherwise the cells are made to sort by the utf8mb4 form of one that some of them have: the most
 * frequent that every server has and weighs alike.
 *
 * @param preferred - the collation of the page before, which the next page has to keep
 * @throws {@link IncomparableCellsError} when there is none
 */
export const agreeOnText = async (
  column: string,
  cells: readonly KnownCell[],
  preferred: string | undefined,
  signal: AbortSignal,
): Promise<TextOrder> => {
  const columns = cells.map(({ schema }) => schema.columns.get(column)!)
  const leads = columns.filter(({ instead }, i) => instead === undefined && !cells[i]!.follows)
  const leading = leads.length > 0 ? leads : columns
  const refuse = (problem: string): IncomparableCellsError =>
    new IncomparableCellsError(
      column,
      problem,
      cells.map(({ cell }, i) => ({ name: cell.name, has: String(columns[i]!.collation) })),
    )
  const length = Math.max(...columns.map(c => c.length))
  if (length > MAX_CHARACTERS) throw refuse(`servers do not sort texts of up to ${length} characters exactly`)
  for (const collation of candidates(leading, preferred))
    if (comparable(collation.name) && (await weighedAlike(collation, cells, leading, signal)))
      return { collation, length, weighing: await cells[0]!.cell.weighing(collation, signal) }
  throw refuse('no collation of theirs is one that all of these servers have and order texts alike by')
}

/** The collations to try, the best first. */
const candidates = (columns: readonly ColumnSchema[], preferred: string | undefined): Collation[] => {
  const count = new Map<string, number>()
  for (const { collation } of columns) count.set(collation!, (count.get(collation!) ?? 0) + 1)
  const own = [...count.keys()].sort((a, b) => count.get(b)! - count.get(a)! || (a < b ? -1 : 1))
  const wanted = preferred === undefined ? own : [preferred]
  const oneForAll = own.length === 1 && own[0] === wanted[0]
  const names = oneForAll ? wanted : wanted.map(name => inUtf8mb4(name, preferred !== undefined))
  return names.flatMap(name => (name === undefined ? [] : { name, charset: name.split('_')[0]! }))
}

/**
 * The form of a collation that takes every text. Only utf8mb3's has the same order, so only that can go on
 * where a page in the other ended.
 */
const inUtf8mb4 = (name: string, sameOrder: boolean): string | undefined =>
  sameOrder && !name.startsWith('utf8') ? undefined : name.replace(/^[^_]+/, 'utf8mb4')

/** Servers of one version have the same weights; others are asked, once. */
const weighedAlike = async (
  collation: Collation,
  cells: readonly KnownCell[],
  columns: readonly ColumnSchema[],
  signal: AbortSignal,
): Promise<boolean> => {
  const oneVersion = cells.every(({ schema }) => schema.version === cells[0]!.schema.version)
  if (oneVersion && columns.every(column => column.collation === collation.name)) return true
  const asked = oneVersion ? cells.slice(0, 1) : cells
  const prints = await Promise.all(asked.map(({ cell }) => cell.fingerprint(collation, signal)))
  return prints[0] !== undefined && prints.every(print => print === prints[0])
}
