import fc from 'fast-check'
import t from 'tap'
import { openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { memoryIndex, memoryStore } from '../../src/testing/memory-index.js'
import { seed } from '../fixtures/seed.js'
import { effort } from '../fuzz/fixtures/effort.js'
import { type Change, change, kinds } from './fixtures/changes.js'
import { chaosFeed } from './fixtures/chaos-feed.js'
import { differing } from './fixtures/equality.js'
import { remade } from './fixtures/remade.js'
import { seededRandom } from './fixtures/seeded-random.js'
import { virtualTime } from './fixtures/virtual-time.js'
import { indexerAt } from './fixtures/world.js'
import { writerOf } from './fixtures/writer.js'

/**
 * Changes of every kind to real cells, and a bus on which anything may become of a message, in virtual time: when the writes have stopped, one look
 * finds all that moves `updated_at`, looks into the side tables the rest that has a time or a tag, and a comparison everything.
 */
const RUNS = Number(process.env.RUNS ?? effort(40, 1_500))

const NAMES = ['cell1', 'cell2']
const STAGES = ['look', 'side look', 'long look', 'comparison'] as const
const CONFIG = { pollInterval: 5_000, sidePollInterval: 10_000, sweepInterval: 50_000, removalShare: 1 }
/** Milliseconds from the last write until each stage is over: what is due is due for one interval at the most. */
const AFTER = [5_001, 5_002, 25_003, 20_000]

const local = await startLocalCells({ cells: 2, cell0: false, instances: [25, 20], seed: seed % 1_000 })
t.teardown(() => local.stop())

t.test('the index converges on the cells, whatever is written, and whatever is said of it', async t => {
  const store = memoryStore()
  const index = memoryIndex(store)
  const cells = await openCells({ apiDatabase: local.apiDatabase!, index })
  const writer = await writerOf(local)
  t.teardown(async () => {
    await writer.close()
    await cells.close()
  })
  const random = seededRandom(seed)
  const time = virtualTime(Date.parse('2026-11-20T12:00:00.250Z'), random)
  const feed = chaosFeed(time, NAMES)
  const indexer = indexerAt(cells, index, time, { ...CONFIG, feeds: [feed] })
  const stop = new AbortController()
  const running = indexer.run({ signal: stop.signal })
  await time.advance(1_000)

  const columnOf = (milliseconds: number): string =>
    new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')
  let number = 0
  let writes = 0
  let converged = 0

  const write = async ({
    how,
    cell,
    at,
    value,
    pause,
  }: Change): Promise<readonly [string[], keyof typeof kinds]> => {
    const name = NAMES[cell]!
    const there = await writer.rows(name, 'SELECT uuid FROM instances ORDER BY id')
    const uuid = String(there[at % there.length]?.[0])
    const kind: { who?: (number: number) => readonly string[]; write: (typeof kinds)[typeof how]['write'] } =
      kinds[how]
    number++
    writes++
    await kind.write({
      writer,
      cell: name,
      other: NAMES[1 - cell]!,
      uuid,
      value,
      now: columnOf(time.time()),
      ago: seconds => columnOf(time.time() - 1_000 * seconds),
      number,
    })
    const who = [...(kind.who?.(number) ?? [uuid])]
    for (const one of who) feed.say(one, name)
    if (pause > 0) await time.advance(pause)
    return [who, how]
  }

  const run = async (changes: readonly Change[]): Promise<void> => {
    const ranks = new Map<string, number>()
    for (const one of changes) {
      const [who, how] = await write(one)
      const rank = STAGES.indexOf(kinds[how].finds)
      for (const uuid of who) ranks.set(uuid.toLowerCase(), Math.max(rank, ranks.get(uuid.toLowerCase()) ?? 0))
    }
    if (random() < 0.2) feed.gap('TEST')
    const since = time.now()
    for (const [stage, finds] of STAGES.entries()) {
      await time.advance(AFTER[stage]!)
      const found = [...ranks].filter(([, rank]) => rank <= stage).map(([uuid]) => uuid)
      const differences = await differing(cells, found)
      if (differences.length > 0) throw new Error(`not found by a ${finds}: ${JSON.stringify(differences)}`)
    }
    converged = Math.max(converged, time.now() - since)
    const verified = await time.during(indexer.verify({ repair: false }))
    if (verified.some(({ drift, error }) => drift !== 0 || error !== null))
      throw new Error(`drift: ${JSON.stringify(verified)}`)
    const [differences, wrong] = [await differing(cells), await remade(cells, store)]
    if (differences.length + wrong.length > 0) throw new Error(JSON.stringify({ differences, wrong }))
  }

  await t.resolves(
    fc.assert(
      fc
        .asyncProperty(fc.array(change, { minLength: 4, maxLength: 16 }), run)
        .beforeEach(async () => void (await time.during(indexer.verify({ remove: true })))),
      { numRuns: RUNS, seed, endOnFailure: true },
    ),
  )
  t.comment({ runs: RUNS, writes, ...feed.told, converged })
  stop.abort()
  await time.during(running)
})
