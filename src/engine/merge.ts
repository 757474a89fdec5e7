import { batchSize } from './batch-size.js'
import type { Lead } from './lead.js'
import { type LoserTree, loserTree } from './loser-tree.js'
import type { OrderedSource } from './ordered-source.js'
import type { Comparator, KeyedRow } from './ordering.js'

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
export interface MergeOptions {
  readonly compare: Comparator
  /** Settles most comparisons before `compare` is asked. Default: none. */
  readonly lead?: Lead
  /** For each source: rows of a lower rank come before those of a higher, whatever they sort by. Default: 0 for all. */
  readonly ranks?: readonly number[]
  /** Called once when source `index` rejects. The merge goes on without it, or rejects with what this throws. */
  readonly failed: (index: number, error: unknown) => void
  /** What part each source is likely to have in the rows, from 0 to 1. Default: all the same. */
  readonly shares?: readonly number[]
  /** Fetch the rows of the next `take` while the caller is busy with those of this one. Default: false. */
  readonly readAhead?: boolean
}

interface Input<Row extends KeyedRow> {
  rows: readonly Row[]
  at: number
  done: boolean
  emitted: number
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
  { compare, lead = () => 0, ranks = [], failed, shares, readAhead = false }: MergeOptions,
): Merge<Row> => {
  const inputs = sources.map(
    (): Input<Row> => ({ rows: [], at: 0, done: false, emitted: 0, pending: undefined }),
  )
  const heads: (Row | undefined)[] = sources.map(() => undefined)
  let tree: LoserTree | undefined
  // The winner has emitted all that was fetched, and may have more.
  let dry = false
  let total = 0

  // Ranks decide before any value does.
  const leading = ranks.some(rank => rank !== ranks[0]) ? () => 0 : lead
  const leads = new Float64Array(sources.length)

  /** Shows the input's next row to the others. */
  const advance = (index: number): void => {
    const { rows, at } = inputs[index]!
    const head = rows[at]
    heads[index] = head
    leads[index] = head === undefined ? Number.POSITIVE_INFINITY : leading(head)
  }

  const beats = (a: number, b: number): boolean => {
    const x = leads[a]!
    const y = leads[b]!
    return x < y || (!(x > y) && beatsTied(a, b))
  }

  // An input that has ended loses against all; equal rows (of a source given twice) keep the sources' sequence.
  const beatsTied = (a: number, b: number): boolean => {
    const x = heads[a]
    const y = heads[b]
    if (x === undefined || y === undefined) return x === undefined ? y === undefined && a < b : true
    const order = (ranks[a] ?? 0) - (ranks[b] ?? 0) || compare(x, y)
    return order < 0 || (order === 0 && a < b)
  }

  const used = (input: Input<Row>): boolean => input.at === input.rows.length

  const fetch = async (index: number, want: number): Promise<void> => {
    const input = inputs[index]!
    try {
      do {
        const { rows, done } = await sources[index]!.next(want)
        input.rows = used(input) ? rows : [...input.rows.slice(input.at), ...rows]
        input.at = 0
        input.done = done
      } while (used(input) && !input.done)
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
    total === 0 ? expected[index]! : Math.max(inputs[index]!.emitted / total, 1 / (4 * sources.length))

  /** Makes sure that the input has a head, or has ended. */
  const refill = async (index: number, demand: number): Promise<void> => {
    const input = inputs[index]!
    while (used(input) && (input.pending || !input.done)) await start(index, batchSize(demand, share(index)))
    advance(index)
  }

  /** Starts fetching for every input that has fewer rows left than `enough` of them for its share. */
  const ahead = (demand: number, enough: (share: number) => number): void => {
    for (const [index, input] of inputs.entries()) {
      if (input.done || input.rows.length - input.at >= enough(share(index))) continue
      // Until somebody awaits it, a rejection is not unhandled.
      start(index, batchSize(demand, share(index))).catch(() => {})
    }
  }

  /** Gives the winner that ran dry its next head, so that there is a winner again. */
  const settle = async (demand: number): Promise<LoserTree> => {
    if (tree === undefined) {
      await Promise.all(inputs.map((_, index) => refill(index, demand)))
      tree = loserTree(inputs.length, beats)
    } else if (dry) {
      // Whoever is likely to run dry as well is asked at the same time, not one after the other.
      ahead(demand, share => demand * share)
      await refill(tree.winner(), demand)
      tree.replay()
    }
    dry = false
    return tree
  }

  return {
    take: async count => {
      const rows: Row[] = []
      const origins: number[] = []
      while (rows.length < count) {
        const contest = await settle(count - rows.length)
        while (!dry && rows.length < count) {
          const first = contest.winner()
          const head = heads[first]
          if (head === undefined) return { rows, origins }
          const input = inputs[first]!
          rows.push(head)
          origins.push(first)
          total++
          input.emitted++
          input.at++
          advance(first)
          dry = used(input) && (!input.done || input.pending !== undefined)
          if (!dry) contest.replay()
        }
      }
      if (readAhead) ahead(count, share => batchSize(count, share))
      return { rows, origins }
    },
    more: async () => {
      if (dry && heads.some(head => head !== undefined)) return true
      const contest = await settle(1)
      return heads[contest.winner()] !== undefined
    },
  }
}
