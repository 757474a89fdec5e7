import type { Files } from './files.js'

/** What a job has, whatever it is. */
export interface Work {
  readonly files: Files
  /** When it aborts, nobody waits for the job any more. */
  readonly signal: AbortSignal
}
