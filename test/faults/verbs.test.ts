import t, { type Test } from 'tap'
import { CellsUnavailableError } from '../../src/index.js'
import { startCloud, type Target } from './fixtures/cloud.js'
import type { WireFault } from './fixtures/fault-proxy.js'
import { QUERY } from './fixtures/phases.js'
import { type Row, readTruth } from './fixtures/truth.js'

/** The verbs beside `list`, when somebody hangs and when somebody refuses. */
const FAULTS: readonly WireFault[] = ['half-open', 'refuse']
const TARGETS: readonly Target[] = ['cell1', 'nova_api']
const DEADLINE = 800
const LATE = 100

const cloud = await startCloud(1)
t.teardown(() => cloud.stop())
const truth = await readTruth(cloud)
const rows = truth.rows()
const of = (name: string): readonly Row[] => rows.filter(({ cell }) => cell.name === name)
const [mine] = of('cell1')
const [another] = of('cell2')
const [waiting] = of('nova_api')

const { limit: _, ...everything } = QUERY
const options = { deadline: DEADLINE }

interface Reported {
  readonly complete: boolean
  readonly cells: readonly { readonly name: string; readonly state: string }[]
}

/** Whether it is said of the target, and of nobody else. */
const checkLabels = (t: Test, target: Target, fault: WireFault, { complete, cells }: Reported): void => {
  t.equal(complete, false)
  for (const { name, state } of cells)
    t.equal(state, name !== target ? 'ok' : fault === 'refuse' ? 'failed' : 'timed-out', name)
}

const listOf = async <T>(all: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = []
  for await (const one of all) list.push(one)
  return list
}

const rejectedFor = (target: Target, error: unknown): boolean =>
  error instanceof CellsUnavailableError && error.cells.map(({ name }) => name).join() === target

for (const fault of FAULTS)
  for (const target of TARGETS) {
    const others = rows.filter(({ cell }) => cell.name !== target)

    t.test(`${fault}, ${target}`, async t => {
      const client = await cloud.open()
      t.teardown(() => client.close())
      const { cells, proxies } = client
      const status = await cells.status()
      t.equal(status.complete, true)
      await proxies[target].aim(fault)

      const inTime = async <T>(t: Test, work: () => Promise<T>): Promise<T> => {
        const start = performance.now()
        try {
          return await work()
        } finally {
          const ms = performance.now() - start
          t.ok(ms <= DEADLINE + LATE, `in ${ms} ms`)
        }
      }

      await t.test('iterate, omit', async t => {
        const all = cells.instances.iterate(everything, { ...options, downCells: 'omit' })
        const got = await inTime(t, () => listOf(all))
        t.same(got, others)
        checkLabels(t, target, fault, all)
      })
      await t.test('iterate, stub', async t => {
        const all = cells.instances.iterate(everything, { ...options, downCells: 'stub' })
        const got = (await inTime(t, () => listOf(all))) as readonly Row[]
        t.same(
          got.filter(({ stub }) => !stub),
          others,
        )
        const stubs = got.filter(({ stub }) => stub)
        t.equal(stubs.length, target === 'cell1' ? truth.mapped.size : 0)
        t.same(
          stubs,
          stubs.map(({ uuid }) => truth.mapped.get(uuid)),
        )
        checkLabels(t, target, fault, all)
      })
      await t.test('iterate, fail', async t => {
        const all = cells.instances.iterate(everything, options)
        const error = await inTime(t, () => listOf(all).catch((error: unknown) => error))
        t.ok(rejectedFor(target, error), `${error}`)
      })
      await t.test('count', async t => {
        const count = await inTime(t, () => cells.instances.count({ scope: 'all' }, options))
        t.equal(count.count, others.length)
        checkLabels(t, target, fault, count)
        const fails = cells.instances.count({ scope: 'all' }, { ...options, downCells: 'fail' })
        t.ok(rejectedFor(target, await fails.catch((error: unknown) => error)))
      })
      await t.test('get', async t => {
        const query = { scope: 'all', fields: QUERY.fields } as const
        const away = target === 'cell1' ? mine! : waiting!
        const error = await inTime(t, () =>
          cells.instances.get(away.uuid, query, options).catch((error: unknown) => error),
        )
        t.ok(rejectedFor(target, error), `${error}`)
        t.same(await inTime(t, () => cells.instances.get(another!.uuid, query, options)), another)
        const stub = cells.instances.get(mine!.uuid, query, { ...options, downCells: 'stub' })
        t.same(await inTime(t, () => stub), target === 'cell1' ? truth.mapped.get(mine!.uuid) : mine)
      })
      await t.test('status', async t => {
        checkLabels(t, target, fault, await inTime(t, () => cells.status(options)))
      })
      await t.test('usage', async t => {
        const usage = await inTime(t, () => cells.usage({ scope: 'all' }, options))
        checkLabels(t, target, fault, usage)
        for (const { name, source, instances } of usage.cells)
          if (name === target) {
            t.equal(source, target === 'cell1' ? 'instance-mappings' : null)
            t.equal(instances, target === 'cell1' ? truth.mapped.size : null)
          } else t.equal(instances, of(name).length, name)
      })
      await t.test('capacity', async t => {
        if (target === 'cell1') checkLabels(t, target, fault, await inTime(t, () => cells.capacity(options)))
      })
      t.equal(await cloud.statements([client]), 0)
      await proxies[target].heal()
      t.same(await listOf(cells.instances.iterate(everything)), rows)
    })
  }
