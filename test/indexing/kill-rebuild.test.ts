import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { openCells } from '../../src/index.js'
import { createIndexer } from '../../src/indexing/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { seed } from '../fixtures/seed.js'
import { effort } from '../fuzz/fixtures/effort.js'
import { embeddedHere } from '../search/fixtures/in-process.js'
import { seededRandom } from './fixtures/seeded-random.js'
import { startIndexer } from './fixtures/start-indexer.js'

const random = seededRandom(seed)

t.test('a rebuild that was killed goes on where it was', async t => {
  const local = await startLocalCells({ cells: 2, cell0: false, instances: [7_000, 3_000], relations: false })
  t.teardown(() => local.stop())
  const path = join(t.testdir(), 'index.db')
  let last = ''
  let written = 0
  for (let i = 0; i < effort(1, 20); i++) {
    const least = written + 1_500 + Math.floor(1_000 * random())
    const builder = startIndexer('rebuild', local.apiDatabase!, path)
    const over = once(builder, 'exit')
    for await (last of createInterface({ input: builder.stdout! })) {
      const [, documents] = last.split(' ')
      written = Number(documents)
      if (written >= least || !last.startsWith('filling')) builder.kill('SIGKILL')
    }
    await over
  }
  t.ok(written >= 1_500, last)
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
