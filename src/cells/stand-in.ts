import type { Resource } from '../resources/resource.js'
import type { Sql } from '../sql/fragment.js'
import type { Cell, CellName } from './cell.js'
import type { ColumnSchema, TableSchema } from './table-schema.js'

/** A table whose rows are made of what the API database knows. */
export interface StandIn {
  /** The cell that it is asked as. */
  readonly cell: CellName
  readonly table: string
  readonly columns: ReadonlyMap<string, ColumnSchema>
  /** A statement that was made for a cell, over what stands for the cell's tables. */
  readonly behindTables: (statement: Sql) => Sql
}

/** The API database in the place of a cell: what a cell would be asked is asked of tables that stand for its own. */
export const standIn = (api: Cell, { cell, table, columns, behindTables }: StandIn): Cell => ({
  ...api,
  uuid: cell.uuid,
  name: cell.name,
  query: (statement, signal) => api.query(behindTables(statement), signal),
  stream: (statement, life) => api.stream(behindTables(statement), life),
  explain: (statement, signal) => api.explain(behindTables(statement), signal),
  schemaOf: async (asked, signal) => {
    const { version } = await api.schemaOf('instance_mappings', signal)
    return { version, indexes: [], columns: asked === table ? columns : new Map() }
  },
})

/** What every server has. */
const COLLATION = 'utf8mb4_general_ci'

/** What Nova's texts have where no cell says otherwise. */
const DEFAULT_LENGTH = 255

/** How long the texts of a column are in the cells. */
export const lengthIn =
  (model: TableSchema | undefined) =>
  (column: string): number =>
    model?.columns.get(column)?.length ?? DEFAULT_LENGTH

/** A resource's columns, all of whose texts have one collation. */
export const uniformColumns = (
  { columns }: Resource,
  collation: string,
  lengthOf: (column: string) => number,
): ReadonlyMap<string, ColumnSchema> =>
  new Map(
    Object.entries(columns).map(([column, { kind, members = [] }]) => {
      const written = kind === 'text' || kind === 'enum'
      return [
        column,
        {
          charset: written ? 'utf8mb4' : null,
          collation: written ? collation : null,
          length: lengthOf(column),
          precision: 0,
          members,
          ...(kind === 'enum' && { spelled: true }),
        },
      ]
    }),
  )

/** The form of the cells' collation that takes every text. */
export const bestCollation = async (
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
