import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
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
import { startIndexer } from './fixtures/start-indexer.js'
import { writerOf } from './fixtures/writer.js'

const random = seededRandom(seed)

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
  for (let i = 0; i < effort(1, 40); i++) {
    const runner = startIndexer('run', local.apiDatabase!, path)
    const over = once(runner, 'exit')
    await once(createInterface({ input: runner.stdout! }), 'line')
    // Who was killed has the lease for ten seconds.
    const writes = 60 + Math.floor(random() * 60) + (i > 0 ? 400 : 0)
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
