import { fixed } from '../cells/cell-source.js'
import type { Position } from '../engine/cursor.js'
import { memorySource } from '../engine/memory-source.js'
import type { OrderedSource } from '../engine/ordered-source.js'
import type { Indexed } from '../resources/resource.js'
import { and, join, name, type Sql, sql } from '../sql/fragment.js'
import { keyset } from '../sql/keyset.js'
import { askCell } from './ask-cell.js'
import type { Deadline } from './deadline.js'
import type { Asked, Plan } from './plan.js'
import type { RollCall } from './roll-call.js'

/** What has changed in one cell since the index has read it. */
export interface Changed {
  /** All of it, whether or not it is asked for: what the index says of these is of the past. */
  readonly uuids: ReadonlySet<string>
  /** What of it is asked for, in order. */
  readonly rows: OrderedSource
}

/**
 * A transaction that began before, and was committed after the index has read, has a time of before: so many seconds of it count. An indexer
 * looks back for a minute, each half of one (src/indexing/settings.ts).
 */
const OVERLAP_S = 95

/** Rows of one cell's changes at the most: beyond, the cells answer. */
const MOST_CHANGED = 2_000

/**
 * One statement: everything that has changed since in this scope, whole rows with what decides their place, and whether the query asks
 * for it. The cell itself judges that. Undefined when the cell is out of the answer, `too-much` when it is more than an overlay.
 */
export const changedIn = async (
  plan: Plan,
  asked: Plan['cells'][number],
  changes: Indexed['changes'],
  since: number,
  from: Position | undefined,
  roll: RollCall,
  deadline: Deadline,
): Promise<Changed | 'too-much' | undefined> => {
  const answer = await askCell(
    asked.cell,
    selectChanged(plan, asked, changes, since, from),
    plan.query,
    roll,
    deadline,
  )
  if (answer === undefined) return undefined
  if (answer.length > MOST_CHANGED) return 'too-much'
  roll.answered(asked.cell, answer.length)
  const rows = fixed(answer, asked.keys)
  const slot = uuidSlot(plan)
  return {
    uuids: new Set(rows.map(row => String(row[slot]))),
    rows: memorySource(
      rows.filter(row => row.at(-1) === 1),
      plan.keys.ordering,
    ),
  }
}

const uuidSlot = ({ resource, sort, keys }: Plan): number =>
  keys.positions[sort.findIndex(({ column }) => column === resource.uuid)]!

const selectChanged = (
  { resource, cargo }: Plan,
  { keys, where, tenant }: Asked,
  { updated, created, live }: Indexed['changes'],
  since: number,
  from: Position | undefined,
): Sql => {
  const time = new Date(Math.floor(since / 1e6 - OVERLAP_S) * 1_000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ')
  const wanted = from === undefined ? where : and([where, keyset(keys.terms, from.values)])
  const columns = join([...keys.select, ...cargo, sql`(${wanted}) IS TRUE`], ', ')
  const rows = (changed: Sql): Sql =>
    sql`(SELECT ${columns} FROM ${name(resource.table)} WHERE ${changed} AND ${tenant} LIMIT ${MOST_CHANGED + 1})`
  // Each half has an index: of what was never updated only the creation tells, and what is deleted was updated before.
  return sql`${rows(sql`${name(updated)} >= ${time}`)} UNION ALL ${rows(sql`${name(live)} = 0 AND ${name(created)} >= ${time} AND ${name(updated)} IS NULL`)}`
}
