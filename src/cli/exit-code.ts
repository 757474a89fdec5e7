/** What the command's exit code says. */
export const exitCode = {
  /** Everything that was asked for; also when the reader of the output wanted no more of it. */
  complete: 0,
  /** No answer: the cells, the API database or the output failed. */
  failed: 1,
  /** The arguments are wrong; no cell was asked. */
  usage: 2,
  /** An answer without the cells that the warning names. */
  partial: 3,
  /** The index differs from the cells, or may. */
  untrue: 4,
  interrupted: 130,
} as const
