import { getEventListeners } from 'node:events'
import type { Cloud } from './cloud.js'

/** What this process and the servers hold. */
export interface Held {
  /** Bytes of the heap that are still in use behind a collection. */
  readonly heap: number
  /** Timers, sockets and the rest, by kind. */
  readonly resources: Readonly<Record<string, number>>
  /** Listeners of the process, and of the signal that all requests share. */
  readonly listeners: number
  /** Connections that the servers have of crosscell, and statements that they are at. */
  readonly connections: number
  readonly statements: number
}

const collect = (): number => {
  for (let i = 0; i < 3; i++) globalThis.gc!()
  return process.memoryUsage().heapUsed
}

const onServers = async ({ sites }: Cloud, what: string): Promise<number> => {
  const counts = await Promise.all(
    sites.map(({ admin }) =>
      admin.query(`SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'soak' AND ${what}`),
    ),
  )
  return counts.reduce((sum, [row]) => sum + Number(row![0]), 0)
}

const resourcesNow = (): Record<string, number> => {
  const resources: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  return resources
}

export const look = async (cloud: Cloud, life: AbortSignal): Promise<Held> => ({
  heap: collect(),
  resources: resourcesNow(),
  listeners:
    process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0) +
    getEventListeners(life, 'abort').length,
  connections: await onServers(cloud, 'TRUE'),
  statements: await onServers(cloud, `COMMAND = 'Query'`),
})

/** Waits until the servers have no statement, or no connection, for a second at the most. */
export const settle = async (
  cloud: Cloud,
  what: keyof Pick<Held, 'connections' | 'statements'>,
): Promise<number> => {
  const end = performance.now() + 1_000
  for (;;) {
    const left = await onServers(cloud, what === 'connections' ? 'TRUE' : `COMMAND = 'Query'`)
    if (left === 0 || performance.now() > end) return left
  }
}

/** What there is more of than before, when everything that is ending has had a second. */
export const moreThan = async (before: Held): Promise<string[]> => {
  const end = performance.now() + 1_000
  for (;;) {
    const more = Object.entries(resourcesNow()).filter(([kind, count]) => count > (before.resources[kind] ?? 0))
    if (more.length === 0 || performance.now() > end) return more.map(([kind, count]) => `${count} × ${kind}`)
    await new Promise(setImmediate)
  }
}

/** Statements of crosscell that have run for so long that they should have been killed, where nothing keeps that from being done. */
export const orphans = async ({ sites }: Cloud, isWell: (site: string) => boolean): Promise<number> => {
  let found = 0
  for (const { name, admin } of sites) {
    if (!isWell(name)) continue
    const [row] = await admin
      .query(
        `SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'soak' AND COMMAND = 'Query' AND TIME >= 4`,
      )
      .catch(() => [[0]])
    if (isWell(name)) found += Number(row![0])
  }
  return found
}
