import { declaredCell } from '../cells/declared-cell.js'
import { declaredTables } from '../resources/declared.js'
import type { Resource } from '../resources/resource.js'
import { frameOf } from '../search/frame.js'
import { readLayout } from '../search/layout.js'
import { fillCell } from './fill.js'
import { fillingLease, generationFor, type Owner, switchOver } from './generations.js'
import { type Kept, keep, noteOf, type Target } from './keeper.js'
import { renewing } from './lease.js'
import { notesOf } from './notes.js'
import { openMeter, type RebuildProgress } from './rebuild-progress.js'
import { repair } from './repair.js'
import { recordsSince } from './touched.js'

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

/** What is gone in a cell was never in a new generation, or has been there for minutes. */
const ANYTHING = { share: 1, least: Number.POSITIVE_INFINITY }

/**
 * Makes a new generation of all that the cells have, beside the one that answers, and switches to it when it was compared with them. What was
 * broken off goes on where it was.
 */
export const rebuild = async (
  base: Omit<Target, 'generation' | 'frame' | 'notes'> & Owner,
  resource: Resource,
  tell: (progress: RebuildProgress) => void,
  signal: AbortSignal,
): Promise<Rebuilt> => {
  const { inside, index, surroundings, settings } = base
  const { now } = surroundings
  const began = now()
  const cells = inside.cells()
  const declared = cells.map(cell => declaredCell(cell, declaredTables(resource)))
  const layout = await readLayout(resource, declared, signal)
  const { name: generation, resumed } = await generationFor(base, resource, JSON.stringify(layout), signal)
  const stop = renewing(fillingLease(base, generation), surroundings, signal)
  try {
    const notes = notesOf(index, generation)
    const target = { ...base, generation, frame: frameOf(resource, layout), notes }
    const meter = openMeter(generation, cells.length, tell, now)
    const own = cells.map(cell => keep({ ...target, settings: { ...settings, guard: ANYTHING } }, cell))
    const filled = new Map<Kept, number>()
    const waiting = [...own]
    const fillNext = async (): Promise<void> => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift())
        filled.set(one, (await fillCell(one, meter.cell, signal)).began)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, fillNext))
    meter.phase('finishing')
    await index.finish(generation, signal)
    meter.phase('verifying')
    let mended = 0
    for (const [kept, since] of filled) mended += await verified(kept, since, base.me, signal)
    await switchOver(base, generation, signal)
    return { generation, documents: meter.documents(), ms: now() - began, resumed, mended }
  } finally {
    await stop()
  }
}

/** Brings a cell's documents up to date, compares them, and says how true they are; how many were mended. */
const verified = async (kept: Kept, began: number, me: string, signal: AbortSignal): Promise<number> => {
  const { reader, seen, apply, target } = kept
  const { index, generation, notes, settings, surroundings } = target
  let mended = 0
  let clock = began
  for (let round = 1, drift = 1; drift > 0 && round <= ROUNDS; round++) {
    const since = clock
    clock = await reader.clock(signal)
    const from = Math.min(since, clock) - settings.overlap * 1_000
    for await (const uuids of recordsSince(reader, seen, from, signal))
      mended += (await apply(uuids, signal)).written
    const all = { repair: true, rate: Number.POSITIVE_INFINITY }
    const { rows, withheld, ...swept } = await repair(kept, all, signal)
    mended += swept.mended
    drift = swept.drift
    const said = { by: me, at: surroundings.time(), gap: false, error: null, swept, withheld }
    await notes.put(noteOf(reader.cell.uuid), { asOf: clock, ...said }, signal)
  }
  await index.refresh(generation, signal)
  return mended
}
