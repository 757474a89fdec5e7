import type { Frame } from '../search/frame.js'
import type { SearchIndex } from '../search/search-index.js'
import type { Test } from '../search/test.js'

/** The documents of one cell whose records were alive when they were written: those that are archived count for nothing. */
export interface Alive {
  among(uuids: readonly string[], signal: AbortSignal): Promise<readonly string[]>
  count(signal: AbortSignal): Promise<number>
}

export const aliveIn = (index: SearchIndex, generation: string, frame: Frame, cell: string): Alive => {
  const { uuid, indexed } = frame.resource
  const living: readonly Test[] = [{ cells: [cell] }, { key: indexed!.changes.live, is: 'eq', value: 0 }]
  return {
    among: async (uuids, signal) => {
      const keys = uuids.map(frame.keyOf(uuid!)!)
      const where = [...living, { key: uuid!, in: keys }]
      const found = await index.find(generation, { where, sort: [{ by: 'uuid' }], limit: uuids.length }, signal)
      return found.map(({ uuid }) => uuid)
    },
    count: async signal => {
      const all = await index.tally(generation, { where: living }, [], 1, signal)
      return all.reduce((sum, { count }) => sum + count, 0)
    },
  }
}
