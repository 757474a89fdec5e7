import type { Sql } from '../sql/fragment.js'
import { TIMED_OUT } from './cell.js'
import type { RowStream, SqlRow } from './connection.js'
import type { DriverError } from './connections.js'
import { borrow, type Desk, type Loan, onAbort } from './loan.js'

/** How long a statement is kept that nobody reads from, in milliseconds. */
export interface Patience {
  /** Then the rest of its rows is read and kept, so that others can have its connection. */
  readonly idle: number
  /** If they have not come so long after that, the statement is given up. */
  readonly rest: number
}

const PATIENCE: Patience = { idle: 50, rest: 10_000 }

const nobody = (): void => {}

/**
 * A statement whose rows are made when they are wanted: what the server has sent beyond them stays bytes, and what it has not
 * sent waits at the server. Rows that wait would be moved by the garbage collector, again and again.
 *
 * @param life - when it aborts, no more rows are wanted
 */
export const streamRows = (
  desk: Desk,
  statement: Sql,
  life: AbortSignal,
  patience: Patience = PATIENCE,
): RowStream => {
  let loan: Loan | undefined
  const rows: SqlRow[] = []
  let wanted = 0
  let begun = false
  let came = false
  let over = false
  let failure: unknown
  let timer: NodeJS.Timeout | undefined
  /** Ends the wait for a connection. */
  let leave = nobody
  /** Tells whoever waits that there are as many rows as are wanted, or that no more will come. */
  let wake = nobody

  const end = (error?: unknown): void => {
    over = true
    failure = error
    loan = undefined
    clearTimeout(timer)
    stillWanted()
    wake()
  }

  const giveUp = (reason: unknown): void => {
    if (over) return
    if (loan === undefined) leave()
    else loan.abandon()
    end(reason)
  }

  const stillWanted = onAbort(life, () => giveUp(life.reason))

  const begin = (): void => {
    begun = true
    leave = borrow(desk, (error, taken) => {
      if (taken === undefined) return end(error)
      loan = taken
      taken.connection
        .query(taken.asSent(statement))
        .on('result', (row: SqlRow) => {
          came = true
          if (rows.push(row) !== wanted) return
          taken.connection.pause()
          wake()
        })
        .on('error', (error: DriverError) => {
          if (!taken.failed(error) || came) return end(error)
          loan = undefined
          begin()
        })
        .on('end', () => {
          // It comes behind an error as well.
          if (over || loan !== taken) return
          taken.over()
          end()
        })
    })
  }

  const readRest = (): void => {
    wanted = Number.POSITIVE_INFINITY
    wake = nobody
    timer = setTimeout(() => giveUp({ code: TIMED_OUT }), patience.rest)
    loan!.connection.resume()
  }

  return {
    next: (count, signal) =>
      new Promise((resolve, reject) => {
        // A statement that is not asked for more is still one that nobody reads from.
        signal.throwIfAborted()
        life.throwIfAborted()
        clearTimeout(timer)
        let settled = nobody
        const give = (): void => {
          settled()
          if (failure !== undefined) reject(failure)
          else resolve(rows.splice(0, count))
          if (!over) timer = setTimeout(readRest, patience.idle)
        }
        if (over || rows.length >= count) return give()
        wanted = count
        wake = give
        settled = onAbort(signal, () => giveUp(signal.reason))
        if (begun) loan?.connection.resume()
        else begin()
      }),
  }
}
