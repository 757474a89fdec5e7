import { randomBytes } from 'node:crypto'
import { BREAKER } from '../cells/breaker.js'
import { openDatabases } from '../cells/databases.js'
import { instanceMappings } from '../cells/instance-mappings.js'
import { openLimiter } from '../cells/limiter.js'
import { type Cursors, cursors } from '../engine/cursor.js'
import { ClosedError } from '../errors.js'
import { computeNodes, services } from '../resources/hosts.js'
import { instanceActions } from '../resources/instance-actions.js'
import { instances } from '../resources/instances.js'
import { migrations } from '../resources/migrations.js'
import type { Resource } from '../resources/resource.js'
import { withoutApi } from '../resources/without-api.js'
import { openIndex } from '../search/open-index.js'
import { checkConfig } from '../validation/config.js'
import { validatorOf } from '../validation/validator.js'
import type { Lister, Searcher } from './answer.js'
import type { Shared } from './ask-all.js'
import { capacityOf } from './capacity.js'
import type { Cells, CellsConfig } from './cells.js'
import { pageMemory } from './forecast.js'
import { showInside } from './inside.js'
import { createLister } from './lister.js'
import { markerCache } from './marker-cache.js'
import { statusOf } from './status.js'
import { usageOf } from './usage.js'

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
  const { buildRequests = 'in-order', projectCells = false } = config
  const databases = await openDatabases({
    apiDatabase: config.apiDatabase,
    cells: config.cells,
    disabledCells: config.disabledCells ?? false,
    directoryTtl: config.directoryTtl ?? 60_000,
    pool: {
      connections: config.connectionsPerCell ?? 8,
      ...(config.statementTimeout !== undefined && { statementTimeout: config.statementTimeout }),
      ...(config.tls !== undefined && { tls: config.tls }),
    },
    cell: {
      limiter: openLimiter({
        statements: config.concurrency ?? 256,
        rows: config.rowsInFlight ?? 500_000,
        bytes: config.bytesInFlight ?? 256 * 1_024 * 1_024,
      }),
      breaker: config.breaker === false ? undefined : { ...BREAKER, ...config.breaker },
      now: () => performance.now(),
      random: Math.random,
    },
  })
  const { api } = databases
  const sealed = cursors(config.cursorSecrets ?? [randomBytes(32)])
  const shared = {
    api,
    cursors: buildRequests === 'first' ? ofAnotherOrder(sealed) : sealed,
    markers: markerCache(),
    memory: pageMemory(),
  }
  const instanceSources = api && {
    mappings: instanceMappings(api, buildRequests !== 'none'),
    buildRequests,
    projectCells,
  }
  let closing: Promise<unknown> | undefined
  const open = (): typeof shared & Shared => {
    if (closing !== undefined) throw new ClosedError()
    return { ...shared, cells: databases.cells.current() }
  }
  const index =
    config.index &&
    openIndex(config.index, instances, { now: () => performance.now(), time: Date.now, random: Math.random })
  const listers = new Map<Resource, Lister<never>>()
  const of = <R extends Resource>(resource: R): Lister<R> => {
    const made = listers.get(resource) as Lister<R> | undefined
    if (made !== undefined) return made
    const known = api === undefined ? withoutApi(resource) : resource
    const validator = validatorOf(known, config.maxLimit ?? 1_000)
    const lister = createLister(resource, validator, () => ({
      ...open(),
      instances: resource.mapped ? instanceSources : undefined,
      index: (resource as Resource) === instances ? index : undefined,
      resource,
    }))
    listers.set(resource, lister as Lister<never>)
    return lister
  }
  const opened: Cells = {
    instances: of(instances) as Searcher<typeof instances>,
    migrations: of(migrations),
    instanceActions: of(instanceActions),
    services: of(services),
    computeNodes: of(computeNodes),
    of,
    usage: async (query, options) => usageOf(open(), query, options),
    status: async options => statusOf(open(), index, options),
    capacity: async options => capacityOf(open(), options),
    reload: async () => {
      open()
      await databases.cells.reload()
    },
    close: async () => {
      closing ??= Promise.all([databases.close(), index?.close()])
      await closing
    },
  }
  showInside(opened, {
    cells: () => open().cells,
    index: config.index,
    mappings: instanceSources?.mappings,
    listerOf: (resource, cell) =>
      createLister(resource, validatorOf(withoutApi(resource), MOST_AT_ONCE), () => ({
        ...open(),
        cells: [cell],
        resource,
      })),
  })
  return opened
}

/** Records that an indexer reads at once at the most. */
const MOST_AT_ONCE = 10_000

/** A cursor of the one order is none of the other. */
const ofAnotherOrder = ({ seal, open }: Cursors): Cursors => ({
  seal: (binding, position) => seal(`first ${binding}`, position),
  open: (binding, cursor) => open(`first ${binding}`, cursor),
})
