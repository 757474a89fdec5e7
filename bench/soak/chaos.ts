import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from 'mysql2'
import { optionsFor } from '../../src/cells/connection.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import type { WireFault } from '../../test/faults/fixtures/fault-proxy.js'
import type { Chronicle } from './chronicle.js'
import { API, type Cloud, type Site } from './cloud.js'
import type { Random } from './random.js'

/** Begins a fault. Returns what ends it. */
type Strike = (site: Site, random: Random) => Promise<() => Promise<void>>

const onTheWire =
  (fault: WireFault): Strike =>
  async ({ proxy }, random) => {
    const word = random.pick(['', 'SELECT', 'instances', 'tags'])
    void proxy.aim(fault, { word, after: random.below(2_000) })
    return () => proxy.heal()
  }

/** A fault of all connections, whatever is on its way. */
const onTheRoad =
  (fault: WireFault): Strike =>
  async ({ proxy }) => {
    await proxy.aim(fault)
    return () => proxy.heal()
  }

const STRIKES: Readonly<Record<string, Strike>> = {
  refuse: onTheRoad('refuse'),
  'hang at connect': onTheRoad('hang at connect'),
  'half-open': onTheRoad('half-open'),
  'hang mid-result': onTheWire('hang mid-result'),
  'cut mid-packet': onTheWire('cut mid-packet'),
  'slow drip': onTheWire('slow drip'),
  reset: onTheWire('reset'),
  'garbage bytes': async ({ proxy }) => {
    void proxy.aim('garbage bytes', { word: '' })
    return () => proxy.heal()
  },
  SIGSTOP: async ({ server }) => {
    await server.pause()
    return async () => server.resume()
  },
  SIGKILL: async ({ server }) => {
    await server.kill()
    return () => server.restart()
  },
  KILL: async ({ admin }) => {
    const rows = await admin.query(`SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'soak'`)
    for (const [id] of rows) await admin.query(`KILL ${id}`).catch(() => {})
    return async () => {}
  },
  'lock wait': async ({ name, server }) => {
    const database = name === API ? API : `nova_${name}`
    const other = createConnection(optionsFor(parseDatabaseUrl(server.url(database), '/url')))
    other.on('error', () => {})
    await other.promise().query(`LOCK TABLES ${name === API ? 'instance_mappings' : 'instances'} WRITE`)
    return async () => other.destroy()
  },
}

/** Faults of random kinds at random databases, until the signal aborts; all of them are over then. */
export const wreakHavoc = async (
  { sites }: Cloud,
  chronicle: Chronicle,
  random: Random,
  signal: AbortSignal,
): Promise<void> => {
  const struck = new Set<Site>()
  const rest = (ms: number): Promise<void> => sleep(ms, undefined, { signal }).catch(() => {})
  const one = async (random: Random): Promise<void> => {
    while (!signal.aborted) {
      await rest(random.between(100, 2_000))
      const site = random.pick(sites.filter(site => !struck.has(site)))
      const fault = random.pick(Object.keys(STRIKES))
      struck.add(site)
      const over = chronicle.trouble(site.name, fault)
      const heal = await STRIKES[fault]!(site, random)
      await rest(random.between(100, 3_000))
      await heal()
      over()
      struck.delete(site)
    }
  }
  // Two at a time at the most.
  await Promise.all([one(random.fork()), one(random.fork())])
}
