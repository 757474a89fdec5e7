import type { Cell } from '../cells/cell.js'
import { declaredCell } from '../cells/declared-cell.js'
import { type DeclaredTables, declaredTables } from '../resources/declared.js'
import { computeNodes } from '../resources/hosts.js'
import { instances } from '../resources/instances.js'
import { selectComputeNodes, selectStates } from '../sql/capacity.js'
import { where } from '../sql/condition.js'
import { noTexts } from '../sql/text-column.js'
import {
  answers,
  askAll,
  type CellAnswer,
  checkOptions,
  inTime,
  type Shared,
  THEMSELVES,
  validator,
} from './ask-all.js'
import type { Deadline } from './deadline.js'
import { rollCall } from './roll-call.js'

/** Columns of `compute_nodes` that are added up. */
const SUMMED = [
  'vcpus',
  'vcpus_used',
  'memory_mb',
  'memory_mb_used',
  'free_ram_mb',
  'local_gb',
  'local_gb_used',
  'free_disk_gb',
] as const

/** What there is, and what is used of it. The sums are over the compute nodes that are not deleted; where there is none, 0. */
export interface Figures {
  /**
   * Instances that are neither deleted nor soft-deleted nor hidden, by `vm_state`: `{ active: 12, error: 1 }`. Those
   * without a state are `null`.
   */
  readonly instances: Readonly<Record<string, number>>
  /** Compute nodes that are not deleted. */
  readonly hosts: number
  readonly vcpus: number
  readonly vcpus_used: number
  /** MiB. */
  readonly memory_mb: number
  /** MiB. */
  readonly memory_mb_used: number
  /** MiB. Below 0 when hosts are overcommitted. */
  readonly free_ram_mb: number
  /** GiB. */
  readonly local_gb: number
  /** GiB. */
  readonly local_gb_used: number
  /** GiB. Below 0 when hosts are overcommitted. */
  readonly free_disk_gb: number
}

/** One cell's capacity; null throughout when the cell did not answer. */
export type CellCapacity = CellAnswer & (Figures | { readonly [F in keyof Figures]: null })

/** The capacity of the cells that answered, in all and each for itself. */
export interface Capacity extends Figures {
  /** False when a cell did not answer: it is missing in the sums. */
  readonly complete: boolean
  readonly cells: readonly CellCapacity[]
}

const FIGURES = ['hosts', ...SUMMED] as const

/**
 * The capacity of the cells: instances by state, compute nodes, and what these have. Two statements for each cell, at
 * the same time. A cell that is down is reported, never thrown.
 *
 * @throws a subclass of {@link InvalidInputError} when the options are wrong
 */
export const capacityOf = async ({ cells }: Pick<Shared, 'cells'>, options?: unknown): Promise<Capacity> => {
  const roll = rollCall(cells)
  const about = { verb: 'capacity', ...THEMSELVES } as const
  const figures = await inTime(about, checkOptions('capacity', options), roll, deadline =>
    askAll(cells, roll, cell => readFigures(cell, deadline)),
  )
  const reports = answers(roll).map((answer, i): CellCapacity => ({ ...answer, ...(figures[i] ?? NOTHING) }))
  return { ...total(figures.filter(one => one !== undefined)), complete: roll.complete, cells: reports }
}

/** What is added up; a cell without compute nodes has none. */
const TABLES: DeclaredTables = new Map([
  ...declaredTables(instances),
  ...[...declaredTables(computeNodes)].map(
    ([table, declared]) => [table, { ...declared, optional: true }] as const,
  ),
])

const readFigures = async (real: Cell, deadline: Deadline): Promise<Figures> => {
  const cell = declaredCell(real, TABLES)
  const { flags } = validator().query('count', { scope: 'all' })
  const visible = where(flags, 'instances', noTexts)
  const [states, [sums]] = await Promise.all([
    cell.query(selectStates(visible), deadline.part()),
    cell.query(selectComputeNodes(SUMMED), deadline.part()),
  ])
  return {
    instances: Object.fromEntries(states.map(([state, count]) => [String(state), Number(count)])),
    // A sum is a DECIMAL, which the driver gives as text, and NULL of no rows.
    ...byFigure(i => Number(sums![i])),
  }
}

const byFigure = <T>(value: (at: number) => T): Record<(typeof FIGURES)[number], T> =>
  Object.fromEntries(FIGURES.map((figure, i) => [figure, value(i)])) as Record<(typeof FIGURES)[number], T>

const NOTHING = { instances: null, ...byFigure(() => null) } as const

const total = (all: readonly Figures[]): Figures => {
  const states = new Map<string, number>()
  for (const [state, count] of all.flatMap(({ instances }) => Object.entries(instances)))
    states.set(state, (states.get(state) ?? 0) + count)
  return {
    instances: Object.fromEntries(states),
    ...byFigure(i => all.reduce((sum, figures) => sum + figures[FIGURES[i]!], 0)),
  }
}
