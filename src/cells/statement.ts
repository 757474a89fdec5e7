import { randomBytes } from 'node:crypto'
import type { Sql, SqlValue } from '../sql/fragment.js'
import type { Connections } from './connections.js'
import type { Killer } from './kill.js'
import { hasRegexp, heedingWarnings } from './regexp-warning.js'
import { type Done, type Run, send } from './send.js'

/** What the statements to one database run over, and what ends those that were given up. */
export interface Desk {
  readonly connections: Connections
  readonly killer: Killer
}

/** By this and its number a statement is known in the server's process list. */
const PROCESS = randomBytes(6).toString('hex')
let statements = 0

/** Runs a statement. Returns what gives it up: it is killed, and its connection cut. */
export const begin = (
  { connections, killer }: Desk,
  { text, values }: Sql,
  run: Run,
  done: Done,
): (() => void) => {
  const tag = `/* crosscell ${PROCESS}-${++statements} */ `
  const giveUp = send(
    connections,
    { sql: tag + text, values: values as SqlValue[], rowsAsArray: true },
    hasRegexp(text) ? heedingWarnings(run) : run,
    done,
  )
  return () => {
    const thread = giveUp()
    if (thread !== undefined) killer.kill({ thread, tag })
  }
}

const ONCE = { once: true }

/** Does something when the signal aborts. Returns what ends that. */
export const onAbort = (signal: AbortSignal, act: () => void): (() => void) => {
  signal.addEventListener('abort', act, ONCE)
  return () => signal.removeEventListener('abort', act)
}
