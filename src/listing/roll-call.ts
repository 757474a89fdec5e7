import { type CellName, LEFT_ALONE, NOT_WANTED, TIMED_OUT } from '../cells/cell.js'
import { CellFailedError, type CellFailure, CellsUnavailableError } from '../errors.js'
import type { Freshness } from '../search/freshness.js'

/**
 * What a cell did for an answer. `timed-out`: it had not answered when its time was over. `breaker-open`: it was not asked, because it had
 * failed again and again.
 */
export type CellState = 'ok' | 'failed' | 'timed-out' | 'breaker-open'

/** What the servers themselves say of a statement that took too long is the same. */
const STATES: Readonly<Record<string, CellState>> = {
  [TIMED_OUT]: 'timed-out',
  ER_STATEMENT_TIMEOUT: 'timed-out',
  ER_QUERY_TIMEOUT: 'timed-out',
  [LEFT_ALONE]: 'breaker-open',
}

/** One cell's part in an answer. */
export interface CellReport extends CellName {
  readonly state: CellState
  /** Items of this answer that are the cell's. */
  readonly rows: number
  /** Rows that were fetched to decide on them. */
  readonly fetched: number
  /** Of these items, those that its instance mappings stand for. Absent when there is none. */
  readonly stubs?: number
  /** Items of which a document could not be read; their `undecodable` names it. Absent when there is none. */
  readonly undecodable?: number
  /** Milliseconds from the start of the request to the cell's last word. */
  readonly ms: number
  /** What the index gave of this cell is as it was then, by the cell's clock; ISO 8601. Absent where the cell itself answered. */
  readonly asOf?: string
  /** How true the index is of this cell, in one word. Absent where the cell itself answered. */
  readonly freshness?: Freshness['state']
  /** Why it is not `ok`. */
  readonly error?: { readonly code: 'cell-failed'; readonly reason: string }
}

/** Keeps count of what each cell does for one answer. */
export interface RollCall {
  readonly complete: boolean
  /** The cell answered a statement, with so many rows to choose from. */
  answered(cell: CellName, fetched: number): void
  /** So many items of the answer are the cell's, and so many of them stubs. */
  returned(cell: CellName, rows: number, stubs: number): void
  /** One of the cell's items has a document that can't be read. */
  undecodable(cell: CellName): void
  /** The cell is out of this answer. Rejects everything but a failure of the cell itself. */
  down(cell: CellName, error: unknown): void
  isDown(cell: Pick<CellName, 'uuid'>): boolean
  /** The uuids of those that are out. */
  readonly downCells: readonly string[]
  report(): CellReport[]
  /** @throws {@link CellsUnavailableError} when a cell is out of this answer */
  requireComplete(): void
}

interface Entry {
  rows: number
  stubs: number
  fetched: number
  undecodable: number
  ms: number
  failure?: CellFailure
}

/** Starts the clock. */
export const rollCall = (cells: readonly CellName[]): RollCall => {
  const start = performance.now()
  const entries = new Map(
    cells.map(({ uuid }): [string, Entry] => [uuid, { rows: 0, stubs: 0, fetched: 0, undecodable: 0, ms: 0 }]),
  )
  const at = ({ uuid }: CellName): Entry => entries.get(uuid)!
  const spoke = (entry: Entry): void => {
    entry.ms = performance.now() - start
  }
  const failures = (): CellFailure[] => [...entries.values()].flatMap(({ failure }) => failure ?? [])
  return {
    get complete() {
      return failures().length === 0
    },
    answered: (cell, fetched) => {
      at(cell).fetched += fetched
      spoke(at(cell))
    },
    returned: (cell, rows, stubs) => {
      at(cell).rows += rows
      at(cell).stubs += stubs
    },
    undecodable: cell => {
      at(cell).undecodable++
    },
    down: (cell, error) => {
      if (!(error instanceof CellFailedError)) throw error
      // What was read ahead when its reader had enough is no failure.
      if (error.cell.reason === NOT_WANTED) return
      at(cell).failure ??= error.cell
      spoke(at(cell))
    },
    isDown: ({ uuid }) => entries.get(uuid)?.failure !== undefined,
    get downCells() {
      return [...entries].flatMap(([uuid, { failure }]) => (failure === undefined ? [] : uuid))
    },
    report: () =>
      cells.map(cell => {
        const { failure, rows, stubs, fetched, undecodable, ms } = at(cell)
        return {
          uuid: cell.uuid,
          name: cell.name,
          state: failure === undefined ? 'ok' : (STATES[failure.reason] ?? 'failed'),
          rows,
          ...(stubs > 0 && { stubs }),
          fetched,
          ...(undecodable > 0 && { undecodable }),
          ms: Math.round(ms * 1_000) / 1_000,
          ...(failure && { error: { code: 'cell-failed', reason: failure.reason } }),
        }
      }),
    requireComplete: () => {
      const failed = failures()
      if (failed.length > 0) throw new CellsUnavailableError(failed)
    },
  }
}
