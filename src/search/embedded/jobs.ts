import { IndexError } from '../../errors.js'
import type { Shape } from '../shape.js'
import { create, drop, generations, switchTo } from './catalog.js'
import { find } from './find.js'
import { finish } from './finish.js'
import { type Generation, openGeneration, stateOf } from './generation.js'
import { type Looking, look } from './looking.js'
import { notes, setNote } from './notes.js'
import { buckets, purge, scan } from './sweep.js'
import { tally } from './tally.js'
import type { Work } from './work.js'
import { write } from './write.js'

/** A job that looks at one moment of a generation. */
const looking =
  <A extends readonly unknown[], T>(job: (looking: Looking, ...args: A) => Promise<T>) =>
  async (work: Work, name: string, ...args: A): Promise<T> => {
    const { connection, columns } = await openGeneration(work.files, name)
    return look(connection, columns, work, one => job(one, ...args))
  }

/** One that needs all that finds documents. */
const finding =
  <A extends readonly unknown[], T>(job: (looking: Looking, ...args: A) => Promise<T>) =>
  async (work: Work, name: string, ...args: A): Promise<T> => {
    if ((await stateOf(await openGeneration(work.files, name))) !== 'open') throw new IndexError('NOT_FINISHED')
    return looking(job)(work, name, ...args)
  }

const writing =
  <A extends readonly unknown[], T>(
    job: (generation: Generation, signal: AbortSignal, ...args: A) => Promise<T>,
  ) =>
  async ({ files, signal }: Work, name: string, ...args: A): Promise<T> =>
    job(await openGeneration(files, name), signal, ...args)

/** What the threads that read do. */
const reads = {
  generations,
  shape: async ({ files }: Work, name: string): Promise<Shape> =>
    (await openGeneration(files, name)).columns.shape,
  find: finding(find),
  tally: finding(tally),
  scan: looking(scan),
  buckets: looking(buckets),
  notes: looking(notes),
}

/** What the thread that writes does. */
const writes = {
  create,
  finish,
  switchTo,
  drop,
  write: writing(write),
  purge: writing(purge),
  setNote: writing(setNote),
}

export const jobs = { ...reads, ...writes }

export type ReadVerb = keyof typeof reads
export type WriteVerb = keyof typeof writes
export type Verb = ReadVerb | WriteVerb

/** What a job is asked with. What comes in parts is sent behind it. */
export type Args<V extends Verb> = V extends 'write'
  ? readonly [generation: string]
  : (typeof jobs)[V] extends (work: Work, ...args: infer A) => unknown
    ? A
    : never
/** What a job says. */
export type Said<V extends Verb> = Awaited<ReturnType<(typeof jobs)[V]>>
