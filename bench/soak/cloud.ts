import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import { type Cells, openCells } from '../../src/index.js'
import { type LocalCells, startLocalCells } from '../../src/testing/local-cells.js'
import type { LocalServer } from '../../src/testing/server.js'
import { type Admin, openAdmin } from '../../test/faults/fixtures/admin.js'
import { type FaultProxy, openFaultProxy } from '../../test/faults/fixtures/fault-proxy.js'
import { insertBuildRequest, serialized } from '../../test/listing/fixtures/build-requests.js'
import { FIELDS, type Mapped, type Record, type Row } from './model.js'

/** One database of the cloud: a cell, or the API database. */
export interface Site {
  readonly name: string
  readonly server: LocalServer
  /** What crosscell's connections go over. */
  readonly proxy: FaultProxy
  /** A connection of root's that does not. */
  readonly admin: Admin
}

export interface Cloud {
  readonly local: LocalCells
  readonly sites: readonly Site[]
  open(): Promise<Cells>
  stop(): Promise<void>
}

/** The name that crosscell gives the API database. */
export const API = 'nova_api'

const ACCOUNT = 'soak'
const INSTANCES = 1_000
const WAITING = 10

/** A cell that fails is asked again soon: there is much to see in ten minutes. */
export const BREAKER = { failures: 3, pause: 200, longest: 1_000 }

/** Starts servers and proxies, and makes the data. */
export const startCloud = async (): Promise<Cloud> => {
  const local = await startLocalCells({ cells: 3, instances: INSTANCES, servers: 'own', bufferPoolMB: 64 })
  const sites = await Promise.all(
    [...local.cells.map(({ name }) => name), API].map(async (name): Promise<Site> => {
      const server = local.server(name === API ? 'api' : name)
      const database = name === API ? API : `nova_${name}`
      const admin = openAdmin(parseDatabaseUrl(server.url(database), '/url'))
      await admin.query(`CREATE USER ${ACCOUNT}@localhost`)
      await admin.query(`GRANT SELECT ON ${database}.* TO ${ACCOUNT}@localhost`)
      return { name, server, admin, proxy: await openFaultProxy(server.socketPath) }
    }),
  )
  const urlOf = ({ name, proxy }: Site): string =>
    `mysql://${ACCOUNT}@127.0.0.1:${proxy.address}/${name === API ? API : `nova_${name}`}`
  for (let n = 0; n < WAITING; n++) {
    const request = waiting(n)
    await insertBuildRequest(local, request, serialized(request))
  }
  const api = sites.at(-1)!
  for (const site of sites)
    await api.admin.query(
      `UPDATE cell_mappings SET database_connection = '${urlOf(site)}' WHERE name = '${site.name}'`,
    )
  return {
    local,
    sites,
    open: () => openCells({ apiDatabase: urlOf(api), breaker: BREAKER, connectionsPerCell: 8 }),
    stop: async () => {
      for (const { admin, proxy } of sites) {
        admin.close()
        await proxy.close()
      }
      await local.stop()
    },
  }
}

const waiting = (n: number) => ({
  uuid: `b0000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  project_id: `project-${1 + 5 * (n % 2)}`,
  user_id: 'somebody',
  created_at: `2026-0${1 + (n % 7)}-15 12:00:00`,
  memory_mb: 512 * (n + 1),
  vcpus: n + 1,
  vm_state: 'building',
  display_name: `waiting ${n}`,
})

/** What the instance mappings say of each instance. */
export const readMapped = async ({ sites }: Cloud): Promise<Map<string, Mapped>> => {
  const rows = await sites.at(-1)!.admin.query(
    `SELECT m.instance_uuid, m.project_id, DATE_FORMAT(m.created_at, '%Y-%m-%dT%H:%i:%sZ'), c.name
       FROM instance_mappings AS m JOIN cell_mappings AS c ON c.id = m.cell_id`,
  )
  return new Map(
    (rows as [string, string, string | null, string][]).map(([uuid, project_id, created_at, cell]) => [
      uuid,
      { project_id, created_at, cell },
    ]),
  )
}

/** The rows that never change, as SQL has them; the build requests, which are no rows, as a healthy crosscell does. */
export const readQuiet = async ({ sites }: Cloud, cells: Cells): Promise<Row[]> => {
  const { items } = await cells.instances.list({ scope: 'all', fields: FIELDS, sort: ['created_at:desc'] })
  const uuidOf = new Map(items.map(({ cell }) => [cell.name, cell]))
  const requests = items
    .filter(({ cell }) => cell.name === API)
    .map((record): Row => ({ record, cell: API, tags: [] }))
  const perCell = await Promise.all(
    sites
      .filter(({ name }) => name !== API)
      .map(async ({ name, admin }) => {
        const tags = new Map<string, string[]>()
        for (const [uuid, tag] of (await admin.query('SELECT resource_id, tag FROM tags')) as [
          string,
          string,
        ][])
          tags.set(uuid, [...(tags.get(uuid) ?? []), tag])
        const rows = await admin.query(
          `SELECT ${FIELDS.map(column => (column === 'created_at' ? `DATE_FORMAT(created_at, '%Y-%m-%dT%H:%i:%sZ')` : column)).join()}
           FROM instances WHERE deleted = 0 AND COALESCE(hidden, 0) = 0 AND NOT vm_state <=> 'soft-delete'`,
        )
        return rows.map((values): Row => {
          const columns = Object.fromEntries(FIELDS.map((column, i) => [column, values[i]]))
          const record = { ...columns, cell: uuidOf.get(name) } as unknown as Record
          return { record, cell: name, tags: (tags.get(record.uuid) ?? []).toSorted() }
        })
      }),
  )
  return [...requests, ...perCell.flat()]
}
