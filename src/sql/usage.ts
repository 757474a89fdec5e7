import { and, list, name, type Sql, type SqlValue, sql } from './fragment.js'

/** The number, the virtual CPUs and the MiB of memory of a cell's instances, but for those with these uuids: one row. */
export const selectUsage = (where: Sql, except: readonly SqlValue[]): Sql =>
  sql`SELECT COUNT(*), SUM(vcpus), SUM(memory_mb) FROM ${name('instances')} WHERE ${and([where, ...noneOf(sql`uuid`, except)])}`

/**
 * The instances that no cell has yet, one row each: uuid, virtual CPUs, MiB of memory. Nova creates the request spec, the
 * build request and the mapping in one transaction, then the row in the cell, then says in the mapping which cell, and
 * deletes the build request last. A mapping that has neither cell nor build request is left over, and no instance.
 */
export const selectBuilding = (tenant: Sql): Sql =>
  sql`SELECT instance_mappings.instance_uuid, ${amount('vcpus')}, ${amount('memory_mb')} FROM instance_mappings ${FLAVOR}
WHERE cell_id IS NULL AND ${LIVE} AND ${tenant}
AND EXISTS (SELECT 1 FROM build_requests WHERE build_requests.instance_uuid = instance_mappings.instance_uuid)`

/**
 * What the instance mappings know of all cells but those that answered, one row each, a cell without instances among them:
 * the cell's uuid and name; how many instances; their virtual CPUs, and of how many these are known; their memory, likewise.
 */
export const selectMapped = (tenant: Sql, answered: readonly SqlValue[], except: readonly SqlValue[]): Sql => {
  const mapped = and([
    sql`instance_mappings.cell_id = cell_mappings.id`,
    LIVE,
    tenant,
    ...noneOf(sql`instance_mappings.instance_uuid`, except),
  ])
  const vcpus = amount('vcpus')
  const memory = amount('memory_mb')
  return sql`SELECT cell_mappings.uuid, COALESCE(cell_mappings.name, cell_mappings.uuid), COUNT(instance_mappings.id), SUM(${vcpus}), COUNT(${vcpus}), SUM(${memory}), COUNT(${memory})
FROM cell_mappings LEFT JOIN instance_mappings ON ${mapped} ${FLAVOR}
WHERE ${and(noneOf(sql`cell_mappings.uuid`, answered))} GROUP BY cell_mappings.id ORDER BY cell_mappings.id`
}

/** Neither deleted nor soft-deleted. NULL is older than the column, and may be either: then it counts rather than not. */
const LIVE = sql`COALESCE(queued_for_delete, 0) = 0`

/** A spec that can't be read, or that is not there, has no flavor, and costs nothing but that (nova/objects/request_spec.py). */
const FLAVOR = sql`LEFT JOIN request_specs ON request_specs.instance_uuid = instance_mappings.instance_uuid
LEFT JOIN JSON_TABLE(IF(JSON_VALID(request_specs.spec), request_specs.spec, '{}'), '$."nova_object.data".flavor."nova_object.data"' COLUMNS (vcpus VARCHAR(20) PATH '$.vcpus', memory_mb VARCHAR(20) PATH '$.memory_mb')) AS flavor ON TRUE`

/** As a whole number, and NULL when it is none: a cast alone would make 0 of what it can't read. */
const amount = (member: 'vcpus' | 'memory_mb'): Sql => {
  const text = member === 'vcpus' ? sql`flavor.vcpus` : sql`flavor.memory_mb`
  return sql`CAST(IF(${text} REGEXP '^[0-9]{1,10}$', ${text}, NULL) AS UNSIGNED)`
}

const noneOf = (column: Sql, values: readonly SqlValue[]): Sql[] =>
  values.length === 0 ? [] : [sql`${column} NOT IN ${list(values)}`]
