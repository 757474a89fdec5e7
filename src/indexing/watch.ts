import { publishIndexing, uuidAndName } from '../observability.js'
import type { CellNote, Swept } from '../search/freshness.js'
import { type Kept, noteOf, troubleOf } from './keeper.js'
import { repair } from './repair.js'
import { LONG_EVERY, SHORT_OVERLAP } from './settings.js'
import { recordsSince, type SidePoll, sidePollsOf, type Touched } from './touched.js'

/** Looks for what has changed in one cell, with no hint at all. */
export interface Watch {
  /** Until the signal aborts. Never rejects for a cell or an index that fails: it tries again. */
  run(signal: AbortSignal): Promise<void>
  /** Hints may have been lost: everything is due. */
  gap(): void
  /** Why the cell can't be kept true now; null when it can. */
  trouble(): string | null
}

/** Milliseconds until a cell or an index that failed is tried again: this, doubled, up to that. */
const PAUSE = 500
const LONGEST_PAUSE = 10_000

interface Round extends SidePoll {
  /** Microseconds by the cell's clock; undefined before the first. */
  since: number | undefined
  /** When it is to be done again. */
  due: number
}

export const watchOf = (kept: Kept, me: string): Watch => {
  const { target, reader, seen, sweep, apply } = kept
  const { index, generation, notes, surroundings, settings } = target
  const { now, time, sleep } = surroundings
  const { cell } = reader

  let asOf: number | undefined
  let longAt = Number.NEGATIVE_INFINITY
  /** What the cell's clock said then. */
  let longClock: number | undefined
  let swept: Swept | null = null
  /** As the last comparison said. */
  let withheld = 0
  let sweepDue = Number.NEGATIVE_INFINITY
  let error: string | null = null
  /** What is still to be looked through behind a gap. */
  let gap = new Set<string>()
  let rounds: readonly Round[] = []
  let hasBegun = false
  let wake = new AbortController()

  const note = (): CellNote => ({
    asOf: asOf!,
    by: me,
    at: time(),
    gap: gap.size > 0,
    error,
    swept,
    withheld,
  })

  const tell = (table: string, from: number, changed: number): void =>
    publishIndexing(() => ({ kind: 'poll', cell: uuidAndName(cell), table, ms: now() - from, changed }))

  /** Where another one, or an earlier process, has left off. */
  const begin = async (signal: AbortSignal): Promise<void> => {
    const { says } = await notes.read<Partial<CellNote>>(noteOf(cell.uuid), signal)
    if (typeof says?.asOf === 'number') asOf = says.asOf
    swept = says?.swept ?? null
    withheld = says?.withheld ?? 0
    longClock = asOf && asOf - 1_000 * LONG_EVERY
    // Whoever had it meanwhile has written what is not known here.
    seen.clear()
    rounds = (await sidePollsOf(reader, table => cell.schemaOf(table, signal))).map(poll => ({
      ...poll,
      since: asOf,
      due: Number.NEGATIVE_INFINITY,
    }))
    hasBegun = true
  }

  /** All that was written by now is in the index, or it rejects. */
  const poll = async (signal: AbortSignal): Promise<void> => {
    const at = now()
    const clock = await reader.clock(signal)
    const begun = gap
    const isLong = gap.has(RECORDS) || at - longAt >= LONG_EVERY
    const overlap = isLong ? settings.overlap : Math.min(settings.overlap, SHORT_OVERLAP)
    // A clock that was set back writes times of before.
    const since = Math.min((isLong ? longClock : asOf) ?? clock, clock) - overlap * 1_000
    let changed = 0
    for await (const uuids of recordsSince(reader, seen, since, signal)) {
      await apply(uuids, signal)
      changed += uuids.length
    }
    await index.refresh(generation, signal)
    tell(reader.whole.resource.table, at, changed)
    if (isLong) {
      longAt = at
      longClock = clock
      // A gap that came meanwhile is another one.
      begun.delete(RECORDS)
    }
    error = null
    // What was never compared is known of nothing.
    if (swept === null) return
    asOf = clock
    await notes.put(noteOf(cell.uuid), note(), signal)
  }

  /** Of what may have changed, what has. */
  const changedOf = async ({ uuids, prefixes }: Touched, signal: AbortSignal): Promise<string[]> => {
    const changed: string[] = []
    for (let i = 0; i < uuids.length; i += TOGETHER) {
      const some = uuids.slice(i, i + TOGETHER)
      const digests = await reader.digests(some, signal)
      for (const uuid of some) {
        const is = digests.get(uuid.toLowerCase())
        if (is !== undefined && is.whole !== seen.get(uuid.toLowerCase())?.whole) changed.push(uuid)
      }
    }
    for (const prefix of prefixes) {
      const differ = await sweep.under(prefix, signal)
      changed.push(...differ.changed, ...differ.gone)
    }
    return changed
  }

  /** What reads a whole table may take a part of the time. */
  const next = (interval: number, since: number): number =>
    now() + Math.max(interval, (now() - since) * (1 / settings.share - 1))

  const look = async (round: Round, signal: AbortSignal): Promise<void> => {
    const since = now()
    const clock = await reader.clock(signal)
    const from = Math.min(round.since ?? clock, clock) - settings.overlap * 1_000
    const begun = gap
    // One that fails does not hold up the others.
    round.due = since + settings.sidePoll
    const touched = await round.find(from, signal)
    const changed = await changedOf(touched, signal)
    await apply(changed, signal)
    touched.done()
    tell(round.table, since, changed.length)
    round.since = clock
    begun.delete(round.table)
    if (gap === begun) round.due = next(settings.sidePoll, since)
  }

  const compare = async (signal: AbortSignal): Promise<void> => {
    const since = now()
    // Nor does one that fails hold up the looks.
    sweepDue = since + Math.min(settings.sweep, LONG_EVERY)
    const clock = await reader.clock(signal)
    const {
      withheld: stay,
      rows,
      ...found
    } = await repair(kept, { repair: true, rate: settings.repairs }, signal)
    swept = found
    withheld = stay
    asOf ??= clock
    sweepDue = next(settings.sweep, since)
    const old = clock - RETENTION
    await index.purge(generation, cell.uuid, old, signal)
  }

  /** The next look into a whole table that is due, or a rest until there is one. */
  const sides = async (signal: AbortSignal): Promise<void> => {
    const due = rounds.reduce((a, b) => (b.due < a.due ? b : a))
    // First looks come before the comparison: what is written between them is found by the second look.
    if (now() >= sweepDue && due.due > Number.NEGATIVE_INFINITY) return compare(signal)
    const rested = Math.min(due.due, sweepDue) - now()
    await (rested > 0 ? rest(rested, signal) : look(due, signal))
  }

  const rest = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
    await sleep(milliseconds, AbortSignal.any([signal, wake.signal]))
  }

  const again = async (signal: AbortSignal, step: (signal: AbortSignal) => Promise<void>): Promise<void> => {
    let pause = PAUSE
    while (!signal.aborted) {
      try {
        await step(signal)
        pause = PAUSE
      } catch (failure) {
        if (signal.aborted) return
        error = troubleOf(failure)
        if (asOf !== undefined) await notes.put(noteOf(cell.uuid), note(), signal).catch(() => {})
        await rest(pause, signal)
        pause = Math.min(2 * pause, LONGEST_PAUSE)
      }
    }
  }

  return {
    trouble: () => error,
    gap: () => {
      gap = new Set([RECORDS, ...rounds.map(({ table }) => table)])
      for (const round of rounds) round.due = Number.NEGATIVE_INFINITY
      wake.abort()
      wake = new AbortController()
    },
    run: async signal => {
      hasBegun = false
      await again(signal, async own => {
        if (!hasBegun) return begin(own)
        // The first look comes before the first comparison: what it writes need not be found to differ.
        await poll(own)
        await Promise.all([
          again(own, async one => {
            await rest(settings.poll, one)
            one.throwIfAborted()
            await poll(one)
          }),
          again(own, sides),
        ])
      })
    },
  }
}

/** The records themselves, among the names of tables. */
const RECORDS = ''

/** Records whose digests are asked for at once. */
const TOGETHER = 1_000

/** Microseconds for which tombstones are kept: nothing is under way for a day. */
const RETENTION = 86_400_000_000
