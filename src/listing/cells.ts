import type { BreakerSettings } from '../cells/breaker.js'
import type { CellMapping } from '../cells/directory.js'
import type { TlsOptions } from '../cells/pool.js'
import type { computeNodes, services } from '../resources/hosts.js'
import type { instanceActions } from '../resources/instance-actions.js'
import type { instances } from '../resources/instances.js'
import type { migrations } from '../resources/migrations.js'
import type { Resource } from '../resources/resource.js'
import type { SearchIndex } from '../search/search-index.js'
import type { Lister, Searcher } from './answer.js'
import type { AskOptions } from './ask-all.js'
import type { Capacity } from './capacity.js'
import type { BuildRequests } from './sources.js'
import type { Status, StatusOptions } from './status.js'
import type { Usage, UsageQuery } from './usage.js'

/** What `openCells` takes. Exactly one of `apiDatabase` and `cells`. */
export interface CellsConfig {
  /** The URL of `nova_api`, whose `cell_mappings` name the cells; as it stands in nova.conf, `[api_database] connection`. */
  readonly apiDatabase?: string
  /** The cells themselves, where there is no API database. */
  readonly cells?: readonly CellMapping[]
  /** Ask the cells whose mapping is `disabled` as well. Default: false. Nova itself asks them. */
  readonly disabledCells?: boolean
  /**
   * Where build requests come, the instances that have no cell yet: `in-order`, wherever the sort has them; `first`, before
   * those of all cells, as Nova has them; `none`, not at all. Default: `in-order` with an API database; without one there
   * are none.
   */
  readonly buildRequests?: BuildRequests
  /**
   * Ask only the cells that the scope's project or user has instances in, as the instance mappings say: Nova's
   * `[api] instance_list_per_project_cells`. One more statement before the cells are asked, which pays where there are many cells
   * and most projects are in few. Default: false. Only with an API database, and for instances.
   */
  readonly projectCells?: boolean
  /**
   * Milliseconds until the cell mappings are read again, while requests go on with the cells that are known. Minimum 0,
   * default 60,000. A look-up that fails changes nothing.
   */
  readonly directoryTtl?: number
  /**
   * Connections to one cell at the most. Minimum 1, default 8. There is one more for a moment where all are taken and a statement that
   * was given up has to be killed.
   */
  readonly connectionsPerCell?: number
  /** Statements under way at once, over all cells and requests. Minimum 1, default 256. */
  readonly concurrency?: number
  /**
   * Rows that all statements under way may give together; a statement that would be too many waits, and one that is larger runs
   * alone. Minimum 1, default 500,000. Requests take turns, whatever they wait for.
   */
  readonly rowsInFlight?: number
  /** The same in bytes, as far as the rows that were seen let expect. Minimum 1, default 268,435,456 (256 MiB). */
  readonly bytesInFlight?: number
  /**
   * Milliseconds after which a server itself ends a statement that crosscell could not kill. Minimum 1,000, default 60,000. Raise it
   * with `deadline`: a statement may take half of that.
   */
  readonly statementTimeout?: number
  /**
   * When a cell is left alone. After `failures` failures one after the other (default 3) it is not asked for `pause` milliseconds
   * (default 1,000), and then by one statement at a time; while that fails, the pause doubles up to `longest` (default 10,000). A statement
   * that takes `slow` milliseconds (default 5,000), or has no answer in its time, is a failure when the cell does not answer another one
   * within a second either: so no caller's slow queries cost others a cell. `false`: every request asks every cell.
   */
  readonly breaker?: Partial<BreakerSettings> | false
  /** The largest and the default `limit`. Minimum 1, default 1000, as Nova's `[api] max_limit`. */
  readonly maxLimit?: number
  /**
   * Secrets of at least 16 characters that cursors are authenticated with. The first makes them, all of them are
   * accepted. Give the same to every process that answers the same callers. Default: a random one, so that
   * cursors end with the process.
   */
  readonly cursorSecrets?: readonly string[]
  /**
   * TLS to the cells and the API database, for example `{ ca }`. Default: none, but for URLs that ask for it (`ssl_ca`, `ssl_mode`, …): those
   * are reached with certificates that Node trusts, or not at all. The files that a URL names are not read.
   */
  readonly tls?: TlsOptions
  /**
   * An index of the instances, as `embeddedIndex` and `openSearchIndex` make one, which somebody has to fill. Requests are
   * then answered by whoever is faster; see `source`. Closed with the cells. Default: none.
   */
  readonly index?: SearchIndex
}

/** The cells of a cloud. */
export interface Cells {
  /** The instances of all cells. */
  readonly instances: Searcher<typeof instances>
  /** Moves of instances between hosts. */
  readonly migrations: Lister<typeof migrations>
  /** What was done with instances, with the events of each action. */
  readonly instanceActions: Lister<typeof instanceActions>
  /** The services of the cells; administrators only. */
  readonly services: Lister<typeof services>
  /** The hypervisors; administrators only. */
  readonly computeNodes: Lister<typeof computeNodes>
  /** The verbs of a resource of your own; see {@link defineResource}. The same resource has the same lister. */
  of<R extends Resource>(resource: R): Lister<R>
  /** What a scope uses, as Nova counts it for quotas: instances, cores, and MiB of memory; in all and in each cell. */
  usage(query: UsageQuery, options?: AskOptions): Promise<Usage>
  /** How every cell and the API database are: reachable, server, schema, compute services. Cheap enough for a health check. */
  status(options?: StatusOptions): Promise<Status>
  /** What the cells have: instances by state, hosts, CPUs, memory and disk, and what is free of them. Administrators only. */
  capacity(options?: AskOptions): Promise<Capacity>
  /**
   * Reads the cell mappings now.
   *
   * @throws {@link DirectoryError} when the API database does not answer; nothing has changed then
   */
  reload(): Promise<void>
  /** Ends every connection, when the statements under way are done. Safe to call twice. */
  close(): Promise<void>
}
