import type { Writable } from 'node:stream'

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A stream that may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** Where the command runs. */
export interface Context {
  /** The arguments behind the command's name. */
  readonly argv: readonly string[]
  readonly env: Environment
  readonly stdout: Output
  readonly stderr: Output
  /** Interrupts the command. */
  readonly signal: AbortSignal
}
