import type { Passed, Place, Range } from '../engine/cursor.js'

/** What each cell owes: ranges of rows that pages passed over while it was down, one behind the other. */
export type Gaps = ReadonlyMap<string, readonly Range[]>

const same = (a: Place | undefined, b: Place | undefined): boolean => JSON.stringify(a) === JSON.stringify(b)

/** What a cursor says. */
export const gapsOf = (passed: Passed | undefined): Gaps =>
  new Map(passed?.cells.map(([uuid, ...ranges]) => [uuid, ranges.map(i => passed.ranges[i]!)]))

/** For a cursor. */
export const passedBy = (gaps: Gaps): Passed => {
  const ranges: Range[] = []
  const known = new Map<string, number>()
  const indexOf = (range: Range): number => {
    const key = JSON.stringify([range.from, range.to])
    const index = known.get(key) ?? ranges.push(range) - 1
    known.set(key, index)
    return index
  }
  return { cells: [...gaps].map(([uuid, own]) => [uuid, ...own.map(indexOf)]), ranges }
}

/** With one more range of a cell, which begins where its last one ends, or behind that. */
export const withRange = (gaps: Gaps, uuid: string, range: Range): Gaps => {
  if (range.from !== undefined && same(range.from, range.to)) return gaps
  const ranges = gaps.get(uuid) ?? []
  const last = ranges.at(-1)
  const goesOn = last?.to !== undefined && same(last.to, range.from)
  const next = goesOn ? [...ranges.slice(0, -1), rangeOf(last.from, range.to)] : [...ranges, range]
  return new Map([...gaps, [uuid, next]])
}

/** A range without what it does not have. */
export const rangeOf = (from: Place | undefined, to: Place | undefined): Range => ({
  ...(from && { from }),
  ...(to && { to }),
})
