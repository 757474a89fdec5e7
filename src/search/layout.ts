import type { Cell } from '../cells/cell.js'
import { type CharacterWeights, readCharacterWeights } from '../cells/character-weights.js'
import { type Collation, comparable, isWiderForm } from '../cells/collation.js'
import type { ColumnSchema, TableSchema } from '../cells/table-schema.js'
import type { Resource } from '../resources/resource.js'
import { memberships } from './membership.js'

/** How the documents of a generation were made: with this, and without any cell, they can be compared as the cells compare. */
export interface Layout {
  readonly form: typeof FORM
  readonly resource: string
  readonly weights: readonly CharacterWeights[]
  /** Which of the weights a text column has; one that is missing can't be compared. */
  readonly texts: Readonly<Record<string, number>>
  /** The same for the texts of a membership, each. */
  readonly members: Readonly<Record<string, readonly number[]>>
  /** The members of an ENUM in their order, by column. */
  readonly enums: Readonly<Record<string, readonly string[]>>
}

/** Grows whenever documents of before can't be used any more. */
export const FORM = 1

/** A text that is longer is not kept to be compared. */
const MAX_CHARACTERS = 1_024

/** Asks all cells how they compare. */
export const readLayout = async (
  resource: Resource,
  cells: readonly Cell[],
  signal: AbortSignal,
): Promise<Layout> => {
  const own = memberships(resource)
  const schemas = new Map<string, readonly TableSchema[]>()
  for (const table of new Set([resource.table, ...own.map(({ relation }) => relation.table)]))
    schemas.set(table, await Promise.all(cells.map(cell => cell.schemaOf(table, signal))))
  /** A column as the cells have it that do: in one that lacks it, it has the same value in all rows. */
  const columnsOf = (table: string, name: string): ColumnSchema[] =>
    schemas.get(table)!.flatMap(({ columns }) => {
      const column = columns.get(name)
      return column === undefined || column.instead !== undefined ? [] : [column]
    })

  const weights: CharacterWeights[] = []
  const indexOf = async (table: string, column: string): Promise<number | undefined> => {
    const collation = commonOf(columnsOf(table, column))
    if (collation === undefined) return undefined
    const known = weights.findIndex(one => one.collation === collation.name)
    if (known >= 0) return known
    const read = await Promise.all(cells.map(cell => readCharacterWeights(cell, collation, signal)))
    const [first] = read
    if (first === undefined || read.some(one => JSON.stringify(one) !== JSON.stringify(first))) return undefined
    return weights.push(first) - 1
  }

  const texts: Record<string, number> = {}
  const enums: Record<string, readonly string[]> = {}
  for (const [name, { kind }] of Object.entries(resource.columns)) {
    const index = kind === 'text' ? await indexOf(resource.table, name) : undefined
    if (index !== undefined) texts[name] = index
    const members = kind === 'enum' ? commonMembers(columnsOf(resource.table, name)) : undefined
    if (members !== undefined) enums[name] = members
  }
  const members: Record<string, readonly number[]> = {}
  for (const { name, relation, columns } of own) {
    const all: (number | undefined)[] = []
    for (const column of columns) all.push(await indexOf(relation.table, column))
    if (all.every(index => index !== undefined)) members[name] = all
  }
  return { form: FORM, resource: resource.name, weights, texts, members, enums }
}

/** The one collation by which all cells compare a column; undefined where they do not. */
const commonOf = (columns: readonly ColumnSchema[]): Collation | undefined => {
  const names = columns.map(({ collation }) => collation)
  const widest = columns.find(({ collation: wide }) =>
    names.every(name => wide !== null && name !== null && (name === wide || isWiderForm(wide, name))),
  )
  if (widest === undefined || !comparable(widest.collation!)) return undefined
  if (columns.some(({ length }) => length > MAX_CHARACTERS)) return undefined
  return { charset: widest.charset!, name: widest.collation! }
}

/** The ordinals agree where the shorter definitions begin the longest. */
const commonMembers = (columns: readonly ColumnSchema[]): readonly string[] | undefined => {
  const all = columns.map(({ members }) => members)
  const longest = all.reduce((a, b) => (b.length > a.length ? b : a), [])
  const agree = all.every(own => own.length > 0 && own.every((member, i) => member === longest[i]))
  return all.length > 0 && agree ? longest : undefined
}
