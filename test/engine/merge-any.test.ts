import fc from 'fast-check'
import t from 'tap'
import { leadOf } from '../../src/engine/lead.js'
import { type MergeOptions, merge } from '../../src/engine/merge.js'
import type { OrderedSource } from '../../src/engine/ordered-source.js'
import { comparator, type KeyedRow, type Ordering } from '../../src/engine/ordering.js'
import { seed } from '../fixtures/seed.js'

/**
 * The merge of whatever comes whenever it comes: sources that answer late and in another sequence than they were asked, with fewer
 * rows than asked for or none, that fail half way, that have ranks, that read ahead. The truth is one stable sort.
 */
const RUNS = 5_000

interface Cell {
  readonly rows: readonly KeyedRow[]
  readonly rank: number
  readonly share: number
  readonly first: number
  /** How much of what it is asked for it gives each time, from 0 to 1. */
  readonly gives: readonly number[]
  /** How many turns of the event loop each answer takes; 0: it is there at once. */
  readonly turns: readonly number[]
  /** It rejects in the end. */
  readonly fails: boolean
}

const byKey =
  (dir: 'asc' | 'desc') =>
  (a: KeyedRow, b: KeyedRow): number => {
    const [x, y] = [a, b].map(([key]) => (key === null ? Number.NEGATIVE_INFINITY : Number(key))) as [
      number,
      number,
    ]
    if (x !== y) return (x < y ? -1 : 1) * (dir === 'asc' ? 1 : -1)
    return Number(a[1]) - Number(b[1])
  }

const cellOf = (dir: 'asc' | 'desc'): fc.Arbitrary<Cell> => {
  const key = fc.option(fc.oneof(fc.integer({ min: -2, max: 5 }), fc.constantFrom(0.25, 0.5, 2.5)), { freq: 5 })
  return fc.record({
    rows: fc
      .array(key, { maxLength: 20 })
      .map(keys => keys.map((key, id): KeyedRow => [key, id]).sort(byKey(dir))),
    rank: fc.nat({ max: 2 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    first: fc.integer({ min: 1, max: 8 }),
    gives: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
    turns: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }),
    fails: fc.integer({ max: 9, min: 0 }).map(one => one === 0),
  })
}

const cases = fc.constantFrom('asc' as const, 'desc' as const).chain(dir =>
  fc.record({
    dir: fc.constant(dir),
    cells: fc.array(cellOf(dir), { maxLength: 9 }),
    takes: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 3 }),
    withLead: fc.boolean(),
    withRanks: fc.boolean(),
    withShares: fc.boolean(),
    withFirst: fc.boolean(),
    readAhead: fc.boolean(),
  }),
)

/** Throws when the merge breaks its part of the contract. */
const sourceOf = ({ rows, gives, turns, fails }: Cell): OrderedSource => {
  let [calls, at, busy, ended] = [0, 0, false, false]
  return {
    next: async want => {
      if (busy || ended || !(want >= 1)) throw new RangeError('asked in vain')
      busy = true
      const [part, wait] = [gives[calls % gives.length]!, turns[calls % turns.length]!]
      calls++
      for (let turn = 0; turn < wait; turn++) await new Promise(setImmediate)
      busy = false
      if (fails && at === rows.length) {
        ended = true
        throw new Error('broken')
      }
      // Sooner or later it gives something.
      const size = Math.min(want, Math.round(want * part) || calls % 2)
      const batch = rows.slice(at, at + size)
      at += batch.length
      ended = at === rows.length && !fails
      return { rows: batch, done: ended }
    },
  }
}

const holds = async (one: typeof cases extends fc.Arbitrary<infer Case> ? Case : never): Promise<boolean> => {
  const { dir, cells } = one
  const ordering: Ordering = [
    { column: 'k', dir, comparison: 'number' },
    { column: 'id', dir: 'asc', comparison: 'number' },
  ]
  const failures: number[] = []
  const options: MergeOptions = {
    compare: comparator(ordering),
    readAhead: one.readAhead,
    failed: (index, error) => {
      if (error instanceof RangeError) throw error
      failures.push(index)
    },
    ...(one.withLead && { lead: leadOf(ordering) }),
    ...(one.withRanks && { ranks: cells.map(({ rank }) => rank) }),
    ...(one.withShares && { shares: cells.map(({ share }) => share) }),
    ...(one.withFirst && { first: cells.map(({ first }) => first) }),
  }
  const expected = cells
    .flatMap((cell, origin) => cell.rows.map(row => ({ row, origin, rank: one.withRanks ? cell.rank : 0 })))
    .sort((a, b) => a.rank - b.rank || byKey(dir)(a.row, b.row))
  const merged = merge(cells.map(sourceOf), options)
  let at = 0
  for (let i = 0; ; i++) {
    const count = one.takes[i % one.takes.length]!
    const { rows, origins } = await merged.take(count)
    if (rows.length !== Math.min(count, expected.length - at) || origins.length !== rows.length) return false
    for (const [i, row] of rows.entries())
      if (expected[at + i]!.row !== row || expected[at + i]!.origin !== origins[i]) return false
    at += rows.length
    const more = await merged.more()
    if (more !== at < expected.length) return false
    if (!more) break
  }
  const broken = cells.flatMap(({ fails }, index) => (fails ? [index] : []))
  return failures.sort((a, b) => a - b).join() === broken.join()
}

t.test(`rows come in order, each once, ${RUNS} times`, async t => {
  await fc.assert(fc.asyncProperty(cases, holds), { numRuns: RUNS, seed })
  t.pass(`${RUNS} cases`)
})
