import { and, list, literally, name, type Sql, type SqlValue, sql } from './fragment.js'
import { type TextColumns, widened } from './text-column.js'

/** A row of another table that belongs to a row of the first. */
export interface Related {
  readonly table: string
  /** Its column that names the row it belongs to. */
  readonly column: string
  /** The first table, and its column that is named. */
  readonly outer: { readonly table: string; readonly column: string }
  /** Columns of it that must hold one of these values. */
  readonly values: readonly (readonly [column: string, values: readonly SqlValue[]])[]
  /** An address that must be in a JSON document of it. */
  readonly address?: AddressIn
}

/** An address inside a JSON document. */
export interface AddressIn {
  readonly document: string
  /** The JSON path of the objects that have an `address`. */
  readonly path: string
  /** The first and the last address, in hexadecimal digits, or how its text begins. */
  readonly like: { readonly first: string; readonly last: string } | { readonly prefix: string }
}

/** Whether there is such a row, or none. */
export const exists = (r: Related, not: boolean, columns: TextColumns): Sql => {
  const of = (table: string, column: string): Sql => sql`${name(table)}.${name(column)}`
  const conditions = [
    sql`${of(r.table, r.column)} = ${of(r.outer.table, r.outer.column)}`,
    ...r.values.map(
      ([column, values]) =>
        sql`${widened(of(r.table, column), values, columns(r.table, column))} IN ${list(values)}`,
    ),
    ...(r.address === undefined ? [] : [isLike(r.address)]),
  ]
  const from =
    r.address === undefined ? name(r.table) : sql`${name(r.table)}, ${addressesIn(r.table, r.address)}`
  const found = sql`EXISTS (SELECT 1 FROM ${from} WHERE ${and(conditions)})`
  return not ? sql`NOT ${found}` : found
}

/** Whether a path can be a literal: nothing in it can end one. */
export const isJsonPath = (path: string): boolean => /^[\w.$*[\]]+$/.test(path)

/** A document that is no JSON holds no address: it costs its own row, not the statement. */
const addressesIn = (table: string, { document, path }: AddressIn): Sql => {
  // JSON_TABLE takes only a literal path. It is the resource's own.
  if (!isJsonPath(path)) throw new TypeError('not a JSON path')
  const json = `${name(table).text}.${name(document).text}`
  return {
    text: `JSON_TABLE(IF(JSON_VALID(${json}), ${json}, '[]'), '${path}' COLUMNS (address VARCHAR(64) PATH '$.address')) AS addresses`,
    values: [],
  }
}

const isLike = ({ like }: AddressIn): Sql => {
  if ('prefix' in like) return sql`addresses.address LIKE ${`${literally(like.prefix)}%`}`
  const bytes = sql`INET6_ATON(addresses.address)`
  return sql`LENGTH(${bytes}) = ${like.first.length / 2} AND ${bytes} BETWEEN UNHEX(${like.first}) AND UNHEX(${like.last})`
}
