import type { Cell } from '../cells/cell.js'
import type { SortColumn } from '../cells/key-plan.js'
import type { KnownCell } from '../cells/known-cell.js'
import { CellFailedError } from '../errors.js'
import type { AccessPath } from '../sql/access.js'
import { oddTables } from '../sql/condition.js'
import type { TextColumns } from '../sql/text-column.js'
import type { CheckedQuery } from '../validation/validator.js'
import { cellDown } from './ask-cell.js'
import type { Deadline } from './deadline.js'
import type { Paths } from './paths.js'
import type { RollCall } from './roll-call.js'

/** A cell that takes part, what its text columns can hold, and how its statements find their rows. */
export interface SeenCell extends KnownCell {
  readonly text: TextColumns
  readonly path: AccessPath
}

/** Asks a cell what it looks like. Undefined when it is out of the answer. */
export type Look = (cell: Cell) => Promise<SeenCell | undefined>

/** Looks at cells for a query over a table. */
export const lookFor =
  (
    table: string,
    sort: readonly SortColumn[],
    query: CheckedQuery,
    paths: Paths,
    roll: RollCall,
    deadline: Deadline,
  ): Look =>
  async cell => {
    try {
      const schema = await cell.schemaOf(table, deadline.part())
      const missing = schema.columns.size === 0 ? 'ER_NO_SUCH_TABLE' : 'ER_BAD_FIELD_ERROR'
      if (sort.every(({ column, tieBreak }) => tieBreak === 'cell' || schema.columns.has(column))) {
        const tables = new Map([[table, schema]])
        for (const odd of oddTables(query.filters)) tables.set(odd, await cell.schemaOf(odd, deadline.part()))
        const own = tables.size > 1 || sort.some(({ tieBreak }) => tieBreak === 'cell')
        const path = await paths.pathIn(cell, schema, () => deadline.part())
        return {
          cell,
          schema,
          path,
          alike: own ? cell : path,
          text: (table, column) => tables.get(table)?.columns.get(column),
        }
      }
      cell.forget()
      throw new CellFailedError({ uuid: cell.uuid, name: cell.name, reason: missing })
    } catch (error) {
      cellDown(roll, cell, query, error)
      return undefined
    }
  }
