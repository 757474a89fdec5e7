import { TIMED_OUT } from './roll-call.js'

/** A signal that aborts when the caller's does, or at the deadline with {@link TIMED_OUT}. */
export interface Deadline {
  readonly signal: AbortSignal
  /** The work is done: nothing is held any more. */
  close(): void
  /** The work is no longer wanted. */
  stop(): void
}

/** Starts the clock. Throws the caller's reason when it has aborted already. */
export const openDeadline = (milliseconds: number, caller: AbortSignal | undefined): Deadline => {
  caller?.throwIfAborted()
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(TIMED_OUT), milliseconds)
  const onAbort = (): void => controller.abort(caller!.reason)
  caller?.addEventListener('abort', onAbort, { once: true })
  const close = (): void => {
    clearTimeout(timer)
    caller?.removeEventListener('abort', onAbort)
  }
  return {
    signal: controller.signal,
    close,
    stop: () => {
      close()
      controller.abort(TIMED_OUT)
    },
  }
}
