import type { CellName } from '../cells/cell.js'
import { IndexError } from '../errors.js'
import { name, sql } from '../sql/fragment.js'
import { SOON } from './asking.js'
import { isTrouble, type Kept, troubleOf } from './keeper.js'

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
  /** All up to this id is in. */
  readonly upTo: number
  readonly documents: number
  readonly done: boolean
}

/** Records that are read at once. */
const BATCH = 1_000

/** Milliseconds until a cell or index that failed is tried again: this, doubled, up to that. */
const PAUSE = 1_000
const LONGEST_PAUSE = 30_000

/** Writes all that a cell has, by its ids: one batch is read while the one before it is written. Goes on where it was. */
export const fillCell = async (
  kept: Kept,
  progress: (filling: Filling) => void,
  signal: AbortSignal,
): Promise<Filled> => {
  const { reader, target } = kept
  const { cell, whole } = reader
  const { index, generation, notes, surroundings } = target
  const { table, id, uuid } = whole.resource
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
    return says ?? { began: await reader.clock(signal), upTo: 0, documents: 0, done: false }
  }

  const idsBehind = async (upTo: number): Promise<readonly (readonly [number, string])[]> => {
    const statement = sql`SELECT ${name(id)}, ${name(uuid!)} FROM ${name(table)} WHERE ${name(id)} > ${upTo} ORDER BY ${name(id)} LIMIT ${BATCH}`
    const rows = await reader.rows(statement, SOON, signal)
    return rows.map(([id, uuid]) => [Number(id), String(uuid)] as const)
  }

  const read = async (upTo: number): Promise<Read | undefined> => {
    const ids = await idsBehind(upTo)
    if (ids.length === 0) return undefined
    const back = await reader.read(
      ids.map(([, uuid]) => uuid),
      signal,
    )
    return { back, upTo: ids.at(-1)![0] }
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
      if (!isTrouble(error)) throw error
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
  readonly upTo: number
}
