import { IncomparableCellsError } from '../errors.js'
import type { Cell } from './cell.js'
import { type Collation, comparable, type Weighing } from './collation.js'
import type { ColumnSchema, TableSchema } from './table-schema.js'

/** A cell that takes part in an answer, and what its table looks like. */
export interface KnownCell {
  readonly cell: Cell
  readonly schema: TableSchema
}

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
  signal?: AbortSignal,
): Promise<TextOrder> => {
  const columns = cells.map(({ schema }) => schema.columns.get(column)!)
  const refuse = (problem: string): IncomparableCellsError =>
    new IncomparableCellsError(
      column,
      problem,
      cells.map(({ cell }, i) => ({ name: cell.name, has: String(columns[i]!.collation) })),
    )
  const length = Math.max(...columns.map(c => c.length))
  if (length > MAX_CHARACTERS) throw refuse(`servers do not sort texts of up to ${length} characters exactly`)
  for (const collation of candidates(columns, preferred)) {
    if (!comparable(collation.name) || !(await weighedAlike(collation, cells, signal))) continue
    return { collation, length, weighing: await cells[0]!.cell.weighing(collation, signal) }
  }
  throw refuse('no collation of theirs is one that all of these servers have and order texts alike by')
}

const candidates = (columns: readonly ColumnSchema[], preferred: string | undefined): Collation[] => {
  const count = new Map<string, number>()
  for (const { collation } of columns) count.set(collation!, (count.get(collation!) ?? 0) + 1)
  const own = [...count].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name)
  const forms = own.length === 1 ? own : own.map(name => name.replace(/^[^_]+/, 'utf8mb4'))
  return (preferred === undefined ? forms : [preferred]).map(name => ({ name, charset: name.split('_')[0]! }))
}

const weighedAlike = async (
  collation: Collation,
  cells: readonly KnownCell[],
  signal?: AbortSignal,
): Promise<boolean> => {
  const [first, ...others] = cells.map(({ schema }) => schema)
  const onlyOne = others.every(schema => schema.version === first!.version)
  const asked = onlyOne ? cells.slice(0, 1) : cells
  const prints = await Promise.all(asked.map(({ cell }) => cell.fingerprint(collation, signal)))
  return prints[0] !== undefined && prints.every(print => print === prints[0])
}
