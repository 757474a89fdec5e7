import { getEventListeners, setMaxListeners } from 'node:events'
import { NOT_WANTED, TIMED_OUT } from '../cells/cell.js'
import { belongsTo } from '../cells/limiter.js'
import type { Announced } from './announce.js'

/** The time that a request has where its caller names none, in milliseconds. */
export const DEADLINE_MS = 10_000

/** Statements that begin within so many milliseconds have one signal: a page of 100 cells needs one timer, not a hundred. */
const TOGETHER_MS = 1

/** The time that a request has. */
export interface Deadline {
  /** The request, when somebody listens to it: the statements that begin under this deadline are its own. */
  readonly request: Announced | undefined
  /**
   * A signal for statements that begin now: it aborts when the caller's does, and with {@link TIMED_OUT} when half of the time that
   * is left now is over. So a cell that hangs never uses up the time in which the others' next statements
   * have to be answered: whatever hangs, half of what was left is left.
   */
  part(): AbortSignal
  /** The work is done. A statement that is still under way, for rows that were not needed in the end, keeps its time. */
  close(): void
  /** The work is no longer wanted. */
  stop(): void
}

/** Starts the clock. Throws the caller's reason when it has aborted already. */
export const openDeadline = (
  milliseconds: number,
  caller: AbortSignal | undefined,
  request?: Announced,
): Deadline => {
  caller?.throwIfAborted()
  const end = performance.now() + milliseconds
  const parts = new Map<AbortController, NodeJS.Timeout>()
  let latest: { readonly signal: AbortSignal; readonly at: number } | undefined
  const close = (): void => {
    for (const [part, timer] of parts)
      if (getEventListeners(part.signal, 'abort').length === 0) clearTimeout(timer)
    parts.clear()
    caller?.removeEventListener('abort', onAbort)
  }
  const abortAll = (reason: unknown): void => {
    for (const part of parts.keys()) part.abort(reason)
    close()
  }
  const onAbort = (): void => abortAll(caller!.reason)
  caller?.addEventListener('abort', onAbort, { once: true })
  return {
    request,
    part: () => {
      caller?.throwIfAborted()
      const at = performance.now()
      if (latest !== undefined && at - latest.at < TOGETHER_MS) return latest.signal
      const controller = new AbortController()
      setMaxListeners(0, controller.signal)
      belongsTo(controller.signal, parts)
      request?.owns(controller.signal)
      const left = Math.max(end - at, 0)
      parts.set(
        controller,
        setTimeout(() => controller.abort(TIMED_OUT), left / 2),
      )
      latest = { signal: controller.signal, at }
      return controller.signal
    },
    close,
    stop: () => abortAll(NOT_WANTED),
  }
}
