import type { SqlRow } from '../cells/connection.js'
import { InvalidOptionError } from '../errors.js'
import type { SqlValue } from '../sql/fragment.js'
import { planCells } from './cell-plan.js'
import { failure } from './failure.js'
import type { CellAddress } from './mapping-data.js'
import { API_DATABASE, populateApi, populateCell } from './populate.js'
import { queryOnce } from './query-once.js'
import { type LocalServer, startServer } from './server.js'
import { defaultKind, type ServerKind } from './server-kind.js'

/** What {@link startLocalCells} makes. */
export interface LocalCellsOptions {
  /** How many cells beside cell0. Default 3. */
  readonly cells?: number | undefined
  /** Whether there is a cell0. Default true. */
  readonly cell0?: boolean | undefined
  /**
   * `shared`: one server (one of each `kind`) with a database per cell. `own`: a server per cell and one for the API database, so that a
   * cell can be stopped. Default `shared`.
   */
  readonly servers?: 'shared' | 'own' | undefined
  /**
   * The make of all servers, or one for each cell, cell0 first. Cells that share a server share it with those of their
   * make; the API database is on one like the first cell's. Default: the environment variable `CROSSCELL_TEST_SERVER`,
   * else `mariadb`.
   */
  readonly kind?: ServerKind | readonly ServerKind[] | undefined
  /** Whether there is an API database, with the cell and instance mappings. Default true. */
  readonly apiDatabase?: boolean | undefined
  /**
   * Instances in all cells together, spread unevenly (the k-th cell has a share in proportion to 1 / k, cell0 to
   * 1 / 20), or one number for each cell, cell0 first. Default 0.
   */
  readonly instances?: number | readonly number[] | undefined
  /**
   * Whether the side tables are filled too: metadata, tags, network information, flavors and the other parts of `instance_extra`, faults,
   * PCI devices, services and compute nodes of the hosts; and for what was made since 2026 block devices, actions, and request specs
   * in the API database. Default true.
   */
  readonly relations?: boolean | undefined
  /** The same seed gives the same rows. Default 1. */
  readonly seed?: number | undefined
  /** InnoDB's buffer pool of each server, in MiB. Default 256. */
  readonly bufferPoolMB?: number | undefined
}

/** Cells on private servers. They end with this process, however that ends, and leave nothing behind. */
export interface LocalCells extends AsyncDisposable {
  /** SQLAlchemy URL of the API database, `nova_api`; absent without one. */
  readonly apiDatabase?: string
  /** cell0, when there is one, then `cell1`, `cell2`, …; their databases are `nova_cell0`, `nova_cell1`, … */
  readonly cells: readonly CellAddress[]
  /**
   * The server of a cell, or of the API database by the name `api`: to pause, kill or restart it.
   *
   * @throws TestingError with code `unknown-cell`
   */
  server(name: string): LocalServer
  /**
   * Kills the server of a cell, as a crash does: connections break, new ones are refused.
   *
   * @throws TestingError with code `shared-server` without `servers: 'own'`, or with code `unknown-cell`
   */
  stopCell(name: string): Promise<void>
  /**
   * Starts the server of a cell again, at the same address and with the same data.
   *
   * @throws TestingError with code `shared-server` without `servers: 'own'`, or with code `unknown-cell`
   */
  startCell(name: string): Promise<void>
  /**
   * Runs one statement in a cell's database, or in the API database by the name `api`, and gives the rows (column
   * values by position).
   *
   * @throws TestingError with code `unknown-cell`
   */
  query(name: string, text: string, values?: readonly SqlValue[]): Promise<SqlRow[]>
  /** Kills all servers and removes their folders. Does no harm a second time. */
  stop(): Promise<void>
}

const all = async <T>(work: readonly Promise<T>[]): Promise<T[]> => {
  // Nothing is left in the middle of its start when something else fails.
  await Promise.allSettled(work)
  return Promise.all(work)
}

const kindsOf = (
  kind: LocalCellsOptions['kind'] = defaultKind(process.env),
  cells: number,
): readonly ServerKind[] => {
  const kinds = typeof kind === 'string' ? Array.from({ length: cells }, () => kind) : kind
  if (kinds.length !== cells)
    throw new InvalidOptionError('/kind', `${kinds.length} kinds`, `${cells}, one for each cell`)
  return kinds
}

/**
 * Starts cells for tests and demonstrations: private MariaDB or MySQL servers with Nova's own tables, filled with seeded,
 * reproducible data that was made for hard cases (ties, NULLs, deleted and hidden rows, names in many scripts).
 *
 * ```ts
 * await using local = await startLocalCells({ instances: 10_000 })
 * const cells = await openCells({ apiDatabase: local.apiDatabase })
 * ```
 *
 * @throws InvalidOptionError when `instances` or `kind` is a list of another length than there are cells
 * @throws TestingError with code `mariadb-not-found` or `mariadb-failed`, as `startMariaDB`, or with `mysql-not-found`
 * or `mysql-failed`
 */
export const startLocalCells = async (options: LocalCellsOptions = {}): Promise<LocalCells> => {
  const { cells: count = 3, cell0 = true, servers = 'shared', apiDatabase = true } = options
  const { instances = 0, relations = true, seed = 1, bufferPoolMB } = options
  const plan = planCells(count, cell0, instances)
  const names = [...plan.map(cell => cell.name), ...(apiDatabase ? ['api'] : [])]
  const kinds = kindsOf(options.kind, plan.length)

  const started: LocalServer[] = []
  const start = async (kind: ServerKind): Promise<LocalServer> => {
    const server = await startServer({ kind, bufferPoolMB })
    started.push(server)
    return server
  }
  const stop = async () => {
    await all(started.map(server => server.stop()))
  }
  try {
    const shared = servers === 'shared'
    const one = new Map([...new Set(shared ? kinds : [])].map(kind => [kind, start(kind)]))
    const byName = new Map(
      await all(
        names.map(async (name, at) => {
          // The API database comes behind the cells.
          const kind = kinds[at] ?? kinds[0]!
          return [name, await (one.get(kind) ?? start(kind))] as const
        }),
      ),
    )
    const planned = plan.map(cell => ({ ...cell, database: byName.get(cell.name)!.url(cell.databaseName) }))
    await all([
      ...planned.map(cell => populateCell(byName.get(cell.name)!, cell, { seed, relations })),
      ...(apiDatabase ? [populateApi(byName.get('api')!, planned, seed, relations)] : []),
    ])
    const cells = planned.map(({ uuid, name, database }) => ({ uuid, name, database }))
    const urls = new Map(cells.map(cell => [cell.name, cell.database]))
    if (apiDatabase) urls.set('api', byName.get('api')!.url(API_DATABASE))

    const server = (name: string): LocalServer => {
      const found = byName.get(name)
      if (!found) throw failure('unknown-cell', `no cell ${name}; there are ${names.join(', ')}`)
      return found
    }
    const own = (name: string): LocalServer => {
      const found = server(name)
      if (shared)
        throw failure(
          'shared-server',
          `${name} shares its server with all cells; start them with servers: 'own'`,
        )
      return found
    }
    return {
      ...(apiDatabase ? { apiDatabase: urls.get('api')! } : {}),
      cells,
      server,
      stopCell: async name => own(name).kill(),
      startCell: async name => own(name).restart(),
      query: async (name, text, values) => {
        server(name)
        return queryOnce(urls.get(name)!, text, values)
      },
      stop,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
