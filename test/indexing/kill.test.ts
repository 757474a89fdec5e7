import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { openCells } from '../../src/index.js'
import { createIndexer } from '../../src/indexing/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { seed } from '../fixtures/seed.js'
import { effort } from '../fuzz/fixtures/effort.js'
import { embeddedHere } from '../search/fixtures/in-process.js'
import { type Change, kinds } from './fixtures/changes.js'
import { differing } from './fixtures/equality.js'
import { seededRandom } from './fixtures/seeded-random.js'
import { writerOf } from './fixtures/writer.js'

const child = fileURLToPath(new URL('./fixtures/indexer-process.ts', import.meta.url))
const start = (...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [...process.execArgv, child, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })

const random = seededRandom(seed)

t.test('a rebuild that was killed goes on where it was', async t => {
  const local = await startLocalCells({ cells: 2, cell0: false, instances: [7_000, 3_000], relations: false })
  t.teardown(() => local.stop())
  const path = join(t.testdir(), 'index.db')
  let last = ''
  let written = 0
  for (let i = 0; i < effort(2, 20); i++) {
    const least = written + 1_500 + Math.floor(1_000 * random())
    const builder = start('rebuild', local.apiDatabase!, path)
    const over = once(builder, 'exit')
    for await (last of createInterface({ input: builder.stdout! })) {
      const [, documents] = last.split(' ')
      written = Number(documents)
      if (written >= least || !last.startsWith('filling')) builder.kill('SIGKILL')
    }
    await over
  }
  t.ok(written > 2_000, last)
  const cells = await openCells({ apiDatabase: local.apiDatabase!, index: embeddedHere(path) })
  t.teardown(() => cells.close())
  const first: number[] = []
  const indexer = createIndexer(cells)
  const built = await indexer.rebuild({
    progress: ({ documents, cells }) => {
      if (cells.length === 2) first.push(documents)
    },
  })
  t.match(built, { resumed: true, documents: 10_000 })
  t.ok(first[0]! >= written - 2_000, `${first[0]} of ${written}`)
  t.match(await indexer.verify({ repair: false }), [{ drift: 0 }, { drift: 0 }])
})

t.test('a process that was killed while it kept an index true has lost nothing', async t => {
  const local = await startLocalCells({ cells: 2, cell0: false, instances: [40, 20] })
  t.teardown(() => local.stop())
  const path = join(t.testdir(), 'index.db')
  const writer = await writerOf(local)
  t.teardown(() => writer.close())
  const hows = Object.keys(kinds) as Change['how'][]
  const column = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')
  let number = 0
  const write = async (): Promise<void> => {
    const at = number % 2
    const cell = `cell${1 + at}`
    const there = await writer.rows(cell, 'SELECT uuid FROM instances ORDER BY id')
    const how = hows[Math.floor(random() * hows.length)]!
    number++
    await kinds[how].write({
      writer,
      cell,
      other: `cell${2 - at}`,
      uuid: String(there[Math.floor(random() * there.length)]?.[0]),
      value: `killed ${number}`,
      now: column(Date.now()),
      ago: seconds => column(Date.now() - 1_000 * seconds),
      number,
    })
  }
  for (let i = 0; i < effort(4, 60); i++) {
    const runner = start('run', local.apiDatabase!, path)
    const over = once(runner, 'exit')
    await once(createInterface({ input: runner.stdout! }), 'line')
    const writes = 20 + Math.floor(random() * 40)
    for (let n = 0; n < writes; n++) {
      await write()
      // Where in its work it is killed is up to chance.
      await setTimeout(Math.floor(random() * 60))
    }
    runner.kill('SIGKILL')
    await over
    for (let n = 0; n < 5; n++) await write()
  }
  const cells = await openCells({ apiDatabase: local.apiDatabase!, index: embeddedHere(path) })
  t.teardown(() => cells.close())
  const indexer = createIndexer(cells, { share: 1 })
  const { generation } = await indexer.status()
  if (generation === null) await indexer.rebuild()
  const stop = new AbortController()
  const running = indexer.run({ signal: stop.signal })
  const since = Date.now()
  const isTrue = async (): Promise<boolean> =>
    (await indexer.status()).cells.every(({ swept }) => swept !== null && swept.at >= since)
  while (!(await isTrue())) await setTimeout(100)
  stop.abort()
  await running
  t.match(await indexer.verify({ repair: false }), [{ drift: 0 }, { drift: 0 }])
  t.same(await differing(cells), [])
  t.comment({ writes: number, converged: Date.now() - since })
})
