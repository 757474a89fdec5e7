/**
 * Private MariaDB and MySQL servers with Nova's tables and seeded data, for tests and demonstrations.
 *
 * @module
 */

export type { SqlRow } from '../cells/connection.js'
export type { SqlValue } from '../sql/fragment.js'
export { type Column, createTables, type Index, type Schema, type Table } from './create-tables.js'
export type { TestingError, TestingErrorCode } from './failure.js'
export { type ConformanceCase, conformanceOf, indexConformance } from './index-conformance.js'
export { type CellData, insertInstances } from './instance-data.js'
export { type LocalCells, type LocalCellsOptions, startLocalCells } from './local-cells.js'
export { type CellAddress, insertCellMapping, insertInstanceMappings } from './mapping-data.js'
export { type MariaDB, type MariaDBOptions, startMariaDB } from './mariadb.js'
export { type MemoryStore, memoryIndex, memoryStore, type StoredGeneration } from './memory-index.js'
export { startMySQL } from './mysql.js'
export { insertRelations } from './relation-data.js'
export { apiSchema, cellSchema } from './schema.js'
export type { LocalServer, ServerOptions } from './server.js'
export type { ServerKind } from './server-kind.js'
