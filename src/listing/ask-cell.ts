import type { Cell, CellName } from '../cells/cell.js'
import type { SqlRow } from '../cells/connection.js'
import { CellFailedError, InvalidFilterValueError } from '../errors.js'
import { onColumns } from '../sql/condition.js'
import type { Sql } from '../sql/fragment.js'
import type { CheckedQuery } from '../validation/validator.js'
import type { Deadline } from './deadline.js'
import type { RollCall } from './roll-call.js'

/** A cell is out of this answer, unless what it refused is the caller's own regular expression. */
export const cellDown = (roll: RollCall, cell: CellName, query: CheckedQuery, error: unknown): void => {
  const regexp = onColumns(query.filters).find(({ op }) => op === 'regexp')
  if (regexp !== undefined && error instanceof CellFailedError && error.cell.reason.startsWith('ER_REGEX'))
    throw new InvalidFilterValueError(
      `/filters/${regexp.column}/regexp`,
      'the cells refuse it',
      'a regular expression that the cells’ servers understand',
      { cause: error },
    )
  roll.down(cell, error)
}

/** What a cell says; undefined when it is out of this answer. */
export const inCell = async <T>(
  cell: CellName,
  query: CheckedQuery,
  roll: RollCall,
  ask: () => Promise<T>,
): Promise<T | undefined> => {
  try {
    const said = await ask()
    roll.answered(cell, 0)
    return said
  } catch (error) {
    cellDown(roll, cell, query, error)
    return undefined
  }
}

/** The rows of one statement to a cell; undefined when the cell is out of this answer. */
export const askCell = (
  cell: Cell,
  statement: Sql,
  query: CheckedQuery,
  roll: RollCall,
  deadline: Deadline,
): Promise<SqlRow[] | undefined> => inCell(cell, query, roll, () => cell.query(statement, deadline.part()))
