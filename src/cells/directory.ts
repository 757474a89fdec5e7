import { type CellFailedError, DirectoryError, InvalidUrlError } from '../errors.js'
import { sql } from '../sql/fragment.js'
import { type CellName, TIMED_OUT } from './cell.js'
import type { Database } from './connection.js'
import { type DatabaseAddress, parseDatabaseUrl } from './database-url.js'

/** A cell and where its database is. */
export interface CellMapping extends CellName {
  /** The database's URL, as in Nova's `cell_mappings.database_connection`. */
  readonly database: string
}

/** The uuid of cell0: instances that never reached a host (nova/objects/cell_mapping.py). */
export const CELL0_UUID = '00000000-0000-0000-0000-000000000000'

/** Milliseconds that the API database has to give the cell mappings. */
const DEADLINE_MS = 10_000

/**
 * Reads the cell mappings, without the disabled ones unless they are asked for, in the order of their ids, and fills their
 * templates from the API database's own URL, as Nova does from `[database]/connection` (nova/objects/cell_mapping.py,
 * `_format_url`).
 *
 * @throws {@link DirectoryError} when the API database does not answer
 */
export const readCellMappings = async (
  api: Pick<Database, 'query'>,
  apiDatabase: string,
  disabled = false,
): Promise<CellMapping[]> => {
  const address = parseDatabaseUrl(apiDatabase, '/apiDatabase')
  const rows = await mappingRows(api, disabled ? 1 : 0)
  return rows.map(([uuid, name, url]) => ({
    uuid: uuid!,
    name: name ?? uuid!,
    database: fillTemplate(url!, apiDatabase, address),
  }))
}

const mappingRows = async (api: Pick<Database, 'query'>, disabled: number): Promise<(string | null)[][]> => {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(TIMED_OUT), DEADLINE_MS)
  const statement = sql`SELECT uuid, name, database_connection FROM cell_mappings WHERE disabled <= ${disabled} ORDER BY id`
  const rows = await api
    .query(statement, controller.signal)
    .catch((cause: CellFailedError) => {
      throw new DirectoryError(cause.cell.reason)
    })
    .finally(() => clearTimeout(timer))
  return rows as (string | null)[][]
}

/** Nova fills these from the URL as it is written: nothing is decoded or encoded on the way. */
const fillTemplate = (template: string, url: string, { port = 3306 }: DatabaseAddress): string => {
  const parts = new Map(Object.entries({ ...PARTS.exec(url)!.groups, port: String(port) }))
  return template.replace(/\{(\w+)\}/g, (_, key: string) => {
    const value = parts.get(key)
    if (value === undefined)
      throw new InvalidUrlError('/apiDatabase', `a URL with a ${key}, for the template of a cell mapping`)
    return value
  })
}

const PARTS =
  /^(?<scheme>[^:]+):\/\/(?:(?<username>[^:@/]*)(?::(?<password>[^@]*))?@)?(?<hostname>\[[^\]]*\]|[^:/?#]*)(?::\d+)?\/?(?<path>[^?#]*)\??(?<query>[^#]*)#?(?<fragment>.*)$/s
