import type { Cell, CellName } from '../cells/cell.js'
import { declaredCell } from '../cells/declared-cell.js'
import { InvalidOptionError } from '../errors.js'
import { declaredTables } from '../resources/declared.js'
import { services } from '../resources/hosts.js'
import type { Freshness } from '../search/freshness.js'
import type { OpenIndex } from '../search/open-index.js'
import { selectServer, selectStatus } from '../sql/status.js'
import {
  type AskOptions,
  answers,
  askAll,
  type CellAnswer,
  checkOptions,
  inTime,
  membersOf,
  type Shared,
  THEMSELVES,
} from './ask-all.js'
import type { Deadline } from './deadline.js'
import { rollCall } from './roll-call.js'

/** What may be said when the cells are asked how they are. */
export interface StatusOptions extends AskOptions {
  /**
   * Seconds without a sign of life until a service counts as down, at least 1: nova.conf's `service_down_time`.
   * Default: 60, as there.
   */
  readonly serviceDownTime?: number
}

/** What a database says of itself; null throughout when it did not answer. */
export interface Health {
  /** The server's version: `10.11.6-MariaDB`, `9.7.0`. */
  readonly server: string | null
  /**
   * The revision of the schema: Alembic's (`ccb0fa1a2252`), or the number that Nova before 24.0 has (`402`). Null when
   * neither `alembic_version` nor `migrate_version` is there, or none of them may be read.
   */
  readonly schema: string | null
  /** The compute services that are not deleted. Null when there is no table `services`, or it may not be read. */
  readonly services: {
    /** Not forced down, and heard of lately by the database's clock. */
    readonly up: number
    /** All others. */
    readonly down: number
    /** Those, up or down, that the scheduler passes over. */
    readonly disabled: number
  } | null
}

/** How one cell is. */
export type CellStatus = CellAnswer &
  Health & {
    /**
     * Whether the cell is asked: `closed`, as ever; `open`, not for the moment, as it has failed again and again; `half-open`, by one statement,
     * to see whether it answers again. Null with `breaker: false`.
     */
    readonly breaker: 'closed' | 'open' | 'half-open' | null
  }

/** How the cells are. */
export interface Status {
  /** Every cell, and the API database, where there is one, behind them. */
  readonly cells: readonly CellStatus[]
  /** False when one of them did not answer. */
  readonly complete: boolean
  /** The index; null when there is none. */
  readonly index: IndexStatus | null
}

/** How an index is. */
export interface IndexStatus {
  readonly name: string
  /** `ready`: it can be asked; `empty`: it holds nothing, or nothing that is understood; `down`: it does not answer. */
  readonly state: 'ready' | 'empty' | 'down'
  /** What answers; null where nothing does. */
  readonly generation: string | null
  /** How true it is of each cell that is asked; empty where it is not `ready`. */
  readonly cells: readonly (CellName & Freshness)[]
}

/** How far INTERVAL goes without leaving the years that a DATETIME has. */
const MOST_SECONDS = 1_000_000_000

/**
 * How the cells and the API database are: whether each answers, its server, its schema, its compute services. Two small
 * statements for each, good for a health check every few seconds. A cell that is down is reported, never thrown.
 *
 * @throws a subclass of {@link InvalidInputError} when the options are wrong
 */
export const statusOf = async (
  { cells, api }: Shared,
  index: OpenIndex | undefined,
  options?: unknown,
): Promise<Status> => {
  const { serviceDownTime, ...asked } = check(options)
  const all = api === undefined ? cells : [...cells, api]
  const roll = rollCall(all)
  const [health, indexed] = await inTime({ verb: 'status', ...THEMSELVES }, asked, roll, deadline =>
    Promise.all([
      askAll(all, roll, cell => readHealth(cell, serviceDownTime, deadline)),
      index === undefined ? null : readIndex(index, cells, deadline),
    ]),
  )
  const reports = answers(roll).map(
    (answer, i): CellStatus => ({
      ...answer,
      ...(health[i] ?? NOTHING),
      breaker: all[i]!.breaker()?.state ?? null,
    }),
  )
  return { cells: reports, complete: roll.complete, index: indexed }
}

const readIndex = async (
  index: OpenIndex,
  cells: readonly Cell[],
  deadline: Deadline,
): Promise<IndexStatus> => {
  const current = await index.current(deadline.part())
  return {
    name: index.name,
    state: index.state(current),
    generation: current?.generation ?? null,
    cells: (current === undefined ? [] : cells).map(({ uuid, name }) => ({
      uuid,
      name,
      ...current!.freshness(uuid),
    })),
  }
}

const NOTHING: Health = { server: null, schema: null, services: null }

const check = (options: unknown = {}): AskOptions & Required<Pick<StatusOptions, 'serviceDownTime'>> => {
  const members = membersOf('status', options, ['signal', 'deadline', 'serviceDownTime'])
  const { serviceDownTime = 60, ...rest } = members as StatusOptions
  if (!Number.isInteger(serviceDownTime) || serviceDownTime < 1 || serviceDownTime > MOST_SECONDS)
    throw new InvalidOptionError(
      '/serviceDownTime',
      'got something else',
      `a whole number of seconds from 1 to ${MOST_SECONDS}`,
    )
  return { serviceDownTime, ...checkOptions('status', rest) }
}

const readHealth = async (real: Cell, downTime: number, deadline: Deadline): Promise<Health> => {
  const cell = declaredCell(real, declaredTables(services))
  const [[server, there]] = (await cell.query(selectServer, deadline.part())) as [[string, string | null]]
  const tables = new Set(there?.split(','))
  const [row] = await cell.query(selectStatus(tables, downTime), deadline.part())
  const [alembic, migrate, count, up, disabled] = row!
  const schema = alembic ?? migrate ?? null
  return {
    server,
    schema: schema === null ? null : String(schema),
    services: tables.has('services')
      ? { up: Number(up), down: Number(count) - Number(up), disabled: Number(disabled) }
      : null,
  }
}
