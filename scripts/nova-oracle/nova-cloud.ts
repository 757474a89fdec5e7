import type { LocalCells } from '../../src/testing/local-cells.js'
import { migrate } from '../../test/testing/fixtures/nova-schema.js'

const tablesOf = async (local: LocalCells, database: string): Promise<string[]> =>
  (
    await local
      .server('cell1')
      .query('SELECT table_name FROM information_schema.tables WHERE table_schema = ?', [database])
  ).map(([table]) => String(table))

/** The tables that Nova's own migrations make, all of them, for each cell: `oracle_cell0`, …, `oracle_api`. */
export const makeNovaTables = async (local: LocalCells): Promise<void> => {
  const server = local.server('cell1')
  await migrate(server, 'oracle', 'oracle_api')
  for (const { name } of local.cells) {
    await server.query(`CREATE DATABASE oracle_${name}`)
    for (const table of await tablesOf(local, 'oracle'))
      await server.query(`CREATE TABLE oracle_${name}.${table} LIKE oracle.${table}`)
  }
  await server.query('INSERT INTO oracle_api.cell_mappings SELECT * FROM nova_api.cell_mappings')
  await server.query(
    "UPDATE oracle_api.cell_mappings SET database_connection = CONCAT(REPLACE(database_connection, '/nova_', '/oracle_'), '&charset=utf8')",
  )
  await server.query(
    "INSERT INTO oracle_api.flavors (id, flavorid, name, memory_mb, vcpus, swap, rxtx_factor, disabled, is_public) VALUES (3, 'f3', 'm1.medium', 4096, 2, 0, 1, 0, 1)",
  )
}

/** Nova's rows become those of the cloud; its build requests only where they are wanted. */
export const copyRowsToNova = async (local: LocalCells, buildRequests: boolean): Promise<void> => {
  const copied = [
    ...(await tablesOf(local, 'nova_cell1')).flatMap(table =>
      local.cells.map(({ name }) => [name, table] as const),
    ),
    ['api', 'instance_mappings'] as const,
    ...(buildRequests ? [['api', 'build_requests'] as const] : []),
  ]
  for (const [database, table] of copied) {
    await local.server('cell1').query(`DELETE FROM oracle_${database}.${table}`)
    await local
      .server('cell1')
      .query(`INSERT INTO oracle_${database}.${table} SELECT * FROM nova_${database}.${table}`)
  }
}
