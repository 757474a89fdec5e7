import ora from 'ora'
import type { Environment, Output } from './context.js'
import { rateNote } from './notes.js'
import { hasColours } from './output.js'

/** A line that changes, on a terminal; elsewhere nothing. */
export interface Line {
  show(text: string): void
  /** Takes it away while something else is written. */
  aside(write: () => Promise<void>): Promise<void>
  stop(): void
}

/** Shows a text with a spinner, where there is a terminal. */
export const startLine = (stream: Output, env: Environment, text: string): Line => {
  const terminal = stream.isTTY === true
  const spinner = ora({
    text,
    stream,
    isEnabled: terminal,
    isSilent: !terminal,
    color: hasColours(stream, env) && 'cyan',
    // It would put the terminal into raw mode, and Ctrl-C would be its business in place of ours.
    discardStdin: false,
  }).start()
  return {
    show: text => {
      spinner.text = text
    },
    aside: async write => {
      spinner.stop()
      await write()
      spinner.start()
    },
    stop: () => {
      spinner.stop()
    },
  }
}

/** Says on a terminal how far a long answer is. */
export interface Progress {
  rows(count: number): void
  stop(): void
}

/** Starts the clock and, on a terminal, the spinner. */
export const startProgress = (stream: Output, env: Environment): Progress => {
  const start = performance.now()
  const line = startLine(stream, env, 'asking the cells')
  return {
    rows: count => line.show(rateNote(count, performance.now() - start)),
    stop: line.stop,
  }
}
