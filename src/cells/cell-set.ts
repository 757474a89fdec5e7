import { publishKill } from '../observability.js'
import { type Cell, type CellSettings, openCell } from './cell.js'
import { parseDatabaseUrl } from './database-url.js'
import type { CellMapping } from './directory.js'
import { openPool, type PoolSettings } from './pool.js'

/** The cells that are asked, which may change while the process runs. */
export interface CellSet {
  /** The cells as they are known now. Once the time to live is over, they are looked up again meanwhile. */
  current(): readonly Cell[]
  /**
   * Looks the cells up now. Those that stay keep their connections; those that are gone finish what is under way.
   * Rejects as the look-up does, and then nothing has changed.
   */
  reload(): Promise<void>
  /** Ends every connection, when the statements under way are done. */
  close(): Promise<void>
}

/** What {@link openCellSet} is told. */
export interface CellSetSettings {
  readonly pool: PoolSettings
  readonly cell: CellSettings
  /** Milliseconds until the cells are looked up again. */
  readonly ttl: number
}

interface Known {
  readonly mapping: CellMapping
  readonly cell: Cell
}

/** Opens the cells of a look-up. Nothing is connected yet: a cell that is down costs nothing until it is asked. */
export const openCellSet = async (
  lookUp: () => Promise<readonly CellMapping[]>,
  { pool, cell: settings, ttl }: CellSetSettings,
): Promise<CellSet> => {
  const { now } = settings
  let known: readonly Known[] = []
  let cells: readonly Cell[] = []
  let loadedAt = 0

  const same = (a: CellMapping, b: CellMapping): boolean =>
    a.uuid === b.uuid && a.name === b.name && a.database === b.database

  const load = async (): Promise<void> => {
    const mappings = await lookUp()
    const addresses = mappings.map((mapping, i) => parseDatabaseUrl(mapping.database, `/cells/${i}/database`))
    const before = known
    known = mappings.map(
      (mapping, i) =>
        before.find(other => same(other.mapping, mapping)) ?? {
          mapping,
          cell: openCell(
            mapping,
            openPool(addresses[i]!, { ...pool, killed: () => publishKill(mapping) }),
            settings,
          ),
        },
    )
    cells = known.map(({ cell }) => cell)
    loadedAt = now()
    for (const { cell } of before.filter(one => !known.includes(one))) cell.close()
  }

  let loading: Promise<void> | undefined
  const reload = (): Promise<void> => {
    loading ??= load().finally(() => {
      loading = undefined
    })
    return loading
  }

  await reload()
  return {
    current: () => {
      if (now() - loadedAt >= ttl) {
        // One look-up for each time to live, also when it fails: the cells that are known go on.
        loadedAt = now()
        reload().catch(() => {})
      }
      return cells
    },
    reload,
    close: async () => {
      await Promise.all(cells.map(cell => cell.close()))
    },
  }
}
