import { IndexError } from '../../errors.js'
import { type Feed, openFeed } from './feed.js'
import { FilesChanged, openFiles } from './files.js'
import { jobs, type Verb } from './jobs.js'
import { isOfFile, reasonOf } from './reasons.js'
import { CATALOG_TABLES } from './tables.js'

/** What a thread is told: to do a job, that nobody waits for it any more, or that it is no longer needed, once all is answered. */
export type Told =
  | Job
  /** More of what a job is about; nothing at its end. */
  | { readonly of: number; readonly part?: unknown }
  | { readonly stop: number }
  | 'end'

interface Job {
  readonly id: number
  readonly verb: Verb
  readonly args: readonly unknown[]
}

/** The beginning of what it says of a job, where that is a long list. */
export interface Part {
  readonly id: number
  readonly part: readonly unknown[]
}

/** What it says of each job. `again`: another thread has to do it. `ending`: another one has to do all further jobs. */
export interface Answer {
  readonly id: number
  readonly said?: unknown
  readonly reason?: string
  readonly again?: true
  readonly ending: boolean
}

/** The thread's end of its wire. */
export interface Port {
  on(event: 'message', heard: (told: Told) => void): unknown
  postMessage(answer: Answer | Part): void
  close(): void
}

/** Does what it is told. */
export const serve = (port: Port, path: string): void => {
  const files = openFiles(path, CATALOG_TABLES)
  const running = new Map<number, { readonly stop: AbortController; readonly feed: Feed<unknown> }>()
  let ending = false

  const answerOf = async (
    { id, verb, args }: Job,
    feed: Feed<unknown>,
    signal: AbortSignal,
  ): Promise<Partial<Answer>> => {
    if (ending) return { again: true }
    try {
      const job = jobs[verb] as (...args: readonly unknown[]) => Promise<unknown>
      const say = (part: readonly unknown[]): void => port.postMessage({ id, part })
      const said = await job({ files, signal, say }, ...args, feed)
      // What is open of its file is let go with the thread.
      if (verb === 'drop') ending = true
      return { said }
    } catch (error) {
      if (signal.aborted) return { reason: 'STOPPED' }
      if (error instanceof FilesChanged) {
        ending = true
        return { again: true }
      }
      const reason = error instanceof IndexError ? error.reason : reasonOf(error)
      if (isOfFile(reason)) ending = true
      return { reason }
    }
  }

  const start = async (job: Job): Promise<void> => {
    const { id } = job
    const stop = new AbortController()
    const feed = openFeed(stop.signal)
    running.set(id, { stop, feed })
    const answer = await answerOf(job, feed, stop.signal)
    running.delete(id)
    port.postMessage({ id, ending, ...answer })
  }

  port.on('message', told => {
    if (told === 'end') {
      files.close()
      port.close()
    } else if ('stop' in told) running.get(told.stop)?.stop.abort()
    else if ('id' in told) void start(told)
    else if ('part' in told) running.get(told.of)?.feed.push(told.part)
    else running.get(told.of)?.feed.end()
  })
}
