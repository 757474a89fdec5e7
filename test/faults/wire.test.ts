import t from 'tap'
import { startCloud } from './fixtures/cloud.js'
import { labelIn } from './fixtures/faults.js'
import { type Means, POLICIES, runCase } from './fixtures/matrix.js'
import { PHASES } from './fixtures/phases.js'
import { readTruth } from './fixtures/truth.js'
import { WIRE_FAULTS } from './fixtures/wire-faults.js'

/** Cases at once: most of them wait. */
const JOBS = 3

const cloud = await startCloud(JOBS * POLICIES.length)
t.teardown(() => cloud.stop())
const truth = await readTruth(cloud)

t.jobs = JOBS
for (const fault of WIRE_FAULTS)
  for (const phase of PHASES)
    if (labelIn(fault, phase) !== null)
      t.test(`${fault.name}, ${phase.name}`, { buffered: true }, t =>
        runCase(t, cloud, truth, fault, phase, clients => {
          const { word, nth = 1 } = phase
          const aim = {
            nth,
            ...(word !== undefined && { word }),
            ...(fault.after !== undefined && { after: fault.after }),
          }
          const proxies = clients.map(client => client.proxies[phase.target])
          let struck: Promise<unknown>
          return {
            deadline: 800,
            arm: async () => {
              struck = Promise.all(proxies.map(proxy => proxy.aim(fault.name, aim)))
            },
            strike: () => struck,
            heal: () => Promise.all(proxies.map(proxy => proxy.heal())),
          } satisfies Means
        }),
      )
