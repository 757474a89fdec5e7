import t from 'tap'
import { createTables, type Schema } from '../../src/testing/create-tables.js'
import { apiSchema, cellSchema } from '../../src/testing/schema.js'
import { startServer } from '../../src/testing/server.js'
import { API_TABLES, CELL_TABLES, differences, dump, migrate, novaMissing } from './fixtures/nova-schema.js'

const server = await startServer({ bufferPoolMB: 64 })
t.teardown(server.stop)

/** MySQL 8 and later show no display widths but that of a boolean, and defaults without quotes. */
const seen = (schema: Schema): Schema =>
  server.kind === 'mariadb'
    ? schema
    : JSON.parse(JSON.stringify(schema), (key, value) =>
        key === 'type' && typeof value === 'string'
          ? value.replace(/int\((?!1\))\d+\)/, 'int')
          : key === 'default'
            ? value.replaceAll("'", '')
            : value,
      )

t.test('the tables that createTables makes are the schema that it was given', async t => {
  const sample: Schema = {
    key_pairs: {
      engine: 'InnoDB',
      collation: 'utf8mb4_bin',
      columns: {
        id: { type: 'bigint(20)', nullable: false, autoIncrement: true },
        type: { type: "enum('ssh','x509')", nullable: false, default: "'ssh'", collation: 'utf8mb4_bin' },
      },
      primaryKey: ['id'],
      indexes: { type_idx: { unique: true, columns: ['type', 'id'] } },
    },
  }
  for (const [database, schema] of Object.entries({ cell: cellSchema, api: apiSchema, sample })) {
    await server.query(`CREATE DATABASE ${database}`)
    for (const statement of createTables(schema))
      await server.query(statement.replace('CREATE TABLE ', `CREATE TABLE ${database}.`))
    t.same(differences(seen(schema), await dump(server, database, Object.keys(schema))), [])
  }
})

t.test('statements are free of what only MariaDB takes', async t => {
  const statements = createTables({ ...cellSchema, ...apiSchema })
  t.notMatch(statements.join('\n'), /int\((?!1\))|utf8_|current_timestamp\(\)/)
  t.match(statements, [/^CREATE TABLE `instances` \(\n {2}`created_at` datetime NULL,/])
})

t.test("the schema is what Nova's own migrations make", { skip: await novaMissing() }, async t => {
  await migrate(server, 'nova_cell0', 'nova_api')
  t.same(Object.keys(cellSchema), CELL_TABLES)
  t.same(Object.keys(apiSchema), API_TABLES)
  t.same(differences(seen(cellSchema), await dump(server, 'nova_cell0', CELL_TABLES)), [])
  t.same(differences(seen(apiSchema), await dump(server, 'nova_api', API_TABLES)), [])
})
