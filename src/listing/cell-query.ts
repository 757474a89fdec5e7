import { type CellQuery, positionOf } from '../cells/cell-source.js'
import type { Position } from '../engine/cursor.js'
import type { KeyedRow } from '../engine/ordering.js'
import type { Plan } from './plan.js'

/** What one of the plan's cells is asked for. */
export const cellQuery = (plan: Plan, index: number, position: Position | undefined): CellQuery => {
  const { resource, sort } = plan
  return {
    table: resource.table,
    where: plan.where[index]!,
    keys: plan.keys.cells[index]!,
    orderBy: sort.findIndex(({ column }) => column === resource.id) + 1,
    positions: plan.keys.positions,
    cargo: plan.cargo,
    path: plan.cells[index]!.path,
    after: (position?.rank ?? 0) === plan.ranks[index] ? position?.values : undefined,
  }
}

/** Where a row is: what the next page starts behind. */
export const positionIn = ({ keys, ranks }: Plan, row: KeyedRow, origin: number): Position => ({
  values: positionOf(row, keys.positions),
  collations: keys.collations,
  ...(ranks[origin] !== 0 && { rank: ranks[origin]! }),
})
