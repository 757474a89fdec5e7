import type { Pool, PoolConnection, QueryOptions } from 'mysql2'
import type { Sql, SqlValue } from '../sql/fragment.js'

/** A pool, and what each of its connections says before anything else. */
export interface Greeting {
  readonly pool: Pool
  readonly session: string
}

/** Whatever failed was the connection's last word, unless it was an answer. */
export const giveBack = (connection: PoolConnection, error: DriverError): void => {
  if (error.fatal) connection.destroy()
  else connection.release()
}

export type DriverError = Error & { fatal?: boolean | undefined }

export const asSent = ({ text, values }: Sql): QueryOptions & { rowsAsArray: true } => ({
  sql: text,
  values: values as SqlValue[],
  rowsAsArray: true,
})

/** When the signal aborts, the connection that was taken by then is destroyed. Returns what ends that. */
export const destroyOnAbort = (
  signal: AbortSignal,
  reject: (reason: unknown) => void,
  taken: () => PoolConnection | undefined,
): (() => void) => {
  const onAbort = (): void => {
    taken()?.destroy()
    reject(signal.reason)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  return () => signal.removeEventListener('abort', onAbort)
}

const greeted = new WeakSet<object>()

/** Takes a connection that is ready for a statement. `settled` is to be called when the signal is no longer its concern. */
export const take = (
  { pool, session }: Greeting,
  signal: AbortSignal,
  reject: (reason: unknown) => void,
  use: (connection: PoolConnection, settled: () => void) => void,
): void => {
  signal.throwIfAborted()
  let taken: PoolConnection | undefined
  const settled = destroyOnAbort(signal, reject, () => taken)
  pool.getConnection((error, connection: PoolConnection | undefined) => {
    if (signal.aborted) return connection?.release()
    if (error) {
      settled()
      return reject(error)
    }
    taken = connection!
    if (greeted.has(taken)) return use(taken, settled)
    taken.query(session, error => {
      if (error) {
        settled()
        giveBack(taken!, error)
        return reject(error)
      }
      greeted.add(taken!)
      use(taken!, settled)
    })
  })
}
