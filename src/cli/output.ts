import type { Writable } from 'node:stream'
import type { Environment, Output } from './context.js'

/** Writes a text, and waits until the stream has taken all of it: no more than one text is ever in memory. */
export const write = (stream: Writable, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(text, error => (error ? reject(error) : resolve()))
  })

/** Writes what nobody has to hear: there is nowhere to say that it failed. */
export const say = (stream: Writable, text: string): Promise<void> => write(stream, text).catch(() => {})

/** Where the lines of a terminal end; Infinity where there is none. */
export const widthOf = ({ isTTY, columns }: Output): number => (isTTY === true ? (columns ?? 80) : Infinity)

/** Whether to colour what is written there (no-color.org). */
export const hasColours = ({ isTTY }: Output, env: Environment): boolean => isTTY === true && !env.NO_COLOR
