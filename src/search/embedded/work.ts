import type { Files } from './files.js'

/** What a job has, whatever it is. */
export interface Work {
  readonly files: Files
  /** When it aborts, nobody waits for the job any more. */
  readonly signal: AbortSignal
  /** Says the beginning of a list: what is long comes in parts, with time for other things between them. */
  say(part: readonly unknown[]): void
}
