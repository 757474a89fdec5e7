import { DirectoryError, InvalidUrlError } from '../errors.js'
import type { CellName } from './cell.js'
import { connect, reasonOf } from './connection.js'
import { type DatabaseAddress, parseDatabaseUrl } from './database-url.js'

/** A cell and where its database is. */
export interface CellMapping extends CellName {
  /** The database's URL, as in Nova's `cell_mappings.database_connection`. */
  readonly database: string
}

/** The uuid of cell0: instances that never reached a host (nova/objects/cell_mapping.py). */
export const CELL0_UUID = '00000000-0000-0000-0000-000000000000'

/**
 * Reads the cell mappings, without the disabled ones unless they are asked for, in the order of their ids, and fills their templates from the API
 * database's own URL, as Nova does from `[database]/connection` (nova/objects/cell_mapping.py, `_format_url`).
 *
 * @throws {@link DirectoryError} when the API database does not answer
 */
export const readCellMappings = async (apiDatabase: string, disabled = false): Promise<CellMapping[]> => {
  const address = parseDatabaseUrl(apiDatabase, '/apiDatabase')
  const rows = await mappingRows(address, disabled ? 1 : 0)
  return rows.map(([uuid, name, url]) => ({
    uuid: uuid!,
    name: name ?? uuid!,
    database: fillTemplate(url!, apiDatabase, address),
  }))
}

const mappingRows = async (address: DatabaseAddress, disabled: number): Promise<(string | null)[][]> => {
  try {
    const connection = await connect(address)
    try {
      const rows = await connection.query(
        'SELECT uuid, name, database_connection FROM cell_mappings WHERE disabled <= ? ORDER BY id',
        [disabled],
      )
      return rows as (string | null)[][]
    } finally {
      await connection.close()
    }
  } catch (cause) {
    throw new DirectoryError(reasonOf(cause))
  }
}

/** Nova fills these from the URL as it is written: nothing is decoded or encoded on the way. */
const fillTemplate = (template: string, url: string, { port = 3306 }: DatabaseAddress): string => {
  const parts = { ...PARTS.exec(url)!.groups, port: String(port) }
  return template.replace(/\{(\w+)\}/g, (_, key: string) => {
    const value = (parts as Record<string, string | undefined>)[key]
    if (value === undefined)
      throw new InvalidUrlError('/apiDatabase', `a URL with a ${key}, for the template of a cell mapping`)
    return value
  })
}

const PARTS =
  /^(?<scheme>[^:]+):\/\/(?:(?<username>[^:@/]*)(?::(?<password>[^@]*))?@)?(?<hostname>\[[^\]]*\]|[^:/?#]*)(?::\d+)?\/?(?<path>[^?#]*)\??(?<query>[^#]*)#?(?<fragment>.*)$/s
