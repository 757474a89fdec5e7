import Database from 'libsql/promise'
import { LRUCache } from 'lru-cache'
import type { Sql, SqlValue } from '../../sql/fragment.js'
import { inTurn, patiently } from './patience.js'

/** One row: the selected columns by position. */
export type Row = readonly SqlValue[]

/** A prepared statement. It steps on the thread that calls it, which waits meanwhile. */
export interface Statement {
  run(values: readonly SqlValue[]): { readonly changes: number; readonly lastInsertRowid: number }
  get(values: readonly SqlValue[]): Row | undefined
}

/** One connection to one file, for one statement at a time. Rejects with the driver's errors. */
export interface Connection {
  prepare(text: string): Promise<Statement>
  /** All rows, stepped on the calling thread: for what is short. */
  all(statement: Sql): Promise<Row[]>
  /**
   * The first row. The driver looks for it on a thread of its own, however long that takes, and ends when the signal aborts; rows behind it
   * would be stepped on the calling thread, so that a statement for this gives no more than one.
   */
  first(statement: Sql, signal: AbortSignal): Promise<Row | undefined>
  /** All of it or nothing, one after the other. A reader sees the same moment throughout. */
  transaction<T>(how: 'read' | 'write', signal: AbortSignal, work: () => Promise<T>): Promise<T>
  /** Several statements, with values written out. */
  execute(text: string): Promise<void>
  close(): void
}

/** The part of the driver that is used; its own types say `any`. */
interface DriverStatement extends Statement {
  readonly reader: boolean
  raw(): void
  all(values: readonly SqlValue[]): Promise<Row[]>
}

/** An interrupt goes unheard while the statement has not begun. */
const AGAIN_MS = 5

/** Statements that are kept prepared. */
const PREPARED = 200

const BEGIN = { read: 'BEGIN', write: 'BEGIN IMMEDIATE' }

/** Opens a file, and makes it where there is none. */
export const connect = (path: string): Connection => {
  const database = new Database(path, {}) as InstanceType<typeof Database> & { readonly inTransaction: boolean }
  const alone = inTurn()
  const prepared = new LRUCache<string, DriverStatement>({ max: PREPARED })

  const make = async (text: string): Promise<DriverStatement> => {
    const statement: DriverStatement = await database.prepare(text)
    if (statement.reader) statement.raw()
    return statement
  }

  const prepare = async (text: string): Promise<DriverStatement> => {
    const statement = prepared.get(text) ?? (await make(text))
    prepared.set(text, statement)
    return statement
  }

  /** A statement that is under way is nobody else's: jobs that ask the same at once have one each. */
  const take = async (text: string): Promise<DriverStatement> => {
    const known = prepared.get(text)
    prepared.delete(text)
    return known ?? make(text)
  }

  const run = async (text: string): Promise<void> => {
    const statement = await prepare(text)
    statement.run([])
  }

  /** Of a reader nothing is left behind: it may as well begin again. */
  const attempt = async <T>(how: 'read' | 'write', work: () => Promise<T>): Promise<T> => {
    await run(BEGIN[how])
    try {
      const result = await work()
      await run('COMMIT')
      return result
    } catch (error) {
      // The driver does not reset a statement that failed: it would not take the next values, and go on with those that it has.
      prepared.clear()
      // Some errors have rolled it back already.
      if (database.inTransaction) await run('ROLLBACK')
      throw error
    }
  }

  return {
    prepare,
    all: async ({ text, values }) => {
      const statement = await take(text)
      const rows = await statement.all(values)
      prepared.set(text, statement)
      return rows
    },
    first: async ({ text, values }, signal) => {
      const statement = await take(text)
      signal.throwIfAborted()
      let again: NodeJS.Timeout | undefined
      const stop = (): void => {
        database.interrupt()
        again = setInterval(() => database.interrupt(), AGAIN_MS)
      }
      signal.addEventListener('abort', stop, { once: true })
      try {
        const [row] = await statement.all(values)
        prepared.set(text, statement)
        return row
      } finally {
        signal.removeEventListener('abort', stop)
        clearInterval(again)
      }
    },
    transaction: (how, signal, work) =>
      alone(async () => {
        signal.throwIfAborted()
        return patiently(signal, () => attempt(how, work))
      }),
    execute: text => database.exec(text),
    close: () => database.close(),
  }
}

/** What was committed last may be lost with the power, but nothing before it, and nothing is torn. 32 MiB of pages are kept. */
export const SETTINGS = 'PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768'
