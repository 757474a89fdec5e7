import { orderIndex } from '../cells/access-path.js'
import { type CellQuery, positionOf } from '../cells/cell-source.js'
import type { Position } from '../engine/cursor.js'
import type { KeyedRow } from '../engine/ordering.js'
import { type Operator, onColumns } from '../sql/condition.js'
import type { Plan } from './plan.js'

/** Operators that hold a column to one value, and those that hold it to few. */
const ONE_VALUE = new Set<Operator>(['exactly', 'eq'])
const FEW_VALUES = new Set<Operator>(['exactly', 'eq', 'in', 'prefix'])

/** What one of the plan's cells is asked for. */
export const cellQuery = (plan: Plan, index: number, position: Position | undefined): CellQuery => {
  const { resource, query, sort } = plan
  const chosen = onColumns([...query.tenant, ...query.filters])
  const held = [...chosen, ...onColumns(query.flags)].filter(
    ({ op, value }) => ONE_VALUE.has(op) && value !== null,
  )
  const selective = chosen.filter(({ op }) => FEW_VALUES.has(op))
  return {
    table: resource.table,
    where: plan.where[index]!,
    keys: plan.keys.cells[index]!,
    orderBy: sort.findIndex(({ column }) => column === resource.id) + 1,
    positions: plan.keys.positions,
    cargo: plan.cargo,
    index: orderIndex(
      sort,
      resource.id,
      new Set(held.map(({ column }) => column)),
      new Set(selective.map(({ column }) => column)),
      plan.cells[index]!.schema,
    ),
    after: (position?.rank ?? 0) === plan.ranks[index] ? position?.values : undefined,
  }
}

/** Where a row is: what the next page starts behind. */
export const positionIn = ({ keys, ranks }: Plan, row: KeyedRow, origin: number): Position => ({
  values: positionOf(row, keys.positions),
  collations: keys.collations,
  ...(ranks[origin] !== 0 && { rank: ranks[origin]! }),
})
