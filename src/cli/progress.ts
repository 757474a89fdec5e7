import ora from 'ora'
import type { Environment, Output } from './context.js'
import { rateNote } from './notes.js'
import { hasColours } from './output.js'

/** Says on a terminal how far a long answer is. */
export interface Progress {
  rows(count: number): void
  stop(): void
}

/** Starts the clock and, on a terminal, the spinner. */
export const startProgress = (stream: Output, env: Environment): Progress => {
  const terminal = stream.isTTY === true
  const start = performance.now()
  const spinner = ora({
    text: 'asking the cells',
    stream,
    isEnabled: terminal,
    isSilent: !terminal,
    color: hasColours(stream, env) && 'cyan',
    // It would put the terminal into raw mode, and Ctrl-C would be its business in place of ours.
    discardStdin: false,
  }).start()
  return {
    rows: count => {
      spinner.text = rateNote(count, performance.now() - start)
    },
    stop: () => {
      spinner.stop()
    },
  }
}
