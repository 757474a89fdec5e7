import type { Cell } from '../cells/cell.js'
import { declaredCell } from '../cells/declared-cell.js'
import { IndexingError } from '../errors.js'
import { declaredTables } from '../resources/declared.js'
import type { Resource } from '../resources/resource.js'
import { frameOf } from '../search/frame.js'
import type { CellNote } from '../search/freshness.js'
import { readLayout } from '../search/layout.js'
import type { Generation } from '../search/search-index.js'
import { type Filling, fillCell } from './fill.js'
import { type Kept, keep, noteOf, type Target } from './keeper.js'
import { openLease, RENEWAL } from './lease.js'
import { notesOf } from './notes.js'
import { repair } from './repair.js'
import { recordsSince } from './touched.js'

/** How far a rebuild is. */
export interface RebuildProgress {
  /** `filling`: documents are written; `finishing`: the index makes them searchable; `verifying`: everything is compared with the cells. */
  readonly phase: 'filling' | 'finishing' | 'verifying'
  readonly generation: string
  /** Documents so far, those of a run before included. */
  readonly documents: number
  /** How many there will be, as the cells said when it began. */
  readonly expected: number
  /** Documents a second, since it began or was resumed. */
  readonly rate: number
  /** Milliseconds that filling still takes at this rate; null where that is not known yet. */
  readonly left: number | null
  readonly cells: readonly Filling[]
}

/** What a rebuild has made. */
export interface Rebuilt {
  readonly generation: string
  readonly documents: number
  readonly ms: number
  /** It went on with what an earlier run had left. */
  readonly resumed: boolean
  /** Records that had changed meanwhile, and were mended before the switch. */
  readonly mended: number
}

/** Cells that are filled from at once. */
const AT_ONCE = 4

/** Comparisons before the switch: each finds what has changed during the one before it. */
const ROUNDS = 3

const KEY = 'rebuild'

type Base = Omit<Target, 'generation' | 'frame' | 'notes'>

/** An unfinished generation of this layout, or a new one. What others have left that are not at work any more is dropped. */
const generationFor = async (
  { index, surroundings }: Base,
  resource: Resource,
  layout: string,
  me: string,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly resumed: boolean }> => {
  const unfinished = (await index.generations(signal)).filter(({ ready, current }) => !ready && !current)
  let mine: Generation | undefined
  for (const one of unfinished) {
    const lease = openLease(notesOf(index, one.name), KEY, me, surroundings)
    if (!(await holds(lease, surroundings.sleep, signal))) throw new IndexingError('rebuild-running')
    if (mine === undefined && one.layout === layout) mine = one
    else await index.drop(one.name, signal)
  }
  if (mine !== undefined) return { name: mine.name, resumed: true }
  const { shape } = frameOf(resource, JSON.parse(layout))
  return { name: await index.create(shape, layout, true, signal), resumed: false }
}

/** Waits for a term whether whoever had it still renews it. */
const holds = async (
  lease: ReturnType<typeof openLease>,
  sleep: Target['surroundings']['sleep'],
  signal: AbortSignal,
): Promise<boolean> => {
  for (let i = 0; i < 5; i++) {
    if (await lease.renew(signal)) return true
    await sleep(RENEWAL, signal)
    signal.throwIfAborted()
  }
  return false
}

/**
 * Makes a new generation of all that the cells have, beside the one that answers, and switches to it when it was compared with them. What was
 * broken off goes on where it was.
 */
export const rebuild = async (
  base: Base,
  resource: Resource,
  me: string,
  progress: (progress: RebuildProgress) => void,
  signal: AbortSignal,
): Promise<Rebuilt> => {
  const { inside, index, surroundings } = base
  const { now } = surroundings
  const began = now()
  const cells = inside.cells()
  const declared = cells.map(cell => declaredCell(cell, declaredTables(resource)))
  const layout = await readLayout(resource, declared, signal)
  const { name: generation, resumed } = await generationFor(base, resource, JSON.stringify(layout), me, signal)
  const notes = notesOf(index, generation)
  const target: Target = { ...base, generation, frame: frameOf(resource, layout), notes }
  const lease = openLease(notes, KEY, me, surroundings)
  const over = new AbortController()
  const renewing = (async () => {
    while (!over.signal.aborted) {
      await lease.renew(signal).catch(() => {})
      await surroundings.sleep(RENEWAL, AbortSignal.any([over.signal, signal]))
      if (signal.aborted) return
    }
  })()

  try {
    const kept = cells.map(cell => keep(target, cell, { ...base.settings, guard: { share: 1, least: 0 } }))
    const fillings = new Map<Cell, Filling>()
    let phase: RebuildProgress['phase'] = 'filling'
    let before: number | undefined
    const tell = (): void => {
      const all = [...fillings.values()]
      const documents = all.reduce((sum, one) => sum + one.documents, 0)
      const expected = all.reduce((sum, one) => sum + one.expected, 0)
      before ??= documents
      const rate = (1_000 * (documents - before)) / Math.max(1, now() - began)
      const left = rate > 0 && all.length === cells.length ? (1_000 * (expected - documents)) / rate : null
      progress({
        phase,
        generation,
        documents,
        expected,
        rate,
        left: left === null ? null : Math.max(0, left),
        cells: all,
      })
    }
    const waiting = [...kept]
    const beginnings = new Map<Kept, number>()
    const fillNext = async (): Promise<void> => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
        const { cell } = one.reader
        const { began } = await fillCell(
          one,
          filling => {
            fillings.set(cell, filling)
            tell()
          },
          signal,
        )
        beginnings.set(one, began)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, fillNext))

    phase = 'finishing'
    tell()
    await index.finish(generation, signal)

    phase = 'verifying'
    tell()
    let mended = 0
    for (const one of kept) {
      const { reader, seen, apply } = one
      let since = beginnings.get(one)!
      for (let round = 1; ; round++) {
        const clock = await reader.clock(signal)
        const from = Math.min(since, clock) - base.settings.overlap * 1_000
        for await (const uuids of recordsSince(reader, seen, from, signal))
          mended += (await apply(uuids, signal)).written
        const swept = await repair(one, { repair: true, rate: Number.POSITIVE_INFINITY }, signal)
        mended += swept.mended
        since = clock
        if (swept.drift > 0 && round < ROUNDS) continue
        await index.refresh(generation, signal)
        const { rows, withheld, ...rest } = swept
        const note: CellNote = {
          asOf: clock,
          by: me,
          at: surroundings.time(),
          gap: false,
          error: null,
          swept: rest,
          withheld,
        }
        await notes.put(noteOf(reader.cell.uuid), note, signal)
        break
      }
    }
    await switchOver(base, generation, signal)
    const documents = [...fillings.values()].reduce((sum, one) => sum + one.documents, 0)
    return { generation, documents, ms: now() - began, resumed, mended }
  } finally {
    over.abort()
    await renewing
    await lease.release(new AbortController().signal).catch(() => {})
  }
}

/** The one before stays, so that it can be gone back to; those before that go. */
const switchOver = async (
  { index, surroundings }: Base,
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
export const rollback = async ({ index }: Base, signal: AbortSignal): Promise<string> => {
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
