import { batchSize } from './batch-size.js'
import { add, begin, contest, left, type Rules, resume, take, taken } from './contest.js'
import type { OrderedSource } from './ordered-source.js'
import type { KeyedRow } from './ordering.js'

/** Consecutive rows of the merged order. */
export interface Merged<Row extends KeyedRow> {
  readonly rows: readonly Row[]
  /** For each row the index of the source that it came from. */
  readonly origins: readonly number[]
}

/** The running merge of some sources. */
export interface Merge<Row extends KeyedRow> {
  /** The next `count` rows of all; fewer only at the end. Not to be called while a call is under way. */
  take(count: number): Promise<Merged<Row>>
  /** Whether a further row follows. Asks a source only where the rows at hand can't tell. */
  more(): Promise<boolean>
}

/** What a merge is told. */
export interface MergeOptions extends Rules {
  /** Called once when source `index` rejects. The merge goes on without it, or rejects with what this throws. */
  readonly failed: (index: number, error: unknown) => void
  /** What part each source is likely to have in the rows, from 0 to 1. Default: all the same. */
  readonly shares?: readonly number[]
  /** How many rows each source is asked for at first, at least 1. Default: what its share lets expect. */
  readonly first?: readonly number[]
  /** Fetch the rows of the next `take` while the caller is busy with those of this one. Default: false. */
  readonly readAhead?: boolean
}

/** How far a source is. */
interface Input {
  done: boolean
  pending: Promise<void> | undefined
}

/**
 * Merges ordered sources into one order.
 *
 * All sources are primed at the same time, since no row can be emitted before every source has shown its first.
 * From then on the merge stops only at a source whose rows are used up, and asks it for as many as its part
 * in the rows so far lets expect: a cell that has all the newest rows is asked for all that is missing at once.
 */
export const merge = <Row extends KeyedRow>(
  sources: readonly OrderedSource<Row>[],
  { failed, shares, first, readAhead = false, ...rules }: MergeOptions,
): Merge<Row> => {
  const inputs = sources.map((): Input => ({ done: false, pending: undefined }))
  const hand = contest<Row>(sources.length, rules)
  let primed = false
  let fetched = 0
  let emitted = 0
  // Who got rows since the last look for those that are likely to run dry.
  let arrived: number[] = []

  const used = (index: number): boolean => left(hand, index) === 0

  /** All that was fetched is used up, and there may be more. */
  const dry = (index: number): boolean => {
    const { done, pending } = inputs[index]!
    return used(index) && (!done || pending !== undefined)
  }

  const fetch = async (index: number, want: number): Promise<void> => {
    const input = inputs[index]!
    try {
      do {
        const { rows, done } = await sources[index]!.next(want)
        add(hand, index, rows)
        fetched += rows.length
        arrived.push(index)
        input.done = done
      } while (used(index) && !input.done)
    } catch (error) {
      input.done = true
      failed(index, error)
    }
  }

  /** Starts a fetch unless one is under way. A fetch that rejects stays, for whoever takes next to see. */
  const start = (index: number, want: number): Promise<void> => {
    const input = inputs[index]!
    input.pending ??= fetch(index, want).then(() => {
      input.pending = undefined
    })
    return input.pending
  }

  const expected = shares ?? sources.map(() => 1 / sources.length)
  const share = (index: number): number =>
    emitted === 0 ? expected[index]! : Math.max(taken(hand, index) / emitted, 1 / (4 * sources.length))

  /** Starts fetching for each of these that has fewer rows left than `enough` of them for its share. */
  const ahead = (indices: Iterable<number>, demand: number, enough: (share: number) => number): void => {
    for (const index of indices) {
      if (inputs[index]!.done || left(hand, index) >= enough(share(index))) continue
      // Until somebody awaits it, a rejection is not unhandled.
      start(index, batchSize(demand, share(index))).catch(() => {})
    }
  }

  const prime = async (demand: number): Promise<void> => {
    const want = (index: number): number => first?.[index] ?? batchSize(demand, share(index))
    await Promise.all(inputs.map((_, index) => dry(index) && start(index, want(index))))
    begin(hand)
    primed = true
  }

  /** Makes sure that the winner has a row at hand; false where nobody has any. */
  const settle = async (demand: number): Promise<boolean> => {
    if (sources.length === 0) return false
    if (!primed) await prime(demand)
    if (hand.spent) {
      const { winner } = hand.tree
      if (dry(winner)) await start(winner, batchSize(demand, share(winner)))
      resume(hand)
    }
    return !used(hand.tree.winner)
  }

  return {
    take: async count => {
      const rows: Row[] = []
      const origins: number[] = []
      let slot = 0
      let looked: number | undefined
      arrived = []
      while (slot < count) {
        const demand = count - slot
        if (hand.spent && dry(hand.tree.winner)) {
          // Whoever is likely to run dry as well is asked at the same time, not one after the other. Nobody gets likelier but
          // by giving rows, or by getting too few.
          const suspects = looked === undefined ? inputs.keys() : [...arrived, ...origins.slice(looked, slot)]
          ahead(suspects, demand, share => demand * share)
          arrived = []
          looked = slot
        }
        if (!(await settle(demand))) break
        // As long at once as they are likely to get: to let them grow takes another fifth of the time.
        if (slot === 0) rows.length = origins.length = Math.min(count, fetched - emitted)
        const next = take(hand, rows, origins, slot, count)
        emitted += next - slot
        slot = next
      }
      rows.length = origins.length = slot
      if (readAhead) ahead(inputs.keys(), count, share => batchSize(count, share))
      return { rows, origins }
    },
    more: async () => fetched > emitted || settle(1),
  }
}
