/** One column, as `information_schema.columns` of a MariaDB server describes it. */
export interface Column {
  /** The whole type: `varchar(255)`, `int(11)`, `enum('owner','admin')`. */
  readonly type: string
  readonly nullable: boolean
  /** The default as SQL text; `NULL`, or nothing in a column that takes no NULL, when absent. */
  readonly default?: string
  /** Of text columns. The character set is its name up to the first `_`. */
  readonly collation?: string
  readonly autoIncrement?: true
}

/** A secondary index. */
export interface Index {
  readonly unique: boolean
  /** In the order of the index; a pair is a column and the length of its indexed prefix in characters. */
  readonly columns: readonly (string | readonly [column: string, length: number])[]
}

/** One table: its columns and indexes in their order, without foreign keys. */
export interface Table {
  readonly engine: string
  readonly collation: string
  readonly columns: Readonly<Record<string, Column>>
  readonly primaryKey: readonly string[]
  readonly indexes: Readonly<Record<string, Index>>
}

/** Tables by name. */
export type Schema = Readonly<Record<string, Table>>

const charset = (collation: string): string =>
  `CHARACTER SET ${collation.slice(0, collation.indexOf('_'))} COLLATE ${collation}`

// MySQL 8 warns of display widths, MariaDB supplies its own when they are left out. tinyint(1) means boolean to both.
const portable = (type: string): string => (type === 'tinyint(1)' ? type : type.replace(/int\(\d+\)/, 'int'))

const column = ([name, it]: [string, Column]): string =>
  [
    `\`${name}\` ${portable(it.type)}`,
    it.collation === undefined ? '' : charset(it.collation),
    it.nullable ? 'NULL' : 'NOT NULL',
    it.default === undefined ? '' : `DEFAULT ${it.default}`,
    it.autoIncrement ? 'AUTO_INCREMENT' : '',
  ]
    .filter(Boolean)
    .join(' ')

const list = (columns: Index['columns']): string =>
  columns.map(it => (typeof it === 'string' ? `\`${it}\`` : `\`${it[0]}\`(${it[1]})`)).join(', ')

const index = ([name, it]: [string, Index]): string =>
  `${it.unique ? 'UNIQUE KEY' : 'KEY'} \`${name}\` (${list(it.columns)})`

/**
 * The `CREATE TABLE` statements of a schema, in its order. They run on MariaDB and on MySQL 8 and later, in
 * any selection and order: there are no foreign keys, only the indexes that they imply.
 */
export const createTables = (schema: Schema): string[] =>
  Object.entries(schema).map(([name, table]) => {
    const parts = [
      ...Object.entries(table.columns).map(column),
      `PRIMARY KEY (${list(table.primaryKey)})`,
      ...Object.entries(table.indexes).map(index),
    ]
    return `CREATE TABLE \`${name}\` (\n  ${parts.join(',\n  ')}\n) ENGINE=${table.engine} DEFAULT ${charset(table.collation)}`
  })
