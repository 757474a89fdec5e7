import type { CellName } from '../cells/cell.js'
import { instances } from '../resources/instances.js'
import type { Scope } from '../resources/query.js'
import {
  answers,
  askAll,
  type CellAnswer,
  checkOptions,
  inTime,
  membersOf,
  type Shared,
  validator,
} from './ask-all.js'
import { type Mapped, readBuilding, readMapped, readUsed, type Used } from './read-usage.js'
import { rollCall } from './roll-call.js'

/** What `usage` takes. */
export interface UsageQuery {
  /** Required: whose instances are counted. There is no default. */
  readonly scope: Scope
}

/** One cell's part in a count of what is used. */
export type UsageReport = Omit<CellAnswer, 'state'> & {
  /** `not-asked`: instances are mapped to it, but it is not among the cells that are asked; its mapping is `disabled`. */
  readonly state: CellAnswer['state'] | 'not-asked'
  /**
   * Who said so. `instance-mappings`: the API database, for a cell that did not, and for instances that have no cell yet. Null,
   * as all numbers then: nobody.
   */
  readonly source: 'cell' | 'instance-mappings' | null
} & (Used | { readonly [U in keyof Used]: null })

/** What a scope uses. */
export interface Usage {
  /** How many instances, of those that are known of. */
  readonly instances: number
  /** Virtual CPUs, of those that are known. */
  readonly cores: number
  /** MiB of memory, of those that are known. */
  readonly ram: number
  /**
   * True when each number is exact: every cell has answered, and the API database, where there is one. False when a cell is
   * missing, also when the instance mappings answered for it: they are what Nova's API knows of it, not what it has.
   */
  readonly complete: boolean
  /** Every cell, and the API database (for the instances that have no cell yet), where there is one, behind them. */
  readonly cells: readonly UsageReport[]
}

/**
 * Counts as Nova does for its quotas: what is neither deleted nor soft-deleted nor hidden (nova/objects/instance.py,
 * `InstanceList.get_counts`), and with an API database also the instances that are being built and are in no cell yet, as
 * when Nova counts by instance mappings (nova/quota.py): without them a project could start more than it may.
 * Each counts once, however far its build comes meanwhile. An instance counts twice for the moment in a move
 * between cells in which Nova shows both copies.
 *
 * For a cell that does not answer, the API database's instance mappings do, with the flavors of the request specs.
 *
 * @throws a subclass of {@link InvalidInputError} when the query or the options are wrong
 */
export const usageOf = async ({ cells, api }: Shared, query: unknown, options?: unknown): Promise<Usage> => {
  const checked = validator().query('count', membersOf('usage', query, ['scope']))
  const apis = api === undefined ? [] : [api]
  const roll = rollCall([...cells, ...apis])
  const about = { verb: 'usage', resource: instances.name, scope: checked.scope } as const
  return inTime(about, checkOptions('usage', options), roll, async deadline => {
    // First: whatever gets its row in a cell from now on is known, and passed over there. The other way round, one that
    // gets its cell between the two statements would be in neither answer.
    const [building] = await askAll(apis, roll, cell => readBuilding(cell, checked, deadline))
    const uuids = building?.uuids ?? []
    const used = await askAll(cells, roll, cell => readUsed(cell, checked, uuids, deadline))
    const answered = cells.filter((_, i) => used[i] !== undefined)
    const up = apis.filter(cell => !roll.isDown(cell))
    const [mapped = []] = await askAll(up, roll, cell => readMapped(cell, checked, answered, uuids, deadline))
    const reports = answers(roll).map((answer, i): UsageReport => {
      const own = used[i]
      if (own !== undefined) return { ...answer, ...own, source: 'cell' }
      const said = i < cells.length ? mapped.find(({ uuid }) => uuid === answer.uuid)?.used : building?.used
      return { ...answer, ...(said === undefined ? NOTHING : { ...said, source: 'instance-mappings' }) }
    })
    reports.splice(cells.length, 0, ...notAsked(mapped, cells))
    return { ...total(reports), complete: reports.every(isExact), cells: reports }
  })
}

const NOTHING = { instances: null, cores: null, ram: null, source: null } as const

const isExact = ({ state, cores, ram }: UsageReport): boolean =>
  state === 'ok' && cores !== null && ram !== null

const total = (reports: readonly UsageReport[]): Pick<Usage, keyof Used> => {
  const sum = (what: keyof Used): number => reports.reduce((all, report) => all + (report[what] ?? 0), 0)
  return { instances: sum('instances'), cores: sum('cores'), ram: sum('ram') }
}

/** The cells that have instances of this scope, and are none of those that are asked. */
const notAsked = (mapped: readonly Mapped[], cells: readonly CellName[]): UsageReport[] =>
  mapped
    .filter(({ uuid, used }) => used.instances > 0 && !cells.some(cell => cell.uuid === uuid))
    .map(({ uuid, name, used }) => ({
      uuid,
      name,
      state: 'not-asked',
      ms: 0,
      ...used,
      source: 'instance-mappings',
    }))
