import type { TableSchema } from '../cells/table-schema.js'
import { type Digested, type Since, selectBuckets, selectSince, selectTouched } from '../sql/digest.js'
import { LONG, SOON } from './asking.js'
import type { Reader } from './reader.js'
import type { Seen } from './seen.js'
import { LONG_PREFIX } from './sweep.js'

/** Rows of one page. */
const PAGE = 5_000

/** A cell's time, as its tables have it. */
export const timeOf = (microseconds: number): string =>
  new Date(Math.floor(microseconds / 1_000)).toISOString().slice(0, 19).replace('T', ' ')

/**
 * The records that have been written since a time, as `updated_at` tells, or `created_at` of those that were never written again: in pages, and
 * without those that are known to be what they were.
 */
export const recordsSince = async function* (
  { whole, rows }: Reader,
  seen: Seen,
  since: number,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  const { own } = whole.parts
  const { id, indexed } = whole.resource
  const { updated, created, live } = indexed!.changes
  const fresh = { ...own, only: [{ column: live, eq: 0 }] }
  const select = {
    [updated]: (from: Since) => selectSince(own, updated, id, from, PAGE),
    [created]: (from: Since) => selectSince(fresh, created, id, from, PAGE, updated),
  }
  for (const page of Object.values(select)) {
    let from: Since | undefined = { time: timeOf(since), id: -1 }
    while (from !== undefined) {
      const found = await rows(page(from), SOON, signal)
      const changed = found.filter(([uuid, own]) => seen.get(String(uuid).toLowerCase())?.own !== Number(own))
      if (changed.length > 0) yield changed.map(([uuid]) => String(uuid))
      const [, , time, id] = found.at(-1) ?? []
      from = found.length < PAGE ? undefined : { time: String(time), id: Number(id) }
    }
  }
}

/** What may have changed: some records, and all whose uuids begin so. */
export interface Touched {
  readonly uuids: readonly string[]
  readonly prefixes: readonly string[]
  /** It was seen to. Until then it is found again. */
  readonly done: () => void
}

/** One way to find what has changed without a word in `updated_at`: it reads a whole table. */
export interface SidePoll {
  readonly table: string
  /** What may have changed since a time, in microseconds. */
  readonly find: (since: number, signal: AbortSignal) => Promise<Touched>
}

const DELETED = 'deleted_at'
const WRITTEN = ['created_at', 'updated_at', DELETED]

/** Those of a cell. */
export const sidePollsOf = async (
  reader: Reader,
  schemaOf: (table: string) => Promise<TableSchema>,
): Promise<readonly SidePoll[]> => {
  const { own, sides } = reader.whole.parts
  const timesIn = async ({ table }: Digested, times: readonly string[]): Promise<readonly string[]> => {
    const { columns } = await schemaOf(table)
    return times.filter(time => columns.has(time))
  }
  const polls = [byTimes(reader, own, [DELETED])]
  for (const side of sides) {
    const times = await timesIn(side, WRITTEN)
    polls.push(times.length > 0 ? byTimes(reader, side, times) : byBuckets(reader, side))
  }
  return polls
}

const byTimes = ({ rows }: Reader, of: Digested, times: readonly string[]): SidePoll => ({
  table: of.table,
  find: async (since, signal) => {
    const found = await rows(selectTouched(of, times, timeOf(since)), LONG, signal)
    return { uuids: found.map(([owner]) => String(owner)), prefixes: [], done: () => {} }
  },
})

/** A table without times. What it was when it was looked at first, a sweep has to compare. */
const byBuckets = ({ rows }: Reader, of: Digested): SidePoll => {
  let before: ReadonlyMap<string, string> | undefined
  return {
    table: of.table,
    find: async (_since, signal) => {
      const now = new Map(
        (await rows(selectBuckets(of, LONG_PREFIX), LONG, signal)).map(([prefix, count, sum]) => [
          String(prefix),
          `${count} ${sum}`,
        ]),
      )
      const all = before === undefined ? [] : [...new Set([...before.keys(), ...now.keys()])]
      const prefixes = all.filter(prefix => before!.get(prefix) !== now.get(prefix))
      const done = (): void => {
        before = now
      }
      return { uuids: [], prefixes, done }
    },
  }
}
