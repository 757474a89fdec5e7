import { type CellData, instanceRows } from './instance-data.js'
import { insert, text } from './sql-text.js'

/** A cell as `cell_mappings` and `openCells({ cells })` name it. */
export interface CellAddress {
  readonly uuid: string
  readonly name: string
  /** SQLAlchemy URL of the cell's database. */
  readonly database: string
}

/** One statement that makes the row of a cell in the API database's `cell_mappings`, with `id` as its id there. */
export const insertCellMapping = (id: number, { uuid, name, database }: CellAddress): string =>
  'INSERT INTO cell_mappings (created_at, id, uuid, name, transport_url, database_connection, disabled) ' +
  `VALUES ('2024-07-31 12:00:00', ${id}, ${text(uuid)}, ${text(name)}, 'none:///', ${text(database)}, 0)`

/**
 * One statement that fills the API database's `instance_mappings` for all instances of a cell.
 *
 * @param cellId the cell's `id` in `cell_mappings`
 * @param before how many mappings there are already; ids go on from there
 */
export const insertInstanceMappings = (data: CellData, cellId: number, before: number): string =>
  insert(
    'instance_mappings',
    {
      created_at: 'created_at',
      updated_at: 'IF(going, ended, created_at)',
      id: `${before} + n + 1`,
      instance_uuid: 'uuid',
      cell_id: String(cellId),
      project_id: 'project_id',
      queued_for_delete: 'going',
      user_id: 'user_id',
    },
    `(${instanceRows(data)}) AS instance`,
  )
