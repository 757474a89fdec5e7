import type { DeclaredTables } from '../resources/declared.js'
import { overDerived, reads } from '../sql/derived.js'
import type { Sql } from '../sql/fragment.js'
import { type Cell, isOutdated } from './cell.js'
import type { RowStream } from './connection.js'
import { type FittedTable, fitted } from './declared-table.js'

const known = new WeakMap<Cell, WeakMap<DeclaredTables, Cell>>()

/**
 * A cell whose tables have what is declared, whatever release it runs: a column that it lacks reads as its default, a table as one without
 * rows. What it asks is made for the declared tables; where a table is known to differ, or a statement fails because it does, a derived
 * table stands for it (docs/adr/0014-skew.md).
 */
export const declaredCell = (cell: Cell, tables: DeclaredTables): Cell => {
  const made = known.get(cell) ?? new WeakMap<DeclaredTables, Cell>()
  known.set(cell, made)
  const declared = made.get(tables) ?? declare(cell, tables)
  made.set(tables, declared)
  return declared
}

const declare = (cell: Cell, tables: DeclaredTables): Cell => {
  /** Tables that lacked something when they were looked at last. */
  const odd = new Set<string>()

  const look = async (table: string, signal: AbortSignal): Promise<FittedTable> => {
    const fit = fitted(await cell.schemaOf(table, signal), table, tables.get(table)!)
    if (fit.derived.lacks.length > 0) odd.add(table)
    else odd.delete(table)
    return fit
  }

  const over = async (statement: Sql, some: Iterable<string>, signal: AbortSignal): Promise<Sql> => {
    let words = statement
    for (const table of [...some].filter(table => reads(statement, table)))
      words = overDerived(words, (await look(table, signal)).derived)
    return words
  }

  /** Asks in words that the cell understands. When it turns out that they were for what it has been, once more. */
  const inItsWords = async <T>(
    statement: Sql,
    signal: AbortSignal,
    ask: (words: Sql) => Promise<T>,
  ): Promise<T> => {
    const words = odd.size === 0 ? statement : await over(statement, odd, signal)
    try {
      return await ask(words)
    } catch (error) {
      if (!isOutdated(error)) throw error
      const others = await over(statement, tables.keys(), signal)
      if (others.text === words.text) throw error
      return ask(others)
    }
  }

  return {
    ...cell,
    query: (statement, signal) => inItsWords(statement, signal, words => cell.query(words, signal)),
    explain: (statement, signal) => inItsWords(statement, signal, words => cell.explain(words, signal)),
    stream: (statement, life) => {
      let rows: RowStream | undefined
      return {
        next: (count, signal) =>
          rows?.next(count, signal) ??
          inItsWords(statement, signal, words => {
            rows = cell.stream(words, life)
            return rows.next(count, signal)
          }),
      }
    },
    schemaOf: async (table, signal) => (await look(table, signal)).schema,
  }
}
