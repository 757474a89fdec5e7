import { type Sql, type SqlValue, sql } from './fragment.js'

/** How a server would read a table, as its optimizer sees it now. */
export interface Access {
  /** The index that the rows are found by; null for none. */
  readonly index: string | null
  /** How many rows the server expects to look at. MariaDB does not consider that a limit may end it sooner. */
  readonly rows: number
  /** What was found is sorted before the first row of it is given: all of it is read, whatever the limit. */
  readonly filesort: boolean
  /** A temporary table is filled on the way. */
  readonly temporary: boolean
  /** Every row of the table is read. */
  readonly full: boolean
}

/** Asks how a statement would be run. Servers of all makes and versions have this form, and it shows no value. */
export const explained = (statement: Sql): Sql => sql`EXPLAIN FORMAT=TRADITIONAL ${statement}`

/** What the server said of this table; of the first that it reads, where it reads others in its place. */
export const accessOf = (answer: readonly (readonly SqlValue[])[], table: string): Access => {
  const steps = answer.map(stepOf)
  const step = steps.find(one => one.table === table) ?? steps[0]!
  const says = (words: string): boolean => steps.some(({ notes }) => notes.includes(words))
  const filesort = says('Using filesort')
  return {
    index: step.index,
    rows: step.rows,
    filesort,
    temporary: says('Using temporary'),
    // A whole index that is in order is read as far as the limit needs it.
    full: step.type === 'ALL' || (step.type === 'index' && filesort),
  }
}

/** How many rows the server expects to find at each step. */
export const expectedRows = (answer: readonly (readonly SqlValue[])[]): number[] =>
  answer.map(row => stepOf(row).rows)

/** One table's row of the answer: `id select_type table [partitions] type possible_keys key key_len ref rows [filtered] Extra`. */
const stepOf = (row: readonly SqlValue[]) => {
  const [type, , index, , , rows] = row.slice(row.length === MYSQL ? 4 : 3)
  return { table: row[2], type, index: index as string | null, rows: Number(rows), notes: String(row.at(-1)) }
}

/** How many columns MySQL's answer has; MariaDB's lacks those in brackets. */
const MYSQL = 12
