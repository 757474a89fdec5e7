import type { Resource } from '../resources/resource.js'
import { toBuildRequests } from './build-request-tables.js'
import type { Cell, CellName } from './cell.js'
import type { ColumnSchema, TableSchema } from './table-schema.js'

/** The API database in the place of a cell: where build requests are, the instances that have no cell yet. */
export const API_DATABASE: CellName = { uuid: 'api', name: 'nova_api' }

/** What Nova's texts have where no cell says otherwise. */
const DEFAULT_LENGTH = 255

/** What every server has. */
const COLLATION = 'utf8mb4_general_ci'

/**
 * The build requests as a cell: what a cell is asked is asked of the API database, where they stand for the cell's tables.
 *
 * @param model - what the instances look like in a cell; the build requests compare as they do, where the server can
 */
export const buildRequestCell = async (
  api: Cell,
  resource: Resource,
  model: TableSchema | undefined,
  signal: AbortSignal,
): Promise<Cell> => {
  const { table, columns } = resource
  const collation = await bestCollation(api, model, signal)
  const lengthOf = (column: string): number => model?.columns.get(column)?.length ?? DEFAULT_LENGTH
  const behindTables = toBuildRequests(resource, collation, lengthOf)
  const schema = (column: string): ColumnSchema => {
    const { kind, members = [] } = columns[column]!
    const written = kind === 'text' || kind === 'enum'
    return {
      charset: written ? 'utf8mb4' : null,
      collation: written ? collation : null,
      length: lengthOf(column),
      precision: 0,
      members,
      ...(kind === 'enum' && { spelled: true }),
    }
  }
  return {
    ...api,
    query: (statement, signal) => api.query(behindTables(statement), signal),
    stream: (statement, life) => api.stream(behindTables(statement), life),
    explain: (statement, signal) => api.explain(behindTables(statement), signal),
    schemaOf: async (asked, signal) => {
      const { version } = await api.schemaOf('build_requests', signal)
      const known = asked === table ? Object.keys(columns) : []
      return { version, indexes: [], columns: new Map(known.map(column => [column, schema(column)])) }
    },
  }
}

/** The form of the cells' collation that takes every text. */
const bestCollation = async (
  api: Cell,
  model: TableSchema | undefined,
  signal: AbortSignal,
): Promise<string> => {
  const own = [...(model?.columns.values() ?? [])].find(column => column.collation !== null)?.collation
  const wanted = own?.replace(/^[^_]+/, 'utf8mb4') ?? COLLATION
  const has =
    wanted === COLLATION || (await api.fingerprint({ charset: 'utf8mb4', name: wanted }, signal)) !== undefined
  return has ? wanted : COLLATION
}
