import { API_DATABASE } from '../cells/build-requests.js'
import type { Cell } from '../cells/cell.js'
import { fixed } from '../cells/cell-source.js'
import type { InstanceMappings } from '../cells/instance-mappings.js'
import { comparator, type KeyedRow } from '../engine/ordering.js'
import { TooManyGroupsError } from '../errors.js'
import { decoderOf, type Value } from '../sql/codec.js'
import { list, name, type Sql, type SqlValue, sql } from '../sql/fragment.js'
import { selectGroups } from '../sql/select-groups.js'
import { askCell, cellDown } from './ask-cell.js'
import type { Deadline } from './deadline.js'
import type { Asked, Plan } from './plan.js'
import type { RollCall } from './roll-call.js'

/** Groups of one answer at the most: they are held in memory. */
export const MAX_GROUPS = 10_000

/** How many rows there are with these values. */
export type Group = Readonly<Record<string, Value>> & { readonly count: number }

/**
 * Counts in every cell, and adds up what is equal: by the ordering that the cells agreed on, so that texts which a
 * collation holds for equal are one group over all cells, as they are in one. The plan's sort is what to group by.
 *
 * @throws {@link TooManyGroupsError}
 */
export const countGroups = async (
  plan: Plan,
  mappings: InstanceMappings | undefined,
  roll: RollCall,
  deadline: Deadline,
): Promise<Group[]> => {
  const { resource, sort } = plan
  const requests = plan.cells.findIndex(({ cell }) => cell.uuid === API_DATABASE.uuid)
  const elsewhere = mappings && requests >= 0 ? await notThese(plan, mappings, roll, deadline) : sql`TRUE`
  const columns = sort.map(({ column }) => name(column))
  const groupsIn = async (cell: Cell, { keys }: Asked, where: Sql): Promise<KeyedRow[] | undefined> => {
    const { terms, select } = keys
    const statement = selectGroups({
      table: resource.table,
      columns: [...select, ...columns],
      terms,
      where,
      limit: MAX_GROUPS + 1,
    })
    const rows = await askCell(cell, statement, plan.query, roll, deadline)
    return rows && fixed(rows, keys)
  }
  const perCell = await Promise.all(
    plan.cells.map(async (asked, i): Promise<KeyedRow[]> => {
      const { cell, where } = asked
      const rows = await groupsIn(cell, asked, i === requests ? where : sql`${where} AND ${elsewhere}`)
      if (rows !== undefined) {
        roll.answered(cell, rows.length)
        return rows
      }
      const { stubs } = plan
      return (stubs && !asked.stub && (await groupsIn(stubs.cellFor(cell), stubs, stubs.where))) || []
    }),
  )
  return addedUp(plan, perCell.flat())
}

/** What is counted as a build request is not counted in the cell that it is about to be in. */
const notThese = async (
  { resource, query }: Plan,
  mappings: InstanceMappings,
  roll: RollCall,
  deadline: Deadline,
): Promise<Sql> => {
  try {
    const requests = await mappings.buildRequests(deadline.part())
    return requests.length === 0 ? sql`TRUE` : sql`${name(resource.uuid!)} NOT IN ${list(requests)}`
  } catch (error) {
    cellDown(roll, API_DATABASE, query, error)
    return sql`TRUE`
  }
}

const addedUp = ({ keys, sort, resource }: Plan, rows: readonly KeyedRow[]): Group[] => {
  const compare = comparator(keys.ordering)
  const decoders = sort.map(({ column }) => decoderOf(resource.columns[column]!.kind))
  const groups: { row: KeyedRow; count: number }[] = []
  for (const row of rows.toSorted(compare)) {
    const last = groups.at(-1)
    if (last !== undefined && compare(last.row, row) === 0) last.count += Number(row.at(-1))
    else groups.push({ row, count: Number(row.at(-1)) })
  }
  if (groups.length > MAX_GROUPS) throw new TooManyGroupsError(MAX_GROUPS)
  return groups.map(({ row, count }) => {
    const values = row.slice(-1 - sort.length, -1) as SqlValue[]
    return {
      ...Object.fromEntries(sort.map(({ column }, i) => [column, decoders[i]!(values[i]!)])),
      count,
    } as Group
  })
}
