import type { PoolConnection } from 'mysql2'
import type { Sql } from '../sql/fragment.js'
import { TIMED_OUT } from './cell.js'
import type { RowStream, SqlRow } from './connection.js'
import { asSent, type DriverError, destroyOnAbort, type Greeting, giveBack, take } from './take-connection.js'

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
 */
export const streamRows = (greeting: Greeting, statement: Sql, patience: Patience = PATIENCE): RowStream => {
  let connection: PoolConnection | undefined
  const rows: SqlRow[] = []
  let wanted = 0
  let over = false
  let failure: unknown
  let timer: NodeJS.Timeout | undefined
  /** Tells whoever waits that there are as many rows as are wanted, or that no more will come. */
  let wake = nobody

  const end = (error?: unknown): void => {
    over = true
    failure = error
    clearTimeout(timer)
    wake()
  }

  const begin = (taken: PoolConnection): void => {
    connection = taken
    taken
      .query(asSent(statement))
      .on('result', (row: SqlRow) => {
        if (rows.push(row) !== wanted) return
        taken.pause()
        wake()
      })
      .on('error', (error: DriverError) => {
        giveBack(taken, error)
        end(error)
      })
      .on('end', () => {
        // It comes behind an error as well.
        if (over) return
        taken.release()
        end()
      })
  }

  const readRest = (): void => {
    wanted = Number.POSITIVE_INFINITY
    wake = nobody
    timer = setTimeout(() => {
      connection!.destroy()
      end({ code: TIMED_OUT })
    }, patience.rest)
    connection!.resume()
  }

  return {
    next: (count, signal) =>
      new Promise((resolve, reject) => {
        // A statement that is not asked for more is still one that nobody reads from.
        signal.throwIfAborted()
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
        if (connection === undefined) {
          take(greeting, signal, reject, (taken, done) => {
            settled = done
            begin(taken)
          })
        } else {
          settled = destroyOnAbort(signal, reject, () => connection)
          connection.resume()
        }
      }),
  }
}
