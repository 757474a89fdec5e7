import { API_DATABASE } from '../cells/build-requests.js'
import { batchOf } from '../cells/cell-source.js'
import type { Position } from '../engine/cursor.js'
import type { Decision } from '../search/planner.js'
import { type Access, accessOf } from '../sql/explain.js'
import type { SqlValue } from '../sql/fragment.js'
import type { CheckedQuery } from '../validation/validator.js'
import { type Advice, adviceFor } from './advice.js'
import { answers, type CellAnswer } from './ask-all.js'
import { inCell } from './ask-cell.js'
import { cellQuery, isOutside } from './cell-query.js'
import type { Deadline } from './deadline.js'
import { rangeOf } from './gaps.js'
import { knownStart } from './marker.js'
import type { Plan } from './plan.js'
import type { RollCall } from './roll-call.js'
import type { Sources } from './sources.js'
import { startOf } from './start.js'

/** What a cell is asked first for a page, and how its server would go about it. */
export interface Explanation extends Access {
  /** The statement that decides on the page, with `?` in the place of each value. */
  readonly statement: string
}

/**
 * One cell's part in an explanation; null throughout when the cell did not answer, and of the API database where it is not
 * asked for rows.
 */
export type CellExplanation = CellAnswer &
  (Explanation | { readonly [E in keyof Explanation]: null }) & {
    /** What keeps the cell from reading the page off an index; absent when nothing does. */
    readonly advice?: Advice
  }

/** Who would answer, and why. */
export interface Deciding extends Decision {
  /** What the index can't judge: columns with an operator, relations, and `sort`. */
  readonly unserved: readonly string[]
}

/** How the cells would answer a query, and whether they would. */
export interface Explained {
  readonly decision: Deciding
  /** False when a cell could not be asked. */
  readonly complete: boolean
  /** Each cell, as `list` reports them. */
  readonly cells: readonly CellExplanation[]
}

const NOTHING = {
  statement: null,
  index: null,
  rows: null,
  filesort: null,
  temporary: null,
  full: null,
} as const

/** Plans a page as a scan does, and has its first statements explained in the place of running them. */
export const explainPage = async (
  sources: Sources,
  query: CheckedQuery,
  roll: RollCall,
  deadline: Deadline,
): Promise<CellExplanation[]> => {
  const known = knownStart(sources, query)
  if (known?.end) return []
  const { plan, from } = await startOf(sources, query, known, roll, deadline)
  const said = await Promise.all(plan.cells.map((_, i) => explainCell(plan, i, from, roll, deadline)))
  const byCell = new Map(plan.cells.map(({ cell }, i) => [cell.uuid, said[i]]))
  return answers(roll).map(answer => ({ ...answer, ...(byCell.get(answer.uuid) ?? NOTHING) }))
}

const explainCell = async (
  plan: Plan,
  index: number,
  from: Position | undefined,
  roll: RollCall,
  deadline: Deadline,
): Promise<(Explanation & { advice?: Advice }) | undefined> => {
  const { cell } = plan.cells[index]!
  const range = rangeOf(from, undefined)
  if (isOutside(plan.cells[index]!, range) || roll.isDown(cell)) return undefined
  const query = cellQuery(plan, plan.cells[index]!, range)
  const batch = batchOf(query, query.after, plan.forecast.first[index]!)
  const said = await inCell(cell, plan.query, roll, () => cell.explain(batch, deadline.part()))
  if (said === undefined) return undefined
  const access = accessOf(said.rows as SqlValue[][], plan.resource.table)
  const advice = cell.uuid === API_DATABASE.uuid ? undefined : adviceFor(plan, index)
  return { statement: said.statement.text, ...access, ...(advice && { advice }) }
}
