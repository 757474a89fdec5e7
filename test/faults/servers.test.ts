import t from 'tap'
import { type Client, startCloud } from './fixtures/cloud.js'
import type { OnTheServer } from './fixtures/faults.js'
import { type Means, POLICIES, runCase } from './fixtures/matrix.js'
import { PHASES, type Phase } from './fixtures/phases.js'
import { SERVER_FAULTS } from './fixtures/server-faults.js'
import { readTruth } from './fixtures/truth.js'

const cloud = await startCloud(POLICIES.length)
t.teardown(() => cloud.stop())
const truth = await readTruth(cloud)

const meansOf =
  ({ strike, heal, mute, warm }: OnTheServer, phase: Phase) =>
  (clients: readonly Client[]): Means => {
    const { target, word, nth } = phase
    const now = () => strike(cloud, phase, clients)
    let held: Promise<(() => void)[]>
    return {
      mute,
      warm,
      arm: async () => {
        if (word === undefined) await now()
        else held = Promise.all(clients.map(client => client.proxies[target].hold(word, nth)))
      },
      strike: async () => {
        if (word === undefined) return
        const releases = await held
        await now()
        for (const release of releases) release()
      },
      heal: async () => heal?.(cloud, phase, clients),
    }
  }

for (const fault of SERVER_FAULTS)
  for (const phase of PHASES)
    t.test(`${fault.name}, ${phase.name}`, t => runCase(t, cloud, truth, fault, phase, meansOf(fault, phase)))
