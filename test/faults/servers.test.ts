import t from 'tap'
import { startCloud } from './fixtures/cloud.js'
import { labelIn } from './fixtures/faults.js'
import { POLICIES, runCase } from './fixtures/matrix.js'
import { PHASES } from './fixtures/phases.js'
import { SERVER_FAULTS } from './fixtures/server-faults.js'
import { readTruth } from './fixtures/truth.js'

const cloud = await startCloud(POLICIES.length)
t.teardown(() => cloud.stop())
const truth = await readTruth(cloud)

for (const fault of SERVER_FAULTS)
  for (const phase of PHASES)
    if (labelIn(fault, phase) !== null)
      t.test(`${fault.name}, ${phase.name}`, t =>
        runCase(t, cloud, truth, fault, phase, clients => {
          const { target, word, nth } = phase
          const strike = () => fault.strike(cloud, phase, clients)
          let held: Promise<(() => void)[]>
          return {
            deadline: fault.deadline ?? 800,
            mute: fault.mute,
            arm: async () => {
              if (word === undefined) await strike()
              else held = Promise.all(clients.map(client => client.proxies[target].hold(word, nth)))
            },
            strike: async () => {
              if (word === undefined) return
              const releases = await held
              await strike()
              for (const release of releases) release()
            },
            heal: async () => fault.heal?.(cloud, phase, clients),
          }
        }),
      )
