import { LRUCache } from 'lru-cache'
import { type Sql, sql } from '../sql/fragment.js'
import type { Database } from './connection.js'

/** What one cell's table really looks like, as far as ordering depends on it. */
export interface TableSchema {
  readonly columns: ReadonlyMap<string, ColumnSchema>
  readonly indexes: readonly IndexSchema[]
  /** The server's version: two servers of one version have the same collations. */
  readonly version: string
}

/** One column of one cell. */
export interface ColumnSchema {
  readonly charset: string | null
  readonly collation: string | null
  /** The longest text, in characters. */
  readonly length: number
  /** Fractional digits of a time. */
  readonly precision: number
  /** The members of an ENUM, in their order. */
  readonly members: readonly string[]
  /** The members are kept as texts: no ENUM gives their ordinals. */
  readonly spelled?: boolean
  /** The table does not have it: it reads as this, the same in every row. */
  readonly instead?: Sql
}

/** An index that a statement may be told to use. */
export interface IndexSchema {
  readonly name: string
  readonly columns: readonly string[]
  /**
   * A unique index beside the primary key. MariaDB does not see that the `id` stands behind its columns, and sorts the
   * whole table when it is made to use it for them and the `id`.
   */
  readonly unique?: boolean
}

/** By what the servers say of them. Cells are upgraded together: there are few, however many cells there are. */
const schemas = new LRUCache<string, TableSchema>({ max: 100 })

/** Reads a table's schema in one statement. Tables that are alike have one schema: the same object. */
export const readTableSchema = async (
  database: Pick<Database, 'query'>,
  table: string,
  signal: AbortSignal,
): Promise<TableSchema> => {
  const rows = await database.query(
    sql`SELECT COLUMN_NAME, CHARACTER_SET_NAME, COLLATION_NAME, CHARACTER_MAXIMUM_LENGTH, DATETIME_PRECISION, COLUMN_TYPE, NULL, VERSION()
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ${table}
UNION ALL SELECT COLUMN_NAME, IF(NON_UNIQUE = 0 AND INDEX_NAME <> 'PRIMARY', 'unique', NULL), NULL, SEQ_IN_INDEX, SUB_PART, COLLATION, INDEX_NAME, NULL
FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ${table} AND INDEX_TYPE = 'BTREE'`,
    signal,
  )
  const said = JSON.stringify(rows)
  const known = schemas.get(said)
  if (known !== undefined) return known
  const schema = schemaFrom(rows as Text[][])
  schemas.set(said, schema)
  return schema
}

const schemaFrom = (rows: readonly Text[][]): TableSchema => {
  const columns = new Map<string, ColumnSchema>()
  const indexes = new Map<string, { name: string; columns: string[]; unique: boolean; usable: boolean }>()
  let version = ''
  for (const [column, charset, collation, number, detail, type, index, server] of rows) {
    if (index === null) {
      version = server!
      columns.set(column!, {
        charset: charset!,
        collation: collation!,
        length: Number(number),
        precision: Number(detail),
        members: enumMembers(type!),
      })
      continue
    }
    const entry = indexes.get(index!) ?? { name: index!, columns: [], unique: charset !== null, usable: true }
    entry.columns[Number(number) - 1] = column!
    // A prefix of a column gives no order, and a descending part another one.
    entry.usable &&= detail === null && type === 'A'
    indexes.set(index!, entry)
  }
  return { columns, version, indexes: [...indexes.values()].filter(index => index.usable) }
}

type Text = string | null

/** The members of `enum('a','it''s')`. */
const enumMembers = (type: string): string[] =>
  type.startsWith('enum(')
    ? [...type.matchAll(/'((?:[^']|'')*)'/g)].map(match => match[1]!.replaceAll("''", "'"))
    : []
