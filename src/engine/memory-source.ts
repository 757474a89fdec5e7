import type { OrderedSource } from './ordered-source.js'
import { comparator, type KeyedRow, type Ordering } from './ordering.js'

/** Rows that are all in memory, sorted like those of any cell. With `after`, only what follows that row. */
export const memorySource = <Row extends KeyedRow>(
  rows: readonly Row[],
  ordering: Ordering,
  after?: KeyedRow,
): OrderedSource<Row> => {
  const compare = comparator(ordering)
  const sorted = rows.filter(row => after === undefined || compare(row, after) > 0).sort(compare)
  let from = 0
  return {
    next: async want => {
      const batch = sorted.slice(from, from + want)
      from += batch.length
      return { rows: batch, done: from === sorted.length }
    },
  }
}
