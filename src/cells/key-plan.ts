import type { Comparison, Direction, Ordering, OrderKey } from '../engine/ordering.js'
import { IncomparableCellsError } from '../errors.js'
import { bound, type ColumnKind } from '../sql/codec.js'
import { join, name, type Sql, type SqlValue, sql } from '../sql/fragment.js'
import type { KeyTerm } from '../sql/keyset.js'
import { widened } from '../sql/text-column.js'
import { collate, isWiderForm, weightOf } from './collation.js'
import { forEachCell, type KnownCell } from './known-cell.js'
import type { ColumnSchema } from './table-schema.js'
import { agreeOnText, type TextOrder } from './text-agreement.js'

/** One key of an ordering before the cells were asked what their columns are. */
export interface SortColumn {
  readonly column: string
  readonly kind: ColumnKind
  readonly nullable: boolean
  readonly dir: Direction
  /**
   * It only decides between cells, and no server sorts by it: `bytes` compares the column byte by byte, `cell` the
   * uuids of the cells themselves, where no column is unique over all of them.
   */
  readonly tieBreak?: 'bytes' | 'cell'
}

/** One ordering over all cells, and how each of them says it. */
export interface KeyPlan {
  readonly ordering: Ordering
  /** Per cell, in the cells' sequence. */
  readonly cells: readonly CellKeys[]
  /** For each key, where in a selected row the value is that a position holds. */
  readonly positions: readonly number[]
  /** The collation of each text key, in sequence: what a cursor has to keep. */
  readonly collations: readonly string[]
}

/** How one cell selects and sorts by the keys. */
export interface CellKeys {
  readonly terms: readonly KeyTerm[]
  /** What to select: what the merge compares, key by key, then the texts of the text keys. */
  readonly select: readonly Sql[]
  /** Slots that the driver gives in another form than the merge compares. */
  readonly fixes: readonly { readonly slot: number; readonly fix: (raw: never) => SqlValue }[]
}

const comparisons: Record<ColumnKind, Comparison> = {
  int: 'number',
  float: 'number',
  bool: 'number',
  enum: 'number',
  bigint: 'decimal',
  decimal: 'decimal',
  time: 'time',
  text: 'text',
}

/**
 * Turns sort columns into one ordering that means the same in every cell.
 *
 * @param kept - the collations of the page before, if there was one
 * @throws {@link IncomparableCellsError} when a column can't be compared between these cells
 */
export const planKeys = async (
  columns: readonly SortColumn[],
  cells: readonly KnownCell[],
  kept: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<KeyPlan> => {
  if (cells.length === 0) return { ordering: [], cells: [], positions: [], collations: [] }
  const texts = columns.filter(isText)
  const orders = new Map<SortColumn, TextOrder>()
  for (const [i, column] of texts.entries())
    orders.set(column, await agreeOnText(column.column, cells, kept?.[i], signal))
  for (const column of columns) if (column.kind === 'enum') requireSameMembers(column.column, cells)
  return {
    ordering: columns.map((column): OrderKey => {
      const order = orders.get(column)
      const comparison = column.tieBreak ? 'bytes' : comparisons[column.kind]
      return { column: column.column, dir: column.dir, comparison, ...(order && { pad: order.weighing.pad }) }
    }),
    cells: forEachCell(cells, cell => cellKeys(columns, orders, cell)),
    positions: columns.map((column, i) => (isText(column) ? columns.length + texts.indexOf(column) : i)),
    collations: texts.map(column => orders.get(column)!.collation.name),
  }
}

const isText = ({ kind, tieBreak }: SortColumn): boolean => kind === 'text' && tieBreak === undefined

const cellKeys = (
  columns: readonly SortColumn[],
  orders: ReadonlyMap<SortColumn, TextOrder>,
  { cell, schema }: KnownCell,
): CellKeys => {
  const texts: Sql[] = []
  const fixes: { slot: number; fix: (raw: never) => SqlValue }[] = []
  const weights: Sql[] = []
  const terms = columns.map((column, slot): KeyTerm => {
    const plain = column.tieBreak === 'cell' ? sql`${cell.uuid}` : name(column.column)
    const bind = (value: SqlValue): Sql => bound(column.kind, value)
    const own = schema.columns.get(column.column)
    const constant = own?.instead !== undefined
    const term = { order: plain, compare: plain, dir: column.dir, nullable: column.nullable, constant, bind }
    const order = orders.get(column)
    weights.push(plain)
    if (order !== undefined) {
      const { collation } = own!
      const asItIs = collation === order.collation.name || isWiderForm(collation!, order.collation.name)
      const text = asItIs ? plain : collate(plain, order.collation)
      weights[slot] = weightOf(text, order.weighing, order.length)
      // What the conversion made of it: a position has to be one that the cell's order knows.
      texts.push(text)
      fixes.push({ slot, fix: latin1 })
      // Another cell, or the build requests, may have held a text that this column can't.
      const widen = (value: SqlValue): Sql => widened(text, [value], asItIs ? own : undefined)
      return { ...term, order: text, compare: text, widen }
    }
    if (column.tieBreak) return { ...term, compare: sql`CAST(${plain} AS BINARY)` }
    if (column.kind === 'bigint') fixes.push({ slot, fix: numeral })
    if (column.kind === 'time' && own!.precision > 0) fixes.push({ slot, fix: shortest })
    const number = asNumber(plain, column.kind, own)
    if (number === undefined) return term
    weights[slot] = number
    return { ...term, compare: number, ...(own!.spelled && { order: number }) }
  })
  return { terms, select: [...weights, ...texts], fixes }
}

/** An ENUM compares as text and sorts by ordinal; a FLOAT is printed with fewer digits than it has. */
const asNumber = (column: Sql, kind: ColumnKind, schema: ColumnSchema | undefined): Sql | undefined => {
  if (kind === 'float') return sql`(${column} + 0e0)`
  if (kind !== 'enum') return undefined
  return schema!.spelled
    ? sql`NULLIF(FIELD(${join([column, ...schema!.members.map(member => sql`${member}`)], ', ')}), 0)`
    : sql`(${column} + 0)`
}

const latin1 = (weight: Buffer | null): SqlValue => (weight === null ? null : weight.toString('latin1'))

/** The driver gives a BIGINT as a number when a number can hold it. */
const numeral = (integer: string | number | null): SqlValue => (integer === null ? null : String(integer))

/** Times of columns of different precision compare by code unit once trailing zeros are gone. */
const shortest = (time: string | null): SqlValue => (time === null ? null : time.replace(/\.?0*$/, ''))

/** Ordinals agree between cells where the shorter definition begins the longer one, as when a release adds a member. */
const requireSameMembers = (column: string, cells: readonly KnownCell[]): void => {
  const own = cells.map(({ schema }) => schema.columns.get(column)!)
  const longest = own.reduce((a, b) => (b.members.length > a.members.length ? b : a)).members
  const isNone = ({ members, instead }: ColumnSchema): boolean => members.length === 0 && instead === undefined
  const other = own.some(isNone)
  if (!other && own.every(({ members }) => members.every((member, i) => member === longest[i]))) return
  throw new IncomparableCellsError(
    column,
    other ? 'it is not an ENUM everywhere' : 'the members of the ENUM are not in one order',
    cells.map(({ cell }, i) => ({ name: cell.name, has: own[i]!.members.join(' ') || 'no members' })),
  )
}
