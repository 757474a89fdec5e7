import { list, name, type Sql, sql } from './fragment.js'

/** Tables that tell how a database is; not every database has all of them, or lets them be read. */
const TABLES = ['alembic_version', 'migrate_version', 'services']

/** The server's version, and which of the tables there are for this user: their names, or NULL. One row. */
export const selectServer = sql`SELECT VERSION(), GROUP_CONCAT(TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ${list(TABLES)}`

/**
 * The schema's revision in Alembic and in the older sqlalchemy-migrate; how many compute services there are, how many of
 * them are up and how many disabled. One row, with NULL or 0 for what has no table.
 *
 * Up means what it means in nova/servicegroup: not forced down, and heard of in the last so many seconds by a clock
 * that may be wrong either way. The clock is the database's, so that the one of this process does not matter.
 */
export const selectStatus = (tables: ReadonlySet<string>, downTime: number): Sql => {
  const alembic = sql`(SELECT GROUP_CONCAT(version_num ORDER BY version_num) FROM alembic_version)`
  const migrate = sql`(SELECT MAX(version) FROM migrate_version)`
  const age = sql`INTERVAL ${downTime} SECOND`
  const services = sql`SELECT COALESCE(forced_down, 0) = 0 AND COALESCE(COALESCE(last_seen_up, created_at) BETWEEN UTC_TIMESTAMP(6) - ${age} AND UTC_TIMESTAMP(6) + ${age}, FALSE) AS up, disabled FROM ${name('services')} WHERE \`binary\` = 'nova-compute' AND deleted = 0`
  const has = (table: string, select: Sql, otherwise: Sql): Sql => (tables.has(table) ? select : otherwise)
  return sql`SELECT ${has('alembic_version', alembic, sql`NULL`)}, ${has('migrate_version', migrate, sql`NULL`)}, COUNT(up), SUM(up), SUM(disabled)
FROM (${has('services', services, sql`SELECT NULL AS up, NULL AS disabled`)}) AS compute`
}
