import type { Cell } from '../cells/cell.js'
import { type CharacterWeights, readCharacterWeights } from '../cells/character-weights.js'
import { type Collation, comparable, isWiderForm } from '../cells/collation.js'
import type { ColumnSchema, TableSchema } from '../cells/table-schema.js'
import type { Resource } from '../resources/resource.js'

/** How the documents of a generation were made: with this, and without any cell, they can be compared as the cells compare. */
export interface Layout {
  readonly form: typeof FORM
  readonly resource: string
  readonly weights: readonly CharacterWeights[]
  /** Which of the weights a text column has; one that is missing can't be compared. */
  readonly texts: Readonly<Record<string, number>>
  /** The same for the texts of a relation's labels or pairs. */
  readonly members: Readonly<Record<string, readonly number[]>>
  /** The members of an ENUM in their order, by column. */
  readonly enums: Readonly<Record<string, readonly string[]>>
}

/** Grows whenever documents of before can't be used any more. */
export const FORM = 1

/** A text that is longer is not kept to be compared. */
const MAX_CHARACTERS = 1_024

/** The relations of a resource that filters ask for labels or pairs, with the columns that hold them. */
export const memberColumns = ({ filters }: Resource): Map<string, { table: string; columns: string[] }> =>
  new Map(
    Object.values(filters).flatMap(filter => {
      if (filter.kind === 'labels') return [[filter.relation.table, { table: filter.relation.table, columns: [filter.label] }]]
      if (filter.kind !== 'pairs') return []
      return [[filter.relation.table, { table: filter.relation.table, columns: [filter.key, filter.value] }]]
    }),
  )

/** Asks all cells how they compare. */
export const readLayout = async (
  resource: Resource,
  cells: readonly Cell[],
  signal: AbortSignal,
): Promise<Layout> => {
  const schemas = new Map<string, readonly TableSchema[]>()
  const tables = [resource.table, ...[...memberColumns(resource).values()].map(({ table }) => table)]
  for (const table of new Set(tables))
    schemas.set(table, await Promise.all(cells.map(cell => cell.schemaOf(table, signal))))

  const weights: CharacterWeights[] = []
  const indexOf = async (table: string, column: string): Promise<number | undefined> => {
    const columns = schemas.get(table)!.map(({ columns }) => columns.get(column))
    const collation = commonOf(columns)
    if (collation === undefined) return undefined
    const known = weights.findIndex(one => one.collation === collation.name)
    if (known >= 0) return known
    const read = await Promise.all(cells.map(cell => weightsOf(cell, collation, signal)))
    const [first] = read
    if (first === undefined || read.some(one => JSON.stringify(one) !== JSON.stringify(first))) return undefined
    return weights.push(first) - 1
  }

  const texts: Record<string, number> = {}
  const enums: Record<string, readonly string[]> = {}
  for (const [name, { kind }] of Object.entries(resource.columns)) {
    const index = kind === 'text' ? await indexOf(resource.table, name) : undefined
    if (index !== undefined) texts[name] = index
    if (kind !== 'enum') continue
    const members = schemas.get(resource.table)!.map(({ columns }) => columns.get(name)?.members ?? [])
    const longest = members.reduce((a, b) => (b.length > a.length ? b : a))
    if (members.every(own => own.every((member, i) => member === longest[i]))) enums[name] = longest
  }
  const members: Record<string, readonly number[]> = {}
  for (const [name, { table, columns }] of memberColumns(resource)) {
    const own = await Promise.all(columns.map(column => indexOf(table, column)))
    if (own.every(index => index !== undefined)) members[name] = own
  }
  return { form: FORM, resource: resource.name, weights, texts, members, enums }
}

/** The one collation by which all cells compare a column; undefined where they do not. */
const commonOf = (columns: readonly (ColumnSchema | undefined)[]): Collation | undefined => {
  // A column that a cell lacks has the same value in all of its rows, and compares as in any other.
  const own = columns.filter(column => column !== undefined && column.instead === undefined)
  const widest = own.reduce<ColumnSchema | undefined>(
    (best, column) => (best && isWiderForm(best.collation!, column!.collation!) ? best : column),
    undefined,
  )
  if (!widest?.collation || widest.length > MAX_CHARACTERS || !comparable(widest.collation)) return undefined
  const name = widest.collation
  if (!own.every(column => column!.collation === name || isWiderForm(name, column!.collation!))) return undefined
  return { charset: widest.charset!, name }
}

const weightsOf = (
  cell: Cell,
  collation: Collation,
  signal: AbortSignal,
): Promise<CharacterWeights | undefined> => readCharacterWeights(cell, collation, signal)
