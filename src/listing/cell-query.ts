import { type CellQuery, positionOf } from '../cells/cell-source.js'
import type { Position, Range } from '../engine/cursor.js'
import type { KeyedRow } from '../engine/ordering.js'
import { and } from '../sql/fragment.js'
import { keysetUpTo } from '../sql/keyset.js'
import type { Asked, Plan } from './plan.js'

/** What a cell is asked for: its rows in a range. */
export const cellQuery = (
  { resource, sort, keys: { positions }, cargo }: Plan,
  { keys, where, path, rank }: Asked,
  { from, to }: Range,
): CellQuery => ({
  table: resource.table,
  where: to && (to.rank ?? 0) === rank ? and([where, keysetUpTo(keys.terms, to.values)]) : where,
  keys,
  orderBy: sort.findIndex(({ column }) => column === resource.id) + 1,
  positions,
  cargo,
  path,
  after: (from?.rank ?? 0) === rank ? from?.values : undefined,
})

/** Whether a cell has no rows in a range, as all of them come before or behind it. */
export const isOutside = ({ rank }: Pick<Asked, 'rank'>, { from, to }: Range): boolean =>
  rank < (from?.rank ?? 0) || (to !== undefined && rank > (to.rank ?? 0))

/** Where a row is: what the next page starts behind. */
export const positionIn = ({ keys }: Plan, row: KeyedRow, { rank }: Pick<Asked, 'rank'>): Position => ({
  values: positionOf(row, keys.positions),
  collations: keys.collations,
  ...(rank !== 0 && { rank }),
})
