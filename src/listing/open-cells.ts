import { randomBytes } from 'node:crypto'
import { openCellSet } from '../cells/cell-set.js'
import type { TlsOptions } from '../cells/connection.js'
import { type CellMapping, readCellMappings } from '../cells/directory.js'
import { cursors } from '../engine/cursor.js'
import { ClosedError } from '../errors.js'
import { computeNodes, services } from '../resources/hosts.js'
import { instances } from '../resources/instances.js'
import { migrations } from '../resources/migrations.js'
import type { Resource } from '../resources/resource.js'
import { checkConfig } from '../validation/config.js'
import { validatorOf } from '../validation/validator.js'
import type { Lister } from './answer.js'
import { createLister } from './lister.js'
import { markerCache } from './marker.js'

/** What `openCells` takes. Exactly one of `apiDatabase` and `cells`. */
export interface CellsConfig {
  /** The URL of `nova_api`, whose `cell_mappings` name the cells; as it stands in nova.conf, `[api_database] connection`. */
  readonly apiDatabase?: string
  /** The cells themselves, where there is no API database. */
  readonly cells?: readonly CellMapping[]
  /** Ask the cells whose mapping is `disabled` as well. Default: false. Nova itself asks them. */
  readonly disabledCells?: boolean
  /**
   * Milliseconds until the cell mappings are read again, while requests go on with the cells that are known. Minimum 0,
   * default 60,000. A look-up that fails changes nothing.
   */
  readonly directoryTtl?: number
  /** Connections to one cell at the most. Minimum 1, default 8. */
  readonly connectionsPerCell?: number
  /** Statements under way at once, over all cells and requests. Minimum 1, default 256. */
  readonly concurrency?: number
  /** The largest and the default `limit`. Minimum 1, default 1000, as Nova's `[api] max_limit`. */
  readonly maxLimit?: number
  /**
   * Secrets of at least 16 characters that cursors are authenticated with. The first makes them, all of them are
   * accepted. Give the same to every process that answers the same callers. Default: a random one, so that
   * cursors end with the process.
   */
  readonly cursorSecrets?: readonly string[]
  /** TLS to the cells, for example `{ ca }`. Default: none. */
  readonly tls?: TlsOptions
}

/** The cells of a cloud. */
export interface Cells {
  /** The instances of all cells. */
  readonly instances: Lister<typeof instances>
  /** Moves of instances between hosts. */
  readonly migrations: Lister<typeof migrations>
  /** The services of the cells; administrators only. */
  readonly services: Lister<typeof services>
  /** The hypervisors; administrators only. */
  readonly computeNodes: Lister<typeof computeNodes>
  /** The verbs of a resource of your own; see {@link defineResource}. The same resource has the same lister. */
  of<R extends Resource>(resource: R): Lister<R>
  /**
   * Reads the cell mappings now.
   *
   * @throws {@link DirectoryError} when the API database does not answer; nothing has changed then
   */
  reload(): Promise<void>
  /** Ends every connection, when the statements under way are done. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Opens the cells of a cloud. Only the API database is asked; cells are connected to when they are first needed,
 * so that one that is down stops nobody.
 *
 * @example
 * ```ts
 * const cells = await openCells({ apiDatabase: 'mysql+pymysql://reader:secret@db/nova_api' })
 * const page = await cells.instances.list({ scope: { project_id: 'a1b2' }, sort: ['display_name:asc'], limit: 100 })
 * ```
 *
 * @throws {@link InvalidOptionError}, {@link UnknownOptionError} when the configuration is wrong
 * @throws {@link InvalidUrlError} when a URL can't be read
 * @throws {@link DirectoryError} when the API database does not answer
 */
export const openCells = async (config: CellsConfig): Promise<Cells> => {
  checkConfig(config)
  const { apiDatabase, cells: given, directoryTtl = 60_000, disabledCells = false } = config
  const lookUp = async (): Promise<readonly CellMapping[]> =>
    given ?? (await readCellMappings(apiDatabase!, disabledCells))
  const set = await openCellSet(lookUp, {
    ttl: given === undefined ? directoryTtl : Number.POSITIVE_INFINITY,
    now: () => performance.now(),
    concurrency: config.concurrency ?? 256,
    connections: config.connectionsPerCell ?? 8,
    ...(config.tls === undefined ? {} : { tls: config.tls }),
  })
  const shared = {
    cursors: cursors(config.cursorSecrets ?? [randomBytes(32)]),
    markers: markerCache(),
  }
  let closing: Promise<unknown> | undefined
  const open = (): typeof shared => {
    if (closing !== undefined) throw new ClosedError()
    return shared
  }
  const listers = new Map<Resource, Lister<never>>()
  const of = <R extends Resource>(resource: R): Lister<R> => {
    const known = listers.get(resource) as Lister<R> | undefined
    if (known !== undefined) return known
    const validator = validatorOf(resource, config.maxLimit ?? 1_000)
    const lister = createLister<R>(validator, () => ({ ...open(), cells: set.current(), resource }))
    listers.set(resource, lister as Lister<never>)
    return lister
  }
  return {
    instances: of(instances),
    migrations: of(migrations),
    services: of(services),
    computeNodes: of(computeNodes),
    of,
    reload: async () => {
      open()
      await set.reload()
    },
    close: async () => {
      closing ??= set.close()
      await closing
    },
  }
}
