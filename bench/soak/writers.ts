import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { API, type Cloud, type Site } from './cloud.js'
import type { Life, Model, Record, Row } from './model.js'
import type { Random } from './random.js'

/** Volatile rows of one cell at the most, so that pages are not all of them. */
const MOST = 60

/** Their ids, far from those of the rows that were there before. */
const FIRST_ID = 1_000_000

/** What writers have done. */
export interface Writes {
  inserted: number
  updated: number
  deleted: number
  purged: number
  /** Statements of which nobody knows what became: their server was killed. */
  lost: number
}

/** Milliseconds until a server that was killed is tried again. */
const RETRY_MS = 100

const { POSITIVE_INFINITY: never } = Number

/** Changes rows of its own in each cell until the signal aborts. Names and CPUs change together: `v7` has 7. */
export const keepWriting = async (
  { sites, local }: Cloud,
  model: Model,
  projects: readonly string[],
  random: Random,
  signal: AbortSignal,
): Promise<Writes> => {
  const writes: Writes = { inserted: 0, updated: 0, deleted: 0, purged: 0, lost: 0 }
  const api = sites.find(({ name }) => name === API)!
  let ids = FIRST_ID

  /** False when nobody knows. */
  const write = async ({ admin }: Site, text: string): Promise<boolean> => {
    try {
      await admin.query(text)
      return true
    } catch {
      writes.lost++
      return false
    }
  }

  const rest = (ms: number): Promise<void> => sleep(ms, undefined, { signal }).catch(() => {})

  const inCell = async (site: Site, random: Random): Promise<void> => {
    const { uuid: cellUuid } = local.cells.find(({ name }) => name === site.name)!
    const mine: (Row & { readonly life: Life })[] = []
    const insert = async (): Promise<void> => {
      const second = random.below(2 * 365 * 86_400)
      const created_at = new Date(Date.UTC(2024, 7, 1) + second * 1_000).toISOString().replace('.000', '')
      const record: Record = {
        uuid: randomUUID(),
        id: ++ids,
        created_at,
        memory_mb: 512 * random.between(1, 32),
        vcpus: 0,
        project_id: random.pick(projects),
        display_name: 'v0',
        vm_state: 'active',
        cell: { uuid: cellUuid, name: site.name } as Record['cell'],
      }
      const life: Life = {
        insertSent: performance.now(),
        insertDone: never,
        removeSent: never,
        removeDone: never,
      }
      const row = { record, cell: site.name, tags: [], life }
      const at = created_at.replace('T', ' ').replace('Z', '')
      await write(
        api,
        `INSERT INTO instance_mappings (created_at, instance_uuid, cell_id, project_id, user_id, queued_for_delete)
         SELECT '${at}', '${record.uuid}', id, '${record.project_id}', 'soak', 0 FROM cell_mappings WHERE uuid = '${cellUuid}'`,
      )
      model.add(row)
      mine.push(row)
      life.insertSent = performance.now()
      const isDone = await write(
        site,
        `INSERT INTO instances (id, uuid, created_at, memory_mb, vcpus, project_id, user_id, display_name, vm_state, deleted, hidden)
         VALUES (${record.id}, '${record.uuid}', '${at}', ${record.memory_mb}, 0, '${record.project_id}', 'soak', 'v0', 'active', 0, 0)`,
      )
      if (isDone) life.insertDone = performance.now()
      writes.inserted++
    }
    const update = async (): Promise<void> => {
      const version = random.between(1, 999)
      await write(
        site,
        `UPDATE instances SET vcpus = ${version}, display_name = 'v${version}' WHERE uuid = '${random.pick(mine).record.uuid}'`,
      )
      writes.updated++
    }
    const remove = async (): Promise<void> => {
      const [row] = mine.splice(random.below(mine.length), 1)
      const { record, life } = row!
      const purge = random.chance(0.3)
      // A mapping that outlived its row would have a stub.
      const queue = (): Promise<boolean> =>
        write(api, `UPDATE instance_mappings SET queued_for_delete = 1 WHERE instance_uuid = '${record.uuid}'`)
      while (!(await queue())) await rest(RETRY_MS)
      life.removeSent = performance.now()
      const isDone = await write(
        site,
        purge
          ? `DELETE FROM instances WHERE uuid = '${record.uuid}'`
          : `UPDATE instances SET deleted = id WHERE uuid = '${record.uuid}'`,
      )
      if (isDone) life.removeDone = performance.now()
      writes[purge ? 'purged' : 'deleted']++
    }
    while (!signal.aborted) {
      if (mine.length === 0 || (mine.length < MOST && random.chance(0.4))) await insert()
      else if (random.chance(0.6)) await update()
      else await remove()
      model.forget()
      await rest(random.between(20, 120))
    }
  }
  await Promise.all(sites.filter(({ name }) => name !== API).map(site => inCell(site, random.fork())))
  return writes
}
