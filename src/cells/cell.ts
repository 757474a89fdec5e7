import { LRUCache } from 'lru-cache'
import { CellFailedError } from '../errors.js'
import { explained } from '../sql/explain.js'
import type { Sql } from '../sql/fragment.js'
import { type Collation, readFingerprint, readWeighing, type Weighing } from './collation.js'
import { type Database, type RowStream, reasonOf, type SqlRow } from './connection.js'
import { readTableSchema, type TableSchema } from './table-schema.js'

/** Which cell: its uuid and name in the cell mapping. */
export interface CellName {
  readonly uuid: string
  readonly name: string
}

/** One cell that can be asked, and what is known of it. */
export interface Cell extends CellName {
  /**
   * Runs one statement.
   *
   * @throws {@link CellFailedError} with the server's symbol for what went wrong, {@link TIMED_OUT} among them; when
   * the signal aborts for another reason, that reason
   */
  query(statement: Sql, signal: AbortSignal): Promise<SqlRow[]>
  /** The rows of one statement as they are wanted. Rejects as `query` does. */
  stream(statement: Sql): RowStream
  /** How the server would run a statement, and the statement as the server gets it. Rejects as `query` does. */
  explain(statement: Sql, signal: AbortSignal): Promise<ExplainedStatement>
  /** The table as it is in this cell. Remembered for ten minutes, or until a statement finds it wrong. */
  schemaOf(table: string, signal: AbortSignal): Promise<TableSchema>
  /** How this cell compares text by the collation. Remembered. */
  weighing(collation: Collation, signal: AbortSignal): Promise<Weighing>
  /** What tells whether two cells order text alike by the collation; undefined when this one lacks it. Remembered. */
  fingerprint(collation: Collation, signal: AbortSignal): Promise<string | undefined>
  /** What is remembered of this cell was found to be wrong. */
  forget(): void
  close(): Promise<void>
}

/** A statement, and the rows of its `EXPLAIN`. */
export interface ExplainedStatement {
  readonly statement: Sql
  readonly rows: SqlRow[]
}

/** The reason that a signal aborts with when the time of its statement is over. */
export const TIMED_OUT = 'DEADLINE'

/** Codes of statements that failed because the remembered schema is no longer true. */
const OUTDATED = new Set(['ER_BAD_FIELD_ERROR', 'ER_KEY_DOES_NOT_EXITS', 'ER_NO_SUCH_TABLE'])

const SCHEMA_TTL_MS = 10 * 60_000

/** Runs something when there is room for it: a p-limit. */
export type Limiter = <T>(run: () => Promise<T>) => Promise<T>

/** A cell over its database. */
export const openCell = (cell: CellName, database: Database, limiter: Limiter): Cell => {
  const known = new LRUCache<string, object>({ max: 1_000, ttl: SCHEMA_TTL_MS })

  const ask = async (run: () => Promise<SqlRow[]>, signal: AbortSignal): Promise<SqlRow[]> => {
    try {
      return await limiter(run)
    } catch (error) {
      if (signal.aborted && signal.reason !== TIMED_OUT) throw signal.reason
      const reason = signal.aborted ? TIMED_OUT : reasonOf(error)
      if (OUTDATED.has(reason)) known.clear()
      throw new CellFailedError({ uuid: cell.uuid, name: cell.name, reason })
    }
  }
  const query = (statement: Sql, signal: AbortSignal): Promise<SqlRow[]> =>
    ask(() => database.query(statement, signal), signal)
  const asking = { query }

  const remember = async <T extends object>(key: string, read: () => Promise<T>): Promise<T> => {
    const remembered = known.get(key) as T | undefined
    if (remembered !== undefined) return remembered
    const fresh = await read()
    known.set(key, fresh)
    return fresh
  }

  return {
    uuid: cell.uuid,
    name: cell.name,
    query,
    stream: statement => {
      const rows = database.stream(statement)
      return { next: (count, signal) => ask(() => rows.next(count, signal), signal) }
    },
    explain: async (statement, signal) => ({ statement, rows: await query(explained(statement), signal) }),
    schemaOf: (table, signal) => remember(`schema ${table}`, () => readTableSchema(asking, table, signal)),
    weighing: (collation, signal) =>
      remember(`weighing ${collation.name}`, () => readWeighing(asking, collation, signal)),
    fingerprint: async (collation, signal) =>
      (
        await remember(`fingerprint ${collation.name}`, async () => ({
          digest: await readFingerprint(asking, collation, signal),
        }))
      ).digest,
    forget: () => known.clear(),
    close: () => database.close(),
  }
}
