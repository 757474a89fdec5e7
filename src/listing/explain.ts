import { toBuildRequests } from '../cells/build-request-tables.js'
import { API_DATABASE } from '../cells/build-requests.js'
import type { Cell } from '../cells/cell.js'
import { batchSize } from '../engine/batch-size.js'
import type { Position } from '../engine/cursor.js'
import { type Access, accessOf, explained } from '../sql/explain.js'
import type { Sql, SqlValue } from '../sql/fragment.js'
import { selectBatch } from '../sql/select.js'
import type { CheckedQuery } from '../validation/validator.js'
import { type Advice, adviceFor } from './advice.js'
import { answers, type CellAnswer } from './ask-all.js'
import { askCell } from './ask-cell.js'
import { cellQuery } from './cell-query.js'
import type { Deadline } from './deadline.js'
import { knownStart, lookUpMarker } from './marker.js'
import { type Plan, planFor, sortColumns } from './plan.js'
import type { RollCall } from './roll-call.js'
import { ofInstances, type Sources } from './sources.js'

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

/** How the cells would answer a query. */
export interface Explained {
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
  const { resource, cursors, markers } = sources
  const start = knownStart(cursors, markers, query)
  const plan = await planFor(sources, query, sortColumns(resource, query.sort), start, roll, deadline)
  const from =
    query.marker === undefined
      ? start
      : (start ?? (await lookUpMarker(plan, ofInstances(sources)?.mappings, query.marker, roll, deadline)))
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
  if (plan.ranks[index]! < (from?.rank ?? 0) || roll.isDown(cell)) return undefined
  const query = cellQuery(plan, index, from)
  const batch = selectBatch({
    ...query,
    ...query.keys,
    columns: [...query.keys.select, ...query.cargo],
    limit: batchSize(plan.query.limit, plan.shares?.[index] ?? 1 / plan.cells.length),
  })
  const { server, statement } = asSent(plan, index, batch)
  const rows = await askCell(server, explained(statement), plan.query, roll, deadline)
  if (rows === undefined) return undefined
  const access = accessOf(rows as SqlValue[][], plan.resource.table)
  const advice = server === cell ? adviceFor(plan, index) : undefined
  return { statement: statement.text, ...access, ...(advice && { advice }) }
}

/** The cell that stands for the build requests makes another statement of what it is asked, for the API database. */
const asSent = (
  { cells, resource, api }: Plan,
  index: number,
  statement: Sql,
): { readonly server: Cell; readonly statement: Sql } => {
  const { cell, schema } = cells[index]!
  if (cell.uuid !== API_DATABASE.uuid) return { server: cell, statement }
  const { collation } = schema.columns.get(resource.uuid!)!
  const behindTables = toBuildRequests(resource, collation!, column => schema.columns.get(column)!.length)
  return { server: api!, statement: behindTables(statement) }
}
