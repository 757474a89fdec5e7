import { API_DATABASE } from '../cells/build-requests.js'
import type { Homes, InstanceMappings } from '../cells/instance-mappings.js'
import type { Merged } from '../engine/merge.js'
import type { KeyedRow } from '../engine/ordering.js'
import { cellDown } from './ask-cell.js'
import type { Deadline } from './deadline.js'
import type { Plan } from './plan.js'
import type { RollCall } from './roll-call.js'

/** What the API database says of some winners. */
export interface Verdict {
  /** Whether this is the copy of the instance that counts. */
  isCurrent(row: KeyedRow, origin: number): boolean
  /** Whether this is a build request whose document can't be read. */
  isUnreadable(row: KeyedRow, origin: number): boolean
}

/** Judges winners; to be asked for all of a scan's, in their order. */
export type Judge = (winners: Merged<KeyedRow>, deadline: Deadline) => Promise<Verdict>

interface Asked {
  readonly homes: Homes
  readonly unreadable: ReadonlySet<string>
  /** Of instances that are build requests as well: those that a cell gave. */
  readonly inCells: ReadonlySet<string>
}

/**
 * The same instance may be in two cells while it moves, and in a cell and among the build requests while it is made. It
 * comes once: the copy in the cell that its mapping names, or the build request as long as the mapping names none. Each
 * copy is judged where it comes up, so that it does not matter how far apart they are.
 *
 * A build request that gets its cell while the scan goes on would come a second time: those that came are remembered.
 */
export const copyJudge = (mappings: InstanceMappings, plan: Plan, roll: RollCall): Judge => {
  const uuidOf = (row: KeyedRow): string => row[plan.instance!] as string
  const pending = plan.cells.findIndex(({ cell }) => cell.uuid === API_DATABASE.uuid)
  const came = new Set<string>()

  const ask = async ({ rows, origins }: Merged<KeyedRow>, deadline: Deadline): Promise<Asked> => {
    const copies = new Map<string, string[]>()
    const requests: string[] = []
    for (const [i, row] of rows.entries()) {
      const { uuid } = plan.cells[origins[i]!]!.cell
      if (origins[i] === pending) requests.push(uuidOf(row))
      else if (copies.has(uuid)) copies.get(uuid)!.push(uuidOf(row))
      else copies.set(uuid, [uuidOf(row)])
    }
    const inCells = new Set(requests.length === 0 ? [] : [...copies.values()].flat())
    const known: Asked = { homes: new Map(), unreadable: new Set(), inCells }
    if (roll.isDown(API_DATABASE)) return known
    try {
      const [homes, unreadable] = await Promise.all([
        copies.size === 0 ? known.homes : mappings.outdated(copies, deadline.part()),
        requests.length === 0 ? known.unreadable : mappings.unreadable(requests, deadline.part()),
      ])
      return { homes, unreadable, inCells }
    } catch (error) {
      cellDown(roll, API_DATABASE, plan.query, error)
      return known
    }
  }

  return async (winners, deadline) => {
    const { homes, unreadable, inCells } = await ask(winners, deadline)
    return {
      isCurrent: (row, origin) => {
        const uuid = uuidOf(row)
        const home = homes.get(uuid)
        if (origin !== pending)
          return (home === undefined || home === plan.cells[origin]!.cell.uuid) && !came.has(uuid)
        // It got its cell between two statements: the cell's copy is among the same winners.
        if (inCells.has(uuid) && home !== null) return false
        came.add(uuid)
        return true
      },
      isUnreadable: (row, origin) => origin === pending && unreadable.has(uuidOf(row)),
    }
  }
}
