import { connect } from '../cells/connection.js'
import { parseDatabaseUrl } from '../cells/database-url.js'
import type { PlannedCell } from './cell-plan.js'
import { createTables, type Schema } from './create-tables.js'
import { insertInstances } from './instance-data.js'
import { type CellAddress, insertCellMapping, insertInstanceMappings } from './mapping-data.js'
import { insertRelations } from './relation-data.js'
import { insertRequestSpecs } from './request-spec-data.js'
import { apiSchema, cellSchema } from './schema.js'
import type { LocalServer } from './server.js'

export const API_DATABASE = 'nova_api'

const load = async (server: LocalServer, database: string, schema: Schema, statements: readonly string[]) => {
  await server.query(`CREATE DATABASE ${database}`)
  const connection = await connect(parseDatabaseUrl(server.url(database), '/url'))
  try {
    // With both off, MariaDB builds the indexes of an empty table in bulk, after the rows.
    await connection.query('SET unique_checks = 0, foreign_key_checks = 0')
    for (const text of [...createTables(schema), ...statements]) await connection.query(text)
  } finally {
    await connection.close()
  }
}

/** Makes one cell's database, with its instances and, if wanted, what belongs to them. */
export const populateCell = (
  server: LocalServer,
  { name, databaseName, buried, count }: PlannedCell,
  { seed, relations }: { readonly seed: number; readonly relations: boolean },
): Promise<void> =>
  load(
    server,
    databaseName,
    cellSchema,
    count === 0
      ? []
      : [
          insertInstances({ seed, cell: name, count, buried }),
          ...(relations ? insertRelations({ cell: name, buried }) : []),
        ],
  )

/** Makes the API database, with the mappings of the cells and of all their instances and, if wanted, their request specs. */
export const populateApi = (
  server: LocalServer,
  cells: readonly (PlannedCell & CellAddress)[],
  seed: number,
  relations: boolean,
): Promise<void> => {
  let before = 0
  const statements = cells.flatMap((cell, at) => {
    const { name, buried, count } = cell
    const data = { seed, cell: name, count, buried }
    const ofInstances = [
      insertInstanceMappings(data, at + 1, before),
      ...(relations ? [insertRequestSpecs(data, before)] : []),
    ]
    before += count
    return [insertCellMapping(at + 1, cell), ...(count === 0 ? [] : ofInstances)]
  })
  return load(server, API_DATABASE, apiSchema, statements)
}
