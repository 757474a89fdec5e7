import { LRUCache } from 'lru-cache'
import { CellFailedError } from '../errors.js'
import { publishBreaker } from '../observability.js'
import { explained } from '../sql/explain.js'
import type { Sql } from '../sql/fragment.js'
import { type BreakerSettings, type BreakerState, openBreaker } from './breaker.js'
import { openCheck } from './check.js'
import { type Collation, readFingerprint, readWeighing, type Weighing } from './collation.js'
import { type Database, type RowStream, reasonOf, type SqlRow } from './connection.js'
import type { Limiter } from './limiter.js'
import type { DriverError } from './line.js'
import { type StatementWatch, watchStatement } from './statement-watch.js'
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
  /** The rows of one statement as they are wanted, until `life` aborts. Rejects as `query` does. */
  stream(statement: Sql, life: AbortSignal): RowStream
  /** How the server would run a statement, and the statement as the server gets it. Rejects as `query` does. */
  explain(statement: Sql, signal: AbortSignal): Promise<ExplainedStatement>
  /**
   * The table as it is in this cell, without columns when it is not there. Remembered for ten minutes, or until a statement finds it
   * wrong; that it is not there is not remembered.
   */
  schemaOf(table: string, signal: AbortSignal): Promise<TableSchema>
  /** How this cell compares text by the collation. Remembered. */
  weighing(collation: Collation, signal: AbortSignal): Promise<Weighing>
  /** What tells whether two cells order text alike by the collation; undefined when this one lacks it. Remembered. */
  fingerprint(collation: Collation, signal: AbortSignal): Promise<string | undefined>
  /** Whether it is asked; undefined when it is however often it fails. */
  breaker(): BreakerState | undefined
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

/** The reason that a signal aborts with when its request has its answer, or nobody wants one any more. */
export const NOT_WANTED = 'NOT_WANTED'

/** Codes of statements that failed because the remembered schema is no longer true. */
const OUTDATED = new Set([
  'ER_BAD_FIELD_ERROR',
  'ER_DUP_FIELDNAME',
  'ER_KEY_DOES_NOT_EXITS',
  'ER_NO_SUCH_TABLE',
])

/** Whether a statement failed because a table is not what it was taken for. What was remembered of the cell is forgotten then. */
export const isOutdated = (error: unknown): boolean =>
  error instanceof CellFailedError && OUTDATED.has(error.cell.reason)

const SCHEMA_TTL_MS = 10 * 60_000

/** The reason of a cell that was not asked, because it had failed again and again. */
export const LEFT_ALONE = 'BREAKER_OPEN'

/** A statement that was given up after less than so many milliseconds says nothing of its cell. */
const LEAST_PATIENCE_MS = 250

/** Rows of a statement that does not say how many it may give. */
const SOME_ROWS = 100

/** What the cells share, and what each of them is told. */
export interface CellSettings {
  readonly limiter: Limiter
  /** Undefined: a cell is asked however often it fails. */
  readonly breaker: BreakerSettings | undefined
  /** The clock, in milliseconds. */
  readonly now: () => number
  readonly random: () => number
}

/** A cell over its database. */
export const openCell = (cell: CellName, database: Database, settings: CellSettings): Cell => {
  const { limiter, now, random } = settings
  const known = new LRUCache<string, object>({ max: 1_000, ttl: SCHEMA_TTL_MS })
  const breaker =
    settings.breaker &&
    openBreaker(settings.breaker, {
      now,
      random,
      changed: ({ state }) => publishBreaker(cell, state),
    })

  const slow = settings.breaker?.slow ?? Number.POSITIVE_INFINITY
  const answers = openCheck(database)

  const fails = (reason: string): CellFailedError =>
    new CellFailedError({ uuid: cell.uuid, name: cell.name, reason })

  const ask = async (
    rows: number,
    run: () => Promise<SqlRow[]>,
    signal: AbortSignal,
    watch: StatementWatch | undefined,
  ): Promise<SqlRow[]> => {
    const number = breaker?.ask()
    if (breaker !== undefined && number === undefined) throw fails(LEFT_ALONE)
    const tell = (event: 'answered' | 'failed' | 'abandoned', from = since): void =>
      breaker?.tell(event, number!, from)
    const late = async (): Promise<void> => {
      if (breaker === undefined) return
      const at = now()
      tell((await answers()) ? 'answered' : 'failed', at)
    }
    const answered = (): void => {
      if (now() - since >= slow) late()
      else tell('answered')
    }
    let since = Number.POSITIVE_INFINITY
    watch?.wanted()
    try {
      const answer = await limiter.run({ signal, rows }, () => {
        since = now()
        watch?.sent()
        return run()
      })
      answered()
      watch?.read(answer.length, rows)
      return answer
    } catch (error) {
      if (signal.aborted) {
        const isLate = signal.reason === TIMED_OUT
        if (isLate && now() - since >= LEAST_PATIENCE_MS) late()
        else tell('abandoned')
        watch?.over('abandoned', isLate ? TIMED_OUT : undefined)
        throw isLate || signal.reason === NOT_WANTED ? fails(signal.reason) : signal.reason
      }
      const reason = reasonOf(error)
      if ((error as DriverError).fatal) tell('failed')
      else answered()
      watch?.over('failed', reason)
      if (OUTDATED.has(reason)) known.clear()
      throw fails(reason)
    }
  }
  const query = (statement: Sql, signal: AbortSignal): Promise<SqlRow[]> =>
    ask(
      statement.rows ?? SOME_ROWS,
      () => database.query(statement, signal),
      signal,
      watchStatement(cell, statement, signal, now),
    )
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
    stream: (statement, life) => {
      const rows = database.stream(statement, life)
      let watch: StatementWatch | undefined
      return {
        next: (count, signal) => {
          watch ??= watchStatement(cell, statement, signal, now, life)
          return ask(count, () => rows.next(count, signal), signal, watch)
        },
      }
    },
    explain: async (statement, signal) => ({ statement, rows: await query(explained(statement), signal) }),
    schemaOf: async (table, signal) => {
      const schema = await remember(`schema ${table}`, () => readTableSchema(asking, table, signal))
      if (schema.columns.size === 0) known.delete(`schema ${table}`)
      return schema
    },
    weighing: (collation, signal) =>
      remember(`weighing ${collation.name}`, () => readWeighing(asking, collation, signal)),
    fingerprint: async (collation, signal) =>
      (
        await remember(`fingerprint ${collation.name}`, async () => ({
          digest: await readFingerprint(asking, collation, signal),
        }))
      ).digest,
    breaker: () => breaker?.state,
    forget: () => known.clear(),
    close: () => database.close(),
  }
}
