import fc from 'fast-check'
import t from 'tap'
import { IndexingError } from '../../src/errors.js'
import type { RebuildProgress } from '../../src/indexing/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { memoryStore } from '../../src/testing/memory-index.js'
import { seed } from '../fixtures/seed.js'
import { effort } from '../fuzz/fixtures/effort.js'
import { openCloud } from './fixtures/cloud.js'
import { differing } from './fixtures/equality.js'
import { remade } from './fixtures/remade.js'
import { indexDown, unreachable } from './fixtures/world.js'

/** More than one batch in the largest. */
const local = await startLocalCells({ cells: 2, cell0: false, instances: [2_300, 60], relations: false })
t.teardown(() => local.stop())

const RENAME = 'UPDATE instances SET display_name = ?, updated_at = ? WHERE uuid = ?'

t.test('progress counts up to what there is, with a rate and what is left', async t => {
  const { time, indexer } = await openCloud(t, local)
  const seen: RebuildProgress[] = []
  const one = indexer(
    {},
    { call: method => (method === 'write' ? time.sleep(100, new AbortController().signal) : undefined) },
  )
  const progress = (now: RebuildProgress): void => {
    seen.push(now)
  }
  const work = one.rebuild({ progress })
  await t.rejects(one.rebuild(), new IndexingError('running'))
  await passing(time, work)
  const built = await work
  t.match(built, { documents: 2_360, resumed: false, mended: 0 })
  t.same((await one.status()).rebuild, null)
  const phases = [...new Set(seen.map(({ phase }) => phase))]
  t.same(phases, ['filling', 'finishing', 'verifying'])
  t.same(
    seen.map(({ documents }) => documents),
    seen.map(({ documents }) => documents).sort((a, b) => a - b),
  )
  t.match(seen.at(-1), {
    documents: 2_360,
    expected: 2_360,
    left: 0,
    cells: [{ state: 'filled' }, { state: 'filled' }],
  })
  t.ok(seen.at(-1)!.rate > 0)
  t.ok(seen.some(({ left }) => left !== null && left > 0))
  t.ok(seen.every(({ left, documents, expected }) => documents <= expected && (left === null || left >= 0)))
})

/** Lets time pass also for what sleeps inside of a call. */
const passing = async (
  time: Awaited<ReturnType<typeof openCloud>>['time'],
  work: Promise<unknown>,
): Promise<void> => {
  let over = false
  work
    .finally(() => {
      over = true
    })
    .catch(() => {})
  while (!over) {
    await new Promise(resolve => setImmediate(resolve))
    time.pass(100)
  }
}

t.test('whatever breaks it off, it goes on where it was, and is true in the end', async t => {
  const { time, writer, indexer, store, cells, uuids, column } = await openCloud(t, local)
  let resumed = 0
  let broken = 0
  let number = 0
  const all = await uuids('cell1')
  const breaking = fc.record({
    call: fc.nat({ max: 26 }),
    how: fc.constantFrom('abort' as const, 'index' as const, 'cell' as const),
    write: fc.nat({ max: all.length - 1 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(breaking, { minLength: 1, maxLength: 4 }), async breaks => {
      const before = store.current
      for (const { call, how, write } of breaks) {
        const stop = new AbortController()
        let calls = 0
        const step = async (): Promise<void> => {
          if (++calls === Math.floor(call / 2))
            await writer.run('cell1', RENAME, [`changed ${++number}`, column(), all[write]!])
          if (calls !== call) return
          if (how === 'abort') stop.abort(new Error('stopped'))
          if (how === 'index') throw indexDown()
        }
        let asked = 0
        const one = indexer(
          {},
          {
            call: step,
            ask: cell => {
              if (how === 'cell' && ++asked === call) throw unreachable(cell)
            },
          },
        )
        const result = await time.during(one.rebuild({ signal: stop.signal })).then(
          built => built.resumed,
          () => undefined,
        )
        if (result === undefined) broken++
        if (result === undefined && store.current !== before && before !== undefined && how === 'abort')
          if (calls < call) throw new Error('it was switched to what is not whole')
        // A lease of who is gone is waited for.
        await time.advance(15_000)
      }
      const built = await time.during(indexer().rebuild())
      if (built.resumed) resumed++
      if (built.generation !== store.current) throw new Error('not switched')
      const [differences, wrong] = [await differing(cells), await remade(cells, store)]
      if (differences.length + wrong.length > 0) throw new Error(JSON.stringify({ differences, wrong }))
      if (store.generations.size > 2) throw new Error(`${store.generations.size} generations`)
    }),
    { numRuns: effort(8, 200), seed, endOnFailure: true },
  )
  t.comment({ resumed, broken, writes: number })
  t.ok(resumed > 0 && broken > 0)
})

t.test('a comparison that was broken off does not begin from nothing', async t => {
  const { time, indexer, index, store } = await openCloud(t, local)
  const stop = new AbortController()
  const first = indexer(
    {},
    {
      call: method => {
        if (method === 'buckets') stop.abort(new Error('stopped'))
      },
    },
  )
  await t.rejects(time.during(first.rebuild({ signal: stop.signal })), { message: 'stopped' })
  t.equal(store.current, undefined)
  let filled = 0
  const second = indexer(
    {},
    {
      call: (method, [, documents]) => {
        if (method === 'write') filled += (documents as readonly unknown[]).length
      },
    },
  )
  await time.advance(15_000)
  t.match(await time.during(second.rebuild()), { resumed: true })
  t.ok(filled < 100, `${filled}: only what was written lately is read again`)
  t.equal((await index.generations(new AbortController().signal)).length, 1)
})

t.test('beside live updates; who runs follows, and goes back when it is gone back to', async t => {
  const { time, writer, indexer, run, store, cells, uuids, column, said } = await openCloud(t, local)
  const live = indexer({ pollInterval: 2_000, sweepInterval: 3_600_000 })
  run(live)
  await time.advance(3_000)
  const first = store.current!
  const all = await uuids('cell1')
  let changed = 0
  const one = indexer(
    {},
    {
      ask: async (_cell, { text }) => {
        if (!/COUNT|LIMIT 1000$/.test(text) || changed >= 20) return
        changed++
        await writer.run('cell1', RENAME, [`meanwhile ${changed}`, column(), all[changed * 100]!])
        await writer.run('cell1', 'DELETE FROM instances WHERE uuid = ?', [all[changed * 100 + 1]!])
      },
    },
  )
  const built = await time.during(one.rebuild())
  t.ok(changed > 2)
  t.not(built.generation, first)
  t.same([await differing(cells), await remade(cells, store)], [[], []])
  await time.advance(3_000)
  await writer.run('cell1', RENAME, ['after it', column(), all[0]!])
  await time.advance(3_000)
  t.equal(said('cell1', all[0]!), 'after it')

  t.equal(await one.rollback(), first)
  t.equal(store.current, first)
  await writer.run('cell1', RENAME, ['gone back', column(), all[0]!])
  await time.advance(60_000)
  t.equal(said('cell1', all[0]!), 'gone back')
  t.same(await differing(cells), [])
  await t.rejects(one.rollback(), new IndexingError('no-generation-before'))
})

t.test('of two one is told that the other is at it', async t => {
  const store = memoryStore()
  const { time, indexer } = await openCloud(t, local, store)
  const slow = indexer(
    {},
    {
      ask: (_cell, { text }) =>
        /LIMIT 1000$/.test(text) ? time.sleep(9_000, new AbortController().signal) : undefined,
    },
  )
  let first: Promise<unknown> | undefined
  await new Promise<void>(resolve => {
    first = slow.rebuild({ progress: () => resolve() })
    first.catch(() => {})
  })
  const second = indexer().rebuild()
  second.catch(() => {})
  await passing(time, Promise.allSettled([first, second]))
  const outcomes = await Promise.allSettled([first, second])
  t.comment(outcomes.map(one => (one.status === 'rejected' ? String(one.reason) : one.value)))
  t.equal(outcomes[0]!.status, 'fulfilled')
  t.match(outcomes[1], { status: 'rejected' })
})
