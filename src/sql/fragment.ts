/**
 * SQL text with bound values. Nothing here touches a database.
 *
 * @module
 */

/** What may be bound to a statement. Times, big integers and decimals are text. */
export type SqlValue = string | number | null

/** A statement, or a part of one: text with one `?` for each value. */
export interface Sql {
  readonly text: string
  readonly values: readonly SqlValue[]
  /** How many rows it gives at the most, where that is known. */
  readonly rows?: number
}

/** SQL from a template: nested fragments are put in place, everything else is bound. */
export const sql = (strings: TemplateStringsArray, ...parts: readonly (Sql | SqlValue)[]): Sql => {
  let text = strings[0]!
  const values: SqlValue[] = []
  for (const [i, part] of parts.entries()) {
    if (part !== null && typeof part === 'object') {
      text += part.text
      values.push(...part.values)
    } else {
      text += '?'
      values.push(part)
    }
    text += strings[i + 1]!
  }
  return { text, values }
}

/** The only place where a name becomes text: names come from whitelists, and still must look like names. */
export const name = (identifier: string): Sql => {
  if (!/^\w+$/.test(identifier)) throw new TypeError('not an SQL name')
  return { text: `\`${identifier}\``, values: [] }
}

/** Fragments with a separator between them. */
export const join = (parts: readonly Sql[], separator: ', ' | ' AND ' | ' OR ' | ' UNION ALL '): Sql => ({
  text: parts.map(part => part.text).join(separator),
  values: parts.flatMap(part => part.values),
})

/** All of the conditions, or TRUE. */
export const and = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? sql`TRUE` : join(conditions, ' AND ')

/** Any of the conditions, in parentheses, or FALSE. */
export const or = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? sql`FALSE` : sql`(${join(conditions, ' OR ')})`

/** A list of bound values, in parentheses. */
export const list = (values: readonly SqlValue[]): Sql => ({
  text: `(${values.map(() => '?').join(', ')})`,
  values,
})

/** LIKE's wildcards and its escape character, escaped. */
export const literally = (text: string): string => text.replace(/[\\%_]/g, '\\$&')
