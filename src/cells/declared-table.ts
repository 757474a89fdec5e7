import type { Column } from '../resources/column.js'
import { type DeclaredTable, isNeeded } from '../resources/declared.js'
import type { DerivedTable } from '../sql/derived.js'
import { type Sql, sql } from '../sql/fragment.js'
import { fractionOf, literal } from '../sql/literal.js'
import { type Collation, collate } from './collation.js'
import type { ColumnSchema, TableSchema } from './table-schema.js'

/** A cell's table, as statements that were made for the declared one find it. */
export interface FittedTable {
  /** With the columns that it lacks, and that something stands for: the same object for the same schema. */
  readonly schema: TableSchema
  readonly derived: DerivedTable
}

const known = new WeakMap<DeclaredTable, WeakMap<TableSchema, FittedTable>>()

/** Fills in what a table lacks of what is declared. */
export const fitted = (schema: TableSchema, table: string, declared: DeclaredTable): FittedTable => {
  const fits = known.get(declared) ?? new WeakMap<TableSchema, FittedTable>()
  known.set(declared, fits)
  const fit = fits.get(schema) ?? fitTo(schema, table, declared)
  fits.set(schema, fit)
  return fit
}

const fitTo = (schema: TableSchema, table: string, { columns, optional }: DeclaredTable): FittedTable => {
  const exists = schema.columns.size > 0
  const mayLack = (column: Column): boolean => (exists ? !isNeeded(column) : optional)
  const collation = collationIn(schema)
  const lacks = Object.entries(columns)
    .filter(([column, declared]) => !schema.columns.has(column) && mayLack(declared))
    .map(([column, declared]): [string, FilledIn] => [column, filledIn(declared, exists, collation)])
  return {
    schema: lacks.length === 0 ? schema : { ...schema, columns: new Map([...schema.columns, ...lacks]) },
    derived: {
      table,
      there: exists || !optional,
      lacks: lacks.map(([column, { instead }]) => [column, instead]),
      indexes: schema.indexes.map(({ name }) => name),
    },
  }
}

type FilledIn = ColumnSchema & { readonly instead: Sql }

/** What stands for a column. In a table that does not exist it is never seen, and has no collation to be compared by. */
const filledIn = (
  { kind, members = [], default: given }: Column,
  exists: boolean,
  collation: Collation,
): FilledIn => {
  const value = given ?? null
  const written = kind === 'text' || kind === 'enum'
  const { charset, name } = written ? collation : NO_COLLATION
  const plain = literal(kind, value)
  return {
    charset,
    collation: name,
    length: Math.max(String(value).length, 1),
    precision: kind === 'time' ? fractionOf(value) : 0,
    members: value === null ? [] : members,
    spelled: kind === 'enum' && value !== null,
    instead: !exists ? sql`NULL` : written ? collate(plain, collation) : plain,
  }
}

const NO_COLLATION = { charset: null, name: null }

/** By what the table's texts compare: as a column would that is added to it. */
const collationIn = ({ columns }: TableSchema): Collation => {
  const text = [...columns.values()].find(({ collation }) => collation !== null)
  return text === undefined
    ? { charset: 'utf8mb4', name: 'utf8mb4_general_ci' }
    : { charset: text.charset!, name: text.collation! }
}
