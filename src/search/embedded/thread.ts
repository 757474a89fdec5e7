import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import Database from 'libsql/promise'
import { IndexError } from '../../errors.js'
import type { Args, Said, Verb } from './jobs.js'
import type { Answer, Part, Told } from './serve.js'

/** A thread that has begun. */
export interface Wire {
  postMessage(told: Told): void
  on(event: 'message', heard: (answer: Answer | Part) => void): unknown
  /** Whether the process goes on for its sake. */
  ref(): void
  unref(): void
  /** A symbol for why it has ended. */
  readonly ended: Promise<string>
}

/** A job that is under way. */
export interface Job<V extends Verb> {
  /** Rejects with the signal's reason as soon as it aborts. */
  readonly said: Promise<Said<V>>
  /** The thread does nothing for it any more. Never rejects. */
  readonly over: Promise<void>
}

/** A thread that is begun when it is needed, and begun again when it has ended. */
export interface Thread {
  /** What comes in parts is sent one after the other, with time for other things between them; from the first on where it has to be asked again. */
  ask<V extends Verb>(verb: V, args: Args<V>, signal: AbortSignal, parts?: () => Iterable<unknown>): Job<V>
  /** What it has open is let go: another one does what is asked from now on. */
  renew(): void
  /** Resolves when it has ended. What is under way has to be over. */
  close(): Promise<void>
}

/**
 * The driver steps statements on threads of its own, as many in a process as there are processors: some that take long would keep all others
 * waiting, short ones and those that write. There are to be as many as statements at once. It reads that from the environment, once.
 */
const STEPPING = 'TOKIO_WORKER_THREADS'
const AT_ONCE = '8'

const widen = (): void => {
  if (process.env[STEPPING] !== undefined) return
  process.env[STEPPING] = AT_ONCE
  new Database(':memory:', {}).close()
  delete process.env[STEPPING]
}

/** Starts a real one. */
export const startWorker = (path: string): Wire => {
  widen()
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: path })
  const ended = new Promise<string>(resolve => {
    worker.on('error', error => resolve((error as NodeJS.ErrnoException).code ?? 'THREAD_LOST'))
    worker.on('exit', () => resolve('THREAD_LOST'))
  })
  return Object.assign(worker, { ended })
}

interface Waiting {
  /** What was said so far. */
  readonly parts: (readonly unknown[])[]
  readonly heard: (answer: Answer) => void
}

interface Running {
  readonly wire: Wire
  readonly waiting: Map<number, Waiting>
  ending: boolean
}

export const openThread = (start: () => Wire): Thread => {
  let current: Running | undefined
  let lastId = 0
  const all = new Set<Promise<string>>()

  const begin = (): Running => {
    const wire = start()
    const running: Running = { wire, waiting: new Map(), ending: false }
    all.add(wire.ended)
    wire.on('message', answer => {
      const { parts, heard } = running.waiting.get(answer.id)!
      if ('part' in answer) {
        parts.push(answer.part)
        return
      }
      running.waiting.delete(answer.id)
      if (answer.ending) retire(running)
      rest(running)
      heard(parts.length === 0 ? answer : { ...answer, said: [...parts, answer.said].flat() })
    })
    void wire.ended.then(reason => {
      all.delete(wire.ended)
      retire(running)
      for (const [id, { heard }] of running.waiting) heard({ id, reason, ending: true })
    })
    return running
  }

  const retire = (running: Running): void => {
    running.ending = true
    if (current === running) current = undefined
  }

  /** Nothing may be under way: then the process need not go on for it, but to see it end. */
  const rest = ({ wire, waiting, ending }: Running): void => {
    if (waiting.size > 0) return
    if (ending) wire.postMessage('end')
    else wire.unref()
  }

  const renew = (): void => {
    if (current === undefined) return
    const running = current
    retire(running)
    running.wire.ref()
    rest(running)
  }

  const answerTo = async (
    verb: Verb,
    args: readonly unknown[],
    signal: AbortSignal,
    parts?: () => Iterable<unknown>,
  ): Promise<Answer> => {
    for (;;) {
      current ??= begin()
      const { wire, waiting } = current
      const id = ++lastId
      const stop = (): void => wire.postMessage({ stop: id })
      signal.addEventListener('abort', stop, { once: true })
      wire.ref()
      const answered = new Promise<Answer>(heard => waiting.set(id, { parts: [], heard }))
      wire.postMessage({ id, verb, args })
      for (const part of parts?.() ?? []) {
        if (!waiting.has(id)) break
        wire.postMessage({ of: id, part })
        await setImmediate()
      }
      if (parts !== undefined) wire.postMessage({ of: id })
      const answer = await answered
      signal.removeEventListener('abort', stop)
      if (!answer.again || signal.aborted) return answer
    }
  }

  return {
    ask: <V extends Verb>(
      verb: V,
      args: Args<V>,
      signal: AbortSignal,
      parts?: () => Iterable<unknown>,
    ): Job<V> => {
      const answered = answerTo(verb, args, signal, parts)
      const said = new Promise<Said<V>>((resolve, reject) => {
        const abort = (): void => reject(signal.reason)
        signal.addEventListener('abort', abort, { once: true })
        void answered.then(answer => {
          signal.removeEventListener('abort', abort)
          if (answer.reason === undefined) resolve(answer.said as Said<V>)
          else reject(new IndexError(answer.reason))
        })
      })
      return { said, over: answered.then(() => {}) }
    },
    renew,
    close: async () => {
      renew()
      await Promise.all(all)
    },
  }
}
