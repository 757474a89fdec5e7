import { name, type Sql } from './fragment.js'

/** How one cell has a table that statements are made for. */
export interface DerivedTable {
  readonly table: string
  /** Without it there are no rows. */
  readonly there: boolean
  /** The columns that it lacks, each with the value that stands for it: words alone, nothing bound. */
  readonly lacks: readonly (readonly [column: string, value: Sql])[]
  /** The indexes that it has. */
  readonly indexes: readonly string[]
}

/** Whether a statement reads the table: every table stands in it in backquotes. */
export const reads = ({ text }: Sql, table: string): boolean => text.includes(name(table).text)

/**
 * A statement over what the cell has, in the words of which it is made: a derived table stands for the table, with the columns that it
 * lacks. Both servers merge it into the statement, and then see constants in the place of the columns (test/listing/skew.test.ts).
 * An index that is not there is not asked for.
 */
export const overDerived = (statement: Sql, { table, there, lacks, indexes }: DerivedTable): Sql => {
  const own = name(table).text
  const values = lacks.map(([column, value]) => `${value.text} AS ${name(column).text}`)
  const read = new RegExp(`(FROM|JOIN) ${own}(?: FORCE INDEX \\(\`(\\w+)\`\\))?(?: AS (\\w+))?`, 'g')
  const text = statement.text.replace(read, (_, word: string, index = '', alias = own) => {
    const from = indexes.includes(index) ? `${own} FORCE INDEX (${name(index).text})` : own
    if (!there) return `${word} (SELECT ${values.join(', ')} FROM DUAL WHERE FALSE) AS ${alias}`
    if (values.length === 0) return `${word} ${from}${alias === own ? '' : ` AS ${alias}`}`
    return `${word} (SELECT ${[`${own}.*`, ...values].join(', ')} FROM ${from}) AS ${alias}`
  })
  return { ...statement, text }
}
