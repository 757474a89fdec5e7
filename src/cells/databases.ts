import { publishKill } from '../observability.js'
import { API_DATABASE } from './build-requests.js'
import { type Cell, type CellSettings, openCell } from './cell.js'
import { type CellSet, openCellSet } from './cell-set.js'
import { parseDatabaseUrl } from './database-url.js'
import { type CellMapping, readCellMappings } from './directory.js'
import { openPool, type PoolSettings } from './pool.js'

/** The databases of a cloud. */
export interface Databases {
  readonly cells: CellSet
  /** The API database, where there is one. */
  readonly api: Cell | undefined
  /** Ends every connection, when the statements under way are done. */
  close(): Promise<void>
}

/** Which databases, and how they are asked. */
export interface DatabaseSettings {
  /** The URL of the API database, whose mappings name the cells. */
  readonly apiDatabase?: string | undefined
  /** The cells, where there is none. */
  readonly cells?: readonly CellMapping[] | undefined
  /** The cells whose mapping is disabled as well. */
  readonly disabledCells: boolean
  /** Milliseconds until the mappings are read again. */
  readonly directoryTtl: number
  /** Of every database. */
  readonly pool: PoolSettings
  readonly cell: CellSettings
}

/**
 * A filter on build requests joins a few tables for each tag or key that it names. MySQL would look for the best order of all of
 * them for seconds, where any order is good.
 */
const SEARCH_DEPTH = 3

/** Opens the databases. Only the API database is asked. */
export const openDatabases = async (settings: DatabaseSettings): Promise<Databases> => {
  const { apiDatabase, cells: given, disabledCells, directoryTtl, pool, cell } = settings
  const apiPool = { ...pool, searchDepth: SEARCH_DEPTH, killed: () => publishKill(API_DATABASE) }
  const api =
    apiDatabase === undefined
      ? undefined
      : openCell(API_DATABASE, openPool(parseDatabaseUrl(apiDatabase, '/apiDatabase'), apiPool), cell)
  try {
    const cells = await openCellSet(
      async () => given ?? (await readCellMappings(api!, apiDatabase!, disabledCells)),
      { pool, cell, ttl: given === undefined ? directoryTtl : Number.POSITIVE_INFINITY },
    )
    return {
      cells,
      api,
      close: async () => {
        await Promise.all([cells.close(), api?.close()])
      },
    }
  } catch (error) {
    await api?.close()
    throw error
  }
}
