import { IndexingError } from '../errors.js'
import type { Resource } from '../resources/resource.js'
import { frameOf } from '../search/frame.js'
import type { Generation, SearchIndex } from '../search/search-index.js'
import { type Lease, openLease, RENEWAL, TERM } from './lease.js'
import { notesOf } from './notes.js'
import type { Surroundings } from './surroundings.js'

/** Whose generations these are. */
export interface Owner {
  readonly index: SearchIndex
  readonly surroundings: Surroundings
  /** This indexer, as leases name it. */
  readonly me: string
}

/** Who fills a generation. */
export const fillingLease = ({ index, surroundings, me }: Owner, generation: string): Lease =>
  openLease(notesOf(index, generation), 'rebuild', me, surroundings)

/** An unfinished generation of this layout, or a new one. What others have left that are not at work any more is dropped. */
export const generationFor = async (
  owner: Owner,
  resource: Resource,
  layout: string,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly resumed: boolean }> => {
  const { index, surroundings } = owner
  const unfinished: Generation[] = []
  for (const one of await index.generations(signal))
    if (!one.current && !(one.ready && (await wasSwitchedTo(index, one.name, signal)))) unfinished.push(one)
  let mine: Generation | undefined
  for (const one of unfinished) {
    if (!(await holds(fillingLease(owner, one.name), surroundings.sleep, signal)))
      throw new IndexingError('rebuild-running')
    if (mine === undefined && one.layout === layout) mine = one
    else await index.drop(one.name, signal)
  }
  if (mine !== undefined) return { name: mine.name, resumed: true }
  const { shape } = frameOf(resource, JSON.parse(layout))
  return { name: await index.create(shape, layout, true, signal), resumed: false }
}

/** Whether it has answered. One that is ready and has not was given up while it was compared. */
const wasSwitchedTo = async (index: SearchIndex, generation: string, signal: AbortSignal): Promise<boolean> =>
  (await notesOf(index, generation).read('switched', signal)).says !== undefined

/** Waits for a term whether whoever had it still renews it. */
const holds = async (lease: Lease, sleep: Surroundings['sleep'], signal: AbortSignal): Promise<boolean> => {
  for (let waited = 0; waited <= TERM + RENEWAL; waited += RENEWAL) {
    if (await lease.renew(signal)) return true
    await sleep(RENEWAL, signal)
    signal.throwIfAborted()
  }
  return false
}

/** The one before stays, so that it can be gone back to; those before that go. */
export const switchOver = async (
  { index, surroundings }: Owner,
  generation: string,
  signal: AbortSignal,
): Promise<void> => {
  const all = await index.generations(signal)
  const before = all.find(({ current }) => current)?.name
  await notesOf(index, generation).put('switched', { at: surroundings.time(), before: before ?? null }, signal)
  await index.switchTo(generation, signal)
  for (const { name, ready } of all)
    if (ready && name !== generation && name !== before) await index.drop(name, signal)
}

/** Goes back to the generation before the one that answers; its name. */
export const rollback = async ({ index }: Pick<Owner, 'index'>, signal: AbortSignal): Promise<string> => {
  const all = await index.generations(signal)
  const current = all.find(one => one.current)
  if (current === undefined) throw new IndexingError('no-generation')
  const { says } = await notesOf(index, current.name).read<{ readonly before: string | null }>(
    'switched',
    signal,
  )
  const before = all.find(({ name, ready }) => ready && name === says?.before)
  if (before === undefined) throw new IndexingError('no-generation-before')
  await index.switchTo(before.name, signal)
  return before.name
}
