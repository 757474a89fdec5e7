import type { Sql } from '../sql/fragment.js'
import { TIMED_OUT } from './cell.js'
import type { RowStream, SqlRow } from './connection.js'
import type { Line } from './line.js'
import type { Run } from './send.js'
import { begin, type Desk, onAbort } from './statement.js'

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
  const rows: SqlRow[] = []
  let line: Line | undefined
  let wanted = 0
  let over = false
  let failure: { readonly reason: unknown } | undefined
  let timer: NodeJS.Timeout | undefined
  /** Gives the statement up; undefined until it is asked. */
  let abandon: (() => void) | undefined
  let stillWanted = nobody
  /** Tells whoever waits that there are as many rows as are wanted, or that no more will come. */
  let wake = nobody

  const end = (why?: { readonly reason: unknown }): void => {
    over = true
    failure = why
    clearTimeout(timer)
    stillWanted()
    wake()
  }

  const giveUp = (reason: unknown): void => {
    abandon!()
    end({ reason })
  }

  const run: Run = (taken, options, done) => {
    line = taken
    taken.connection
      .query(options)
      .on('result', (row: SqlRow) => {
        taken.silent = false
        if (rows.push(row) !== wanted) return
        taken.connection.pause()
        wake()
      })
      .on('error', done)
      // It comes behind an error as well.
      .on('end', () => done(null))
  }

  const ask = (): void => {
    stillWanted = onAbort(life, () => giveUp(life.reason))
    abandon = begin(desk, statement, run, error => end(error === null ? undefined : { reason: error }))
  }

  const readRest = (): void => {
    wanted = Number.POSITIVE_INFINITY
    timer = setTimeout(giveUp, patience.rest, { code: TIMED_OUT, fatal: true })
    line!.connection.resume()
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
          wake = nobody
          if (failure) reject(failure.reason)
          else resolve(rows.splice(0, count))
          if (!over) timer = setTimeout(readRest, patience.idle)
        }
        if (over || rows.length >= count) return give()
        wanted = count
        wake = give
        settled = onAbort(signal, () => giveUp(signal.reason))
        if (abandon === undefined) ask()
        else line?.connection.resume()
      }),
  }
}
