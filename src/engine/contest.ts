import type { Lead } from './lead.js'
import { type LoserTree, loserTree, playAll, replay } from './loser-tree.js'
import type { Comparator, KeyedRow } from './ordering.js'

/** What decides which row comes first. */
export interface Rules {
  readonly compare: Comparator
  /** Settles most comparisons before `compare` is asked. Default: none. */
  readonly lead?: Lead
  /** For each source: rows of a lower rank come before those of a higher, whatever they sort by. Default: 0 for all. */
  readonly ranks?: readonly number[]
}

/** The lead of one who has no row. */
const END = Number.POSITIVE_INFINITY

/** The rows that are at hand of one source. */
interface Lane<Row extends KeyedRow> {
  readonly lead: Lead
  rows: readonly Row[]
  /**
   * The leads of `rows`, and {@link END} behind them. They are made when the rows come, one beside the other: the merged order
   * goes from row to row all over the memory, and such a visit takes longer than all matches.
   */
  leads: readonly number[]
  /** Where in `rows` the head is. */
  at: number
  /** How many rows were taken before those of `rows`. */
  before: number
}

/** The part of a merge that never waits: rows at hand, and whose is next. */
export interface Contest<Row extends KeyedRow> {
  readonly lanes: readonly Lane<Row>[]
  readonly tree: LoserTree
  /** For each lane the lead of the row behind its head. */
  readonly behind: Float64Array
  /** The winner's last row at hand was taken: before anything else it gets some or has ended, and {@link resume} is called. */
  spent: boolean
}

export const contest = <Row extends KeyedRow>(
  size: number,
  { compare, lead = () => 0, ranks = [] }: Rules,
): Contest<Row> => {
  const last = Math.max(...ranks)
  const lanes = Array.from(
    { length: size },
    (_, index): Lane<Row> => ({
      // Ranks decide before any value does.
      lead: ranks[index]! < last ? () => Number.NEGATIVE_INFINITY : lead,
      rows: [],
      leads: [END],
      at: 0,
      before: 0,
    }),
  )
  // Who has ended loses against all; equal rows (of a source given twice) keep the sources' sequence.
  const beats = (a: number, b: number): boolean => {
    const x = lanes[a]!.rows[lanes[a]!.at]
    const y = lanes[b]!.rows[lanes[b]!.at]
    if (x === undefined || y === undefined) return x === undefined ? y === undefined && a < b : true
    const order = (ranks[a] ?? 0) - (ranks[b] ?? 0) || compare(x, y)
    return order < 0 || (order === 0 && a < b)
  }
  return { lanes, tree: loserTree(size, beats), behind: new Float64Array(size), spent: false }
}

/** How many rows a source has at hand. */
export const left = <Row extends KeyedRow>({ lanes }: Contest<Row>, index: number): number => {
  const { rows, at } = lanes[index]!
  return rows.length - at
}

/** How many rows of a source were taken. */
export const taken = <Row extends KeyedRow>({ lanes }: Contest<Row>, index: number): number => {
  const { before, at } = lanes[index]!
  return before + at
}

/** Puts rows behind those that a source has at hand. */
export const add = <Row extends KeyedRow>(
  { lanes, behind }: Contest<Row>,
  index: number,
  rows: readonly Row[],
): void => {
  const lane = lanes[index]!
  lane.before += lane.at
  lane.rows = lane.at === lane.rows.length ? rows : [...lane.rows.slice(lane.at), ...rows]
  lane.leads = leadsOf(lane.rows, lane.lead)
  lane.at = 0
  behind[index] = lane.leads[1] ?? END
}

const leadsOf = (rows: readonly KeyedRow[], lead: Lead): number[] => {
  const leads = new Array<number>(rows.length + 1)
  for (let i = 0; i < rows.length; i++) leads[i] = lead(rows[i]!)
  leads[rows.length] = END
  return leads
}

/** To be called first, when all sources have rows at hand or have ended. */
export const begin = <Row extends KeyedRow>({ lanes, tree }: Contest<Row>): void => {
  for (const [index, { leads }] of lanes.entries()) tree.leads[index] = leads[0]!
  playAll(tree)
}

/** Lets a winner that was spent play again, with rows that have come or as one that has ended. */
export const resume = <Row extends KeyedRow>(contest: Contest<Row>): void => {
  const { lanes, tree } = contest
  const { leads, at } = lanes[tree.winner]!
  tree.leads[tree.winner] = leads[at]!
  replay(tree)
  contest.spent = false
}

/**
 * Moves rows into `rows`, and where they come from into `origins`, from slot `from` on, until slot `to` or until the winner is
 * spent. Gives the slot that comes next.
 */
export const take = <Row extends KeyedRow>(
  contest: Contest<Row>,
  rows: Row[],
  origins: number[],
  from: number,
  to: number,
): number => {
  const { lanes, tree, behind } = contest
  let slot = from
  while (slot < to) {
    const { winner } = tree
    const lane = lanes[winner]!
    rows[slot] = lane.rows[lane.at]!
    origins[slot++] = winner
    lane.at++
    if (lane.at === lane.rows.length) {
      contest.spent = true
      break
    }
    // What comes behind is read a turn early: its memory arrives while matches are played.
    tree.leads[winner] = behind[winner]!
    behind[winner] = lane.leads[lane.at + 1]!
    replay(tree)
  }
  return slot
}
