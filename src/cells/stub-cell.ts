import type { Resource } from '../resources/resource.js'
import { name, type Sql } from '../sql/fragment.js'
import type { Cell, CellName } from './cell.js'
import { bestCollation, lengthIn, standIn, uniformColumns } from './stand-in.js'
import type { ColumnSchema, TableSchema } from './table-schema.js'

/** What an instance mapping knows of its instance, and by which name. */
export const MAPPED: Readonly<Record<string, string>> = {
  uuid: 'instance_uuid',
  project_id: 'project_id',
  user_id: 'user_id',
  created_at: 'created_at',
}

/**
 * What stands for the rows of cells that are down: their instance mappings. Of an instance they know what {@link MAPPED} says, and whether
 * it is about to be deleted; all else is NULL, and an instance counts as hidden by no flag. The `id` is the mapping's: it decides between
 * stubs of the same place.
 *
 * @param model - what the instances look like in a cell; the stubs compare as they do, where the server can
 * @returns what stands for a cell; it looks the same for all of them
 */
export const stubCells = async (
  api: Cell,
  resource: Resource,
  model: TableSchema | undefined,
  signal: AbortSignal,
): Promise<(cell: CellName) => Cell> => {
  const [collation, { columns: real }] = await Promise.all([
    bestCollation(api, model, signal),
    api.schemaOf('instance_mappings', signal),
  ])
  const own = (column: string): ColumnSchema | undefined => real.get(MAPPED[column] ?? '')
  const columns = new Map(
    [...uniformColumns(resource, collation, lengthIn(model))].map(([column, schema]) => [
      column,
      own(column) ?? schema,
    ]),
  )
  const select = Object.entries(resource.columns).map(([column, { kind }]) => {
    const written = kind === 'text' || kind === 'enum'
    const known = own(column) === undefined ? FIXED[column] : `m.${name(MAPPED[column]!).text}`
    const nothing = written ? `CONVERT(NULL USING utf8mb4) COLLATE ${collation}` : 'NULL'
    return `${known ?? nothing} AS ${name(column).text}`
  })
  const rows = `WITH ${name(resource.table).text} AS (SELECT ${select.join(', ')} FROM instance_mappings AS m WHERE m.cell_id = (SELECT c.id FROM cell_mappings AS c WHERE c.uuid = ?)) `
  return cell =>
    standIn(api, {
      cell,
      table: resource.table,
      columns,
      behindTables: (statement): Sql => ({
        ...statement,
        text: rows + statement.text,
        values: [cell.uuid, ...statement.values],
      }),
    })
}

const FIXED: Readonly<Record<string, string>> = {
  id: 'm.id',
  deleted: 'IF(m.queued_for_delete, m.id, 0)',
  hidden: '0',
}
