import { channel } from 'node:diagnostics_channel'
import fc from 'fast-check'
import t from 'tap'
import { type Connection, connect, optionsFor } from '../../src/cells/connection.js'
import {
  type Connections,
  type ConnectionsSettings,
  openConnections,
  type Use,
} from '../../src/cells/connections.js'
import type { Line } from '../../src/cells/line.js'
import { atOnce, send } from '../../src/cells/send.js'
import { sql } from '../../src/sql/fragment.js'
import { sockets, until } from './fixtures/until.js'
import { signal, startWatchedServer } from './fixtures/watched-server.js'
import { openWire } from './fixtures/wire.js'

const { server, address, poolAt, connected, begun, status, keepOne } = await startWatchedServer()
t.teardown(() => server.stop())

/** The connections alone. */
const lines = (port: number, settings: Partial<ConnectionsSettings> = {}) =>
  openConnections(optionsFor({ ...address, port }), {
    most: 1,
    session: 'SET SESSION max_sort_length = 16384',
    patience: 10_000,
    idle: 60_000,
    now: () => performance.now(),
    ...settings,
  })
const take = (connections: Connections): Promise<Line> =>
  new Promise((resolve, reject) => {
    connections.take((error, line) => (line ? resolve(line) : reject(error)))
  })
const takeFirst = (connections: Connections): Promise<Line> =>
  new Promise(resolve => {
    connections.takeFirst((_, line) => resolve(line!))
  })
const ask = (connections: Connections, text: string) =>
  new Promise((resolve, reject) => {
    send(connections, { sql: text, rowsAsArray: true }, atOnce, (error, rows) => {
      if (error === null) resolve(rows)
      else reject(error)
    })
  })

const seed = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31)
t.comment(`seed ${seed} (FC_SEED)`)

const steps = fc.array(
  fc.record({
    do: fc.constantFrom(
      ...(['take', 'take', 'take', 'takeFirst', 'leave', 'giveBack', 'giveBack', 'discard'] as const),
      ...(['pass', 'pass', 'refuse', 'hang', 'cut'] as const),
    ),
    which: fc.nat(),
    turns: fc.constantFrom(0, 1, 5, 50),
  }),
  { maxLength: 60 },
)

t.test('whatever happens, and whenever', async () => {
  const wire = await openWire(server.port!)
  let mode: 'pass' | 'refuse' | 'hang' = 'pass'
  wire.fromClient = (_, pass, client) => {
    if (mode === 'pass') pass()
    else if (mode === 'refuse') client.destroy()
  }
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), async (steps, most) => {
      const connections = lines(wire.port, { most, patience: 100, idle: 1 })
      const waiting: Use[] = []
      const held: Line[] = []
      const wrong: string[] = []
      let first: Use | Line | undefined
      const release = (line: Line, how: 'giveBack' | 'discard') => {
        held.splice(held.indexOf(line), 1)
        if (first === line) first = undefined
        connections[how](line)
      }
      const wait = (how: 'take' | 'takeFirst') => {
        const use: Use = (_, line) => {
          if (!waiting.includes(use)) wrong.push('used twice, or after it had left')
          waiting.splice(waiting.indexOf(use), 1)
          if (first === use) first = line
          if (line === undefined) return
          if (held.includes(line)) wrong.push('lent twice')
          held.push(line)
          if (held.length > most + (first === undefined ? 0 : 1)) wrong.push('more than there may be')
          line.lost = () => release(line, 'discard')
        }
        waiting.push(use)
        if (how === 'takeFirst') first = use
        connections[how](use)
      }
      mode = 'pass'
      for (const { do: step, which, turns } of steps) {
        const line = held[which % held.length]
        const use = waiting[which % waiting.length]
        if (step === 'take') wait('take')
        else if (step === 'takeFirst' && first === undefined) wait('takeFirst')
        else if (step === 'leave' && use !== undefined) {
          waiting.splice(waiting.indexOf(use), 1)
          if (first === use) first = undefined
          connections.leave(use)
        } else if ((step === 'giveBack' || step === 'discard') && line !== undefined) release(line, step)
        else if (step === 'cut') wire.cut()
        else if (step === 'pass' || step === 'refuse' || step === 'hang') mode = step
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
        if (wire.open > 2 * most + 20) wrong.push('connections pile up')
      }
      mode = 'pass'
      await until(
        'whoever waits is served or told',
        () => {
          for (const line of [...held]) release(line, 'giveBack')
          return waiting.length === 0
        },
        5_000,
      )
      await connections.close()
      await until('no connection is left', () => wire.open === 0 && sockets() === 0, 5_000)
      if (wrong.length > 0) throw new Error(wrong.join())
    }),
    { numRuns: 60, seed, endOnFailure: true },
  )
  await wire.close()
})
