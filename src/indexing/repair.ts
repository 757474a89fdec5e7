import { publishIndexing, uuidAndName } from '../observability.js'
import type { Swept } from '../search/freshness.js'
import type { Kept } from './keeper.js'

/** How a sweep goes about it. */
export interface Repairing {
  /** Look only. */
  readonly repair: boolean
  /** Records that are read back in a second. */
  readonly rate: number
}

const shuffled = <T>(items: readonly T[], random: () => number): T[] =>
  items
    .map(item => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)

/** Compares everything, and mends what differs. What is gone goes last, and only as far as the guard allows. */
export const repair = async (
  { target: { surroundings }, reader: { cell }, sweep, apply }: Kept,
  { repair, rate }: Repairing,
  signal: AbortSignal,
): Promise<Swept & { readonly rows: number; readonly withheld: number }> => {
  const { now, time, random, sleep } = surroundings
  const since = now()
  const { records, differing, rows } = await sweep.buckets(signal)
  let [drift, mended, withheld, read] = [0, 0, 0, rows]
  for (const prefix of shuffled(differing, random)) {
    const { changed, gone, rows } = await sweep.under(prefix, signal)
    const uuids = [...changed, ...gone]
    drift += uuids.length
    read += rows
    if (!repair || uuids.length === 0) continue
    const from = now()
    const applied = await apply(uuids, signal)
    mended += applied.written
    withheld += applied.withheld
    await sleep(Math.max(0, (uuids.length * 1_000) / rate - (now() - from)), signal)
    signal.throwIfAborted()
  }
  const found = { ms: now() - since, records, drift, mended, withheld, rows: read }
  publishIndexing(() => ({ kind: 'sweep', cell: uuidAndName(cell), ...found }))
  return { at: time(), ...found }
}
