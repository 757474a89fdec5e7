import type { CellName } from '../cells/cell.js'
import { IndexError } from '../errors.js'
import { name, sql } from '../sql/fragment.js'
import { SOON } from './asking.js'
import { type Kept, troubleOf } from './keeper.js'

/** How far a cell is that a new generation is filled from. */
export interface Filling extends CellName {
  readonly documents: number
  readonly expected: number
  readonly state: 'filling' | 'waiting' | 'filled'
  /** Why it waits. */
  readonly error: string | null
}

/** What is remembered of it in the generation. Microseconds by the cell's clock. */
export interface Filled {
  /** Before anything was read. */
  readonly began: number
  /** All up to this uuid is in. */
  readonly upTo: string
  readonly documents: number
  readonly done: boolean
}

/** Records that are read at once. */
const BATCH = 1_000

/** Milliseconds until a cell or index that failed is tried again: this, doubled, up to that. */
const PAUSE = 1_000
const LONGEST_PAUSE = 30_000

/**
 * Writes all that a cell has, one batch being read while the one before it is written. Goes on where it was. By uuid: what belongs to an
 * instance is found by it, and an index keeps its documents by it, so that neighbours are read and written together.
 */
export const fillCell = async (
  kept: Kept,
  progress: (filling: Filling) => void,
  signal: AbortSignal,
): Promise<Filled> => {
  const { reader, target } = kept
  const { cell, whole } = reader
  const { index, generation, notes, surroundings } = target
  const { table, uuid } = whole.resource
  const key = `filled ${cell.uuid}`
  let filled: Filled | undefined
  let expected = 0
  let pause = PAUSE

  const tell = (state: Filling['state'], error: string | null): void =>
    progress({
      uuid: cell.uuid,
      name: cell.name,
      documents: filled?.documents ?? 0,
      expected: Math.max(expected, filled?.documents ?? 0),
      state,
      error,
    })

  const begin = async (): Promise<Filled> => {
    const [[count]] = (await reader.rows(sql`SELECT COUNT(*) FROM ${name(table)}`, SOON, signal)) as [[number]]
    expected = Number(count)
    const { says } = await notes.read<Filled>(key, signal)
    return says ?? { began: await reader.clock(signal), upTo: '', documents: 0, done: false }
  }

  const uuidsBehind = async (upTo: string): Promise<readonly string[]> => {
    const own = name(uuid!)
    const statement = sql`SELECT ${own} FROM ${name(table)} WHERE ${own} > ${upTo} ORDER BY ${own} LIMIT ${BATCH}`
    return (await reader.rows(statement, SOON, signal)).map(([uuid]) => String(uuid))
  }

  const read = async (upTo: string): Promise<Read | undefined> => {
    const uuids = await uuidsBehind(upTo)
    const last = uuids.at(-1)
    return last === undefined ? undefined : { back: await reader.read(uuids, signal), upTo: last }
  }

  const write = async ({ back, upTo }: Read): Promise<void> => {
    const documents = back.documents.filter(one => !('gone' in one))
    const outcomes = await index.write(generation, documents, signal)
    if (outcomes.includes('transient')) throw new IndexError('TRANSIENT')
    const held = outcomes.filter(outcome => outcome !== 'poison').length
    filled = { ...filled!, upTo, documents: filled!.documents + held }
    await notes.put(key, filled, signal)
  }

  const step = async (): Promise<void> => {
    filled ??= await begin()
    let next = filled.done ? undefined : await read(filled.upTo)
    tell('filling', null)
    while (next !== undefined) {
      const following = read(next.upTo)
      following.catch(() => {})
      await write(next)
      tell('filling', null)
      next = await following
      pause = PAUSE
    }
    filled = { ...filled, done: true }
    await notes.put(key, filled, signal)
  }

  while (filled === undefined || !filled.done) {
    try {
      await step()
    } catch (error) {
      signal.throwIfAborted()
      tell('waiting', troubleOf(error))
      await surroundings.sleep(pause, signal)
      signal.throwIfAborted()
      pause = Math.min(2 * pause, LONGEST_PAUSE)
    }
  }
  tell('filled', null)
  return filled
}

interface Read {
  readonly back: Awaited<ReturnType<Kept['reader']['read']>>
  readonly upTo: string
}
