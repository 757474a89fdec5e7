import t from 'tap'
import { CellsUnavailableError } from '../../src/index.js'
import { type BreakerMessage, observe } from '../../src/observability.js'
import { startCloud } from './fixtures/cloud.js'
import type { WireFault } from './fixtures/fault-proxy.js'
import { QUERY } from './fixtures/phases.js'
import { readTruth } from './fixtures/truth.js'

const cloud = await startCloud(1)
t.teardown(() => cloud.stop())
const truth = await readTruth(cloud)
const others = truth.rows().filter(({ cell }) => cell.name !== 'cell1')
const first = others.slice(0, QUERY.limit)

const FAILURES = 3
const FOREVER = 600_000
const options = { deadline: 600 }

/** Resolves when cell1's breaker is in this state next. */
const breakerIs = (state: BreakerMessage['state']): Promise<void> =>
  new Promise(resolve => {
    const end = observe({
      'crosscell:breaker': message => {
        if (message.cell.name !== 'cell1' || message.state !== state) return
        end()
        resolve()
      },
    })
  })

const stateIn = ({ cells }: { readonly cells: readonly { readonly name: string; readonly state: string }[] }) =>
  cells.find(({ name }) => name === 'cell1')!.state

for (const [fault, state] of [
  ['refuse', 'failed'],
  ['half-open', 'timed-out'],
] as const satisfies readonly (readonly [WireFault, string])[])
  t.test(`a cell that fails again and again is left alone: ${fault}`, async t => {
    const client = await cloud.open({ breaker: { failures: FAILURES, pause: FOREVER, longest: FOREVER } })
    t.teardown(() => client.close())
    const { cells, proxies } = client
    t.equal((await cells.instances.list(QUERY)).complete, true)
    await proxies.cell1.aim(fault)
    const open = breakerIs('open')
    for (let i = 0; i < FAILURES; i++) t.equal(stateIn(await cells.instances.list(QUERY, options)), state)
    await open
    const seen = { ...proxies.cell1.seen }

    const page = await cells.instances.list(QUERY, options)
    t.equal(stateIn(page), 'breaker-open')
    t.same(page.items, first, 'the rows of all others')
    t.equal(page.complete, false)
    const stubbed = await cells.instances.list(QUERY, { ...options, downCells: 'stub' })
    t.equal(stateIn(stubbed), 'breaker-open')
    t.ok(stubbed.items.some(({ stub }) => stub))
    await t.rejects(cells.instances.list(QUERY, { ...options, downCells: 'fail' }), CellsUnavailableError)
    const all = cells.instances.iterate({ scope: 'all' }, { ...options, downCells: 'omit' })
    let rows = 0
    for await (const _ of all) rows++
    t.equal(rows, others.length)
    t.equal(stateIn(all), 'breaker-open')
    const count = await cells.instances.count({ scope: 'all' }, options)
    t.equal(count.count, others.length)
    t.equal(stateIn(count), 'breaker-open')
    t.equal(stateIn(await cells.status(options)), 'breaker-open')
    await proxies.cell1.heal()
    t.equal(
      stateIn(await cells.instances.list(QUERY, options)),
      'breaker-open',
      'for a while also when it is back',
    )
    t.same(proxies.cell1.seen, seen, 'it has not heard of any of that')
  })

t.test('a cell that is back is asked again', async t => {
  const client = await cloud.open({ breaker: { failures: 1, pause: 1, longest: 1 } })
  t.teardown(() => client.close())
  const { cells, proxies } = client
  await cells.instances.list(QUERY)
  await proxies.cell1.aim('refuse')
  const open = breakerIs('open')
  await cells.instances.list(QUERY, options)
  await open
  await proxies.cell1.heal()
  const closed = breakerIs('closed')
  // The pause of a millisecond may not be over yet.
  let page = await cells.instances.list(QUERY, options)
  while (stateIn(page) === 'breaker-open') page = await cells.instances.list(QUERY, options)
  await closed
  t.equal(page.complete, true)
  t.same(page.items, truth.rows().slice(0, QUERY.limit))
})
