import { sql } from '../sql/fragment.js'
import type { Database } from './connection.js'
import type { DriverError } from './line.js'

/** Milliseconds that a server has for a statement that takes none. */
const TIME_MS = 1_000

const SMALL = sql`SELECT 1 FROM instances LIMIT 1`

/**
 * Tells whether a server answers at all, when a caller's statement took too long: any caller can write one that does, and must
 * not be able to have the cell left alone for the others. Whoever asks while it is being tried gets the same answer.
 */
export const openCheck = (database: Pick<Database, 'query'>): (() => Promise<boolean>) => {
  let running: Promise<boolean> | undefined
  const check = (): Promise<boolean> =>
    database.query(SMALL, AbortSignal.timeout(TIME_MS)).then(
      () => true,
      // A table that is not there, or not for this user, is an answer as well.
      ({ sqlState, fatal }: DriverError) => sqlState !== undefined && fatal !== true,
    )
  return () => {
    running ??= check().finally(() => {
      running = undefined
    })
    return running
  }
}
