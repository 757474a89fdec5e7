import type { Column } from '../resources/column.js'
import type { DeclaredTable } from '../resources/declared.js'
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
  const absent = schema.columns.size === 0
  const mayLack = ({ nullable, default: value }: Column): boolean =>
    absent ? optional : nullable === true || value !== undefined
  const missing = Object.entries(columns).filter(
    ([column, declared]) => !schema.columns.has(column) && mayLack(declared),
  )
  const collation = collationIn(schema)
  const lacks = missing.map(([column, { kind, default: value = null }]): [string, ColumnSchema & Instead] => {
    const written = kind === 'text' || kind === 'enum'
    const plain = absent ? sql`NULL` : literal(kind, value)
    const { charset, name } = written ? collation : NO_COLLATION
    return [
      column,
      {
        charset,
        collation: name,
        length: Math.max(String(value).length, 1),
        precision: kind === 'time' ? fractionOf(value) : 0,
        members: value === null ? [] : (columns[column]!.members ?? []),
        spelled: kind === 'enum' && value !== null,
        instead: written && !absent ? collate(plain, collation) : plain,
      },
    ]
  })
  return {
    schema: lacks.length === 0 ? schema : { ...schema, columns: new Map([...schema.columns, ...lacks]) },
    derived: {
      table,
      there: !(absent && optional),
      lacks: lacks.map(([column, { instead }]) => [column, instead]),
      indexes: schema.indexes.map(({ name }) => name),
    },
  }
}

interface Instead {
  readonly instead: Sql
}

const NO_COLLATION = { charset: null, name: null }

/** By what the table's texts compare: as a column would that is added to it. */
const collationIn = ({ columns }: TableSchema): Collation => {
  const text = [...columns.values()].find(({ collation }) => collation !== null)
  return text === undefined
    ? { charset: 'utf8mb4', name: 'utf8mb4_general_ci' }
    : { charset: text.charset!, name: text.collation! }
}
