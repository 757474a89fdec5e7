import { API_DATABASE } from '../cells/build-requests.js'
import type { CellName } from '../cells/cell.js'
import type { Bookmark, Place } from '../engine/cursor.js'
import type { CheckedQuery } from '../validation/validator.js'
import type { Missed } from './answer.js'
import { type Gaps, gapsOf, passedBy, rangeOf, withRange } from './gaps.js'
import type { Chunk } from './scan.js'
import { ofInstances, type Sources } from './sources.js'

/** Everybody whose records a query may list. */
const owners = (all: Sources): readonly CellName[] => {
  const instances = ofInstances(all)
  return instances === undefined || instances.buildRequests === 'none'
    ? all.cells
    : [...all.cells, API_DATABASE]
}

const placeOf = ({ values, rank }: Place): Place => ({ values, ...(rank !== undefined && { rank }) })

/**
 * Where a query goes on behind a record of a chunk, and what cells that were down owe by then.
 *
 * @param began - where the query that gave the chunk began
 * @param index - the record; behind the last one of the last chunk there is nothing more
 */
export const bookmarkAt = (
  all: Sources,
  began: Bookmark | undefined,
  chunk: Chunk,
  index: number,
): Bookmark => {
  const atEnd = chunk.last && index === chunk.items.length - 1
  const position = index < 0 ? undefined : chunk.position(index)
  const to = atEnd || position === undefined ? undefined : placeOf(position)
  const listed = new Set(owners(all).map(({ uuid }) => uuid))
  let gaps = gapsOf(began?.passed)
  for (const uuid of chunk.down) {
    if (!listed.has(uuid)) continue
    const from = chunk.lastOf(uuid, index)?.place ?? (began && placeOf(began))
    gaps = withRange(gaps, uuid, rangeOf(from, to))
  }
  const behind = position ?? began ?? { values: [], collations: [] }
  return bookmarkOf(atEnd ? { ...behind, values: [], end: true } : behind, gaps)
}

/** A bookmark with other gaps. */
export const bookmarkOf = ({ passed: _, ...bookmark }: Bookmark, gaps: Gaps): Bookmark =>
  gaps.size === 0 ? bookmark : { ...bookmark, passed: passedBy(gaps) }

/** What a page says of the records that it, or one before it, is missing. */
export const missedBy = (all: Sources, query: CheckedQuery, bookmark: Bookmark): Missed | null => {
  const gaps = gapsOf(bookmark.passed)
  const cells = owners(all).filter(({ uuid }) => gaps.has(uuid))
  if (cells.length === 0) return null
  return {
    cells: cells.map(({ uuid, name }) => ({ uuid, name })),
    cursor: all.cursors.seal(query.binding, bookmark),
  }
}
