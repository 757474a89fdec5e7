import { LRUCache } from 'lru-cache'
import type { Scope } from '../resources/query.js'
import { bytes } from '../sql/condition.js'
import { and, join, list, name, type Sql, sql } from '../sql/fragment.js'
import { CURRENT, isReadable } from './build-request-tables.js'
import type { Cell } from './cell.js'

/** Instances by the uuid of the cell that gave them. */
export type Copies = ReadonlyMap<string, readonly string[]>

/** The uuid of its cell for each instance; null when it has none yet. */
export type Homes = ReadonlyMap<string, string | null>

/** What the API database knows of instances: where each of them is. */
export interface InstanceMappings {
  /**
   * The uuid of the instance's cell; undefined when it has none yet, or is not known. Outside the scope it is not known: whoever asks
   * could tell by what is asked next that there is such an instance. So is one whose mapping is from before Nova kept the user,
   * to a user.
   */
  cellOf(instance: string, scope: Scope, signal: AbortSignal): Promise<string | undefined>
  /** What {@link cellOf} said last of this scope, if it was in the last ten minutes. The instance may have moved since. */
  lastCellOf(instance: string, scope: Scope): string | undefined
  /** The uuids of the cells that a project's, or a user's, instances are in. */
  cellsOf(tenant: Tenant, signal: AbortSignal): Promise<ReadonlySet<string>>
  /**
   * Where instances are of which some of these copies are not the current one: the uuid of the cell that the mapping names;
   * null for an instance that is a build request (if those are listed).
   */
  outdated(copies: Copies, signal: AbortSignal): Promise<Homes>
  /** Where these are; of those that have a mapping. */
  homesOf(instances: readonly string[], signal: AbortSignal): Promise<Homes>
  /** Which of these build requests have no document that can be read. */
  unreadable(instances: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>>
  /** The uuids of all instances that are build requests. */
  buildRequests(signal: AbortSignal): Promise<readonly string[]>
}

/** Whose instances. */
export interface Tenant {
  readonly column: 'project_id' | 'user_id'
  readonly id: string
}

const REMEMBERED = 100_000
const REMEMBERED_MS = 10 * 60_000

/** The mappings of a scope. No index is needed: it judges one row. */
const ownedBy = (scope: Scope): Sql =>
  and(
    Object.entries(scope === 'all' ? {} : scope).map(
      ([column, id]) => sql`${bytes(name(column))} = ${bytes(sql`${id}`)}`,
    ),
  )

const keyOf = (instance: string, scope: Scope): string => JSON.stringify([scope, instance])

/** What is no uuid is in no mapping. */
const isPlain = (uuid: string): boolean => /^[\w-]+$/.test(uuid)

/** The instance mappings of an API database. `pending`: build requests are listed as well. */
export const instanceMappings = (api: Cell, pending: boolean): InstanceMappings => {
  const homes = new LRUCache<string, string>({ max: REMEMBERED, ttl: REMEMBERED_MS })
  const texts = async (statement: Sql, signal: AbortSignal): Promise<string[]> =>
    (await api.query(statement, signal)).map(([text]) => String(text))
  return {
    cellOf: async (instance, scope, signal) => {
      const [cell] = await texts(
        sql`SELECT c.uuid FROM instance_mappings AS m JOIN cell_mappings AS c ON c.id = m.cell_id WHERE m.instance_uuid = ${instance} AND ${ownedBy(scope)}`,
        signal,
      )
      const key = keyOf(instance, scope)
      if (cell === undefined) homes.delete(key)
      else homes.set(key, cell)
      return cell
    },
    lastCellOf: (instance, scope) => homes.get(keyOf(instance, scope)),
    cellsOf: async ({ column, id }, signal) => {
      // Mappings from before Nova kept the user have none.
      const owned =
        column === 'project_id' ? sql`project_id = ${id}` : sql`(user_id = ${id} OR user_id IS NULL)`
      return new Set(
        await texts(
          sql`SELECT c.uuid FROM cell_mappings AS c WHERE c.id IN (SELECT DISTINCT cell_id FROM instance_mappings WHERE ${owned})`,
          signal,
        ),
      )
    },
    outdated: async (copies, signal) => {
      const none = pending
        ? sql`EXISTS (SELECT 1 FROM build_requests AS b WHERE b.instance_uuid = m.instance_uuid)`
        : sql`FALSE`
      // One value for each cell, a look-up in one index for each uuid, and an answer that has only the exceptions.
      const given = [...copies].map(
        ([cell, uuids]) =>
          sql`SELECT (SELECT c.id FROM cell_mappings AS c WHERE c.uuid = ${cell}) AS cell_id, ${uuids.filter(isPlain).join()} AS uuids`,
      )
      const rows = await api.query(
        sql`SELECT m.instance_uuid, (SELECT c.uuid FROM cell_mappings AS c WHERE c.id = m.cell_id)
FROM (${join(given, ' UNION ALL ')}) AS k, JSON_TABLE(CONCAT('["', REPLACE(k.uuids, ',', '","'), '"]'), '$[*]' COLUMNS (uuid VARCHAR(36) CHARACTER SET utf8mb3 PATH '$')) AS j
STRAIGHT_JOIN instance_mappings AS m ON m.instance_uuid = j.uuid WHERE m.cell_id <> k.cell_id OR (m.cell_id IS NULL AND ${none})`,
        signal,
      )
      return new Map(rows as [string, string | null][])
    },
    homesOf: async (instances, signal) =>
      new Map(
        (await api.query(
          sql`SELECT m.instance_uuid, c.uuid FROM instance_mappings AS m LEFT JOIN cell_mappings AS c ON c.id = m.cell_id WHERE m.instance_uuid IN ${list(instances)}`,
          signal,
        )) as [string, string | null][],
      ),
    unreadable: async (instances, signal) =>
      new Set(
        await texts(
          sql`SELECT b.instance_uuid FROM build_requests AS b WHERE b.instance_uuid IN ${list(instances)} AND NOT ${{ text: isReadable('b'), values: [] }}`,
          signal,
        ),
      ),
    buildRequests: signal => texts({ text: `SELECT b.instance_uuid ${CURRENT}`, values: [] }, signal),
  }
}
