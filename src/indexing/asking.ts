import type { Cell } from '../cells/cell.js'
import type { SqlRow } from '../cells/connection.js'
import { openDeadline } from '../listing/deadline.js'
import type { Sql } from '../sql/fragment.js'

/** Milliseconds for a statement that looks up what it is asked for. */
export const SOON = 30_000
/** For one that reads a whole table. The server's own limit, `statementTimeout`, is mostly less. */
export const LONG = 20 * 60_000

/**
 * Asks a cell.
 *
 * @throws CellFailedError
 */
export const ask = async (
  cell: Cell,
  statement: Sql,
  milliseconds: number,
  signal: AbortSignal,
): Promise<SqlRow[]> => {
  // A statement has half of what is left of a deadline.
  const deadline = openDeadline(2 * milliseconds, signal)
  try {
    return await cell.query(statement, deadline.part())
  } finally {
    deadline.close()
  }
}
