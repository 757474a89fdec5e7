import t from 'tap'
import { type Client, startCloud } from './fixtures/cloud.js'
import type { OnTheWire } from './fixtures/faults.js'
import { type Means, POLICIES, runCase } from './fixtures/matrix.js'
import { PHASES, type Phase } from './fixtures/phases.js'
import { readTruth } from './fixtures/truth.js'
import { WIRE_FAULTS } from './fixtures/wire-faults.js'

/** Cases at once: most of them wait. */
const JOBS = 3

const cloud = await startCloud(JOBS * POLICIES.length)
t.teardown(() => cloud.stop())
const truth = await readTruth(cloud)

const meansOf =
  (fault: OnTheWire, { target, word, nth = 1 }: Phase) =>
  (clients: readonly Client[]): Means => {
    const { name, after = 0 } = fault
    const proxies = clients.map(client => client.proxies[target])
    let struck: Promise<unknown>
    return {
      arm: async () => {
        struck = Promise.all(
          proxies.map(proxy => proxy.aim(name, { nth, after, ...(word !== undefined && { word }) })),
        )
      },
      strike: answers => Promise.race([struck.then(() => true), answers.then(() => false)]),
      heal: () => Promise.all(proxies.map(proxy => proxy.heal())),
    }
  }

t.jobs = JOBS
for (const fault of WIRE_FAULTS)
  for (const phase of PHASES)
    t.test(`${fault.name}, ${phase.name}`, { buffered: true }, t =>
      runCase(t, cloud, truth, fault, phase, meansOf(fault, phase)),
    )
