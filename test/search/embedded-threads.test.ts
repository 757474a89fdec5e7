import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { embeddedIndex } from '../../src/search/embedded/index.js'
import type { IndexQuery, SearchIndex } from '../../src/search/search-index.js'
import { documentOf, SHAPE } from '../../src/testing/conformance/documents.js'

const { signal } = new AbortController()
const failed = (reason: string) => ({ code: 'index-failed', reason })
const EVERYTHING: IndexQuery = {
  where: [],
  sort: [{ by: 'key', key: 'id', dir: 'asc' }, { by: 'uuid' }],
  limit: 10,
}

/** Finds nothing, and takes minutes for it. */
const LONG: IndexQuery = {
  ...EVERYTHING,
  where: [
    {
      any: new Array(900).fill([
        { like: 'host', pattern: [{ any: 'more' }, { literal: 'xy' }, { any: 'more' }] },
      ]),
    },
  ],
}

/** With documents for a long search. */
const open = async (path: string): Promise<{ index: SearchIndex; generation: string }> => {
  const index = embeddedIndex({ path })
  const generation = await index.create(SHAPE, '{}', false, signal)
  const documents = Array.from({ length: 200 }, (_, id) =>
    documentOf(id, { keys: { id, host: 'x'.repeat(100_000) } }),
  )
  await index.write(generation, documents, signal)
  await index.finish(generation, signal)
  return { index, generation }
}

t.test('a long search keeps nobody from anything, and ends when nobody waits for it', async t => {
  const path = join(t.testdir(), 'index.db')
  const { index, generation } = await open(path)
  const reason = new Error('enough')
  const controllers = Array.from({ length: 3 }, () => new AbortController())
  const searches = controllers.map(({ signal }) => t.rejects(index.find(generation, LONG, signal), reason))
  t.equal((await index.find(generation, EVERYTHING, signal)).length, 10, 'others are answered')
  t.same(
    await index.write(generation, [documentOf(2_000)], signal),
    ['written'],
    'what is written waits for no reader',
  )
  t.equal(await index.setNote(generation, 'a', { value: 'b', revision: 0 }, signal), true)
  controllers[0]!.abort(reason)
  await searches[0]
  t.equal((await index.tally(generation, { where: [] }, [], 1, signal))[0]!.count, 201)
  for (const controller of controllers) controller.abort(reason)
  await Promise.all(searches)
  const last = t.rejects(index.find(generation, LONG, signal), failed('CLOSED'))
  const waiting = Array.from({ length: 6 }, () =>
    t.rejects(index.find(generation, LONG, signal), failed('CLOSED')),
  )
  // It waits for the threads: they do not end before their statements do.
  await index.close()
  await Promise.all([last, ...waiting])
})

t.test(
  'what is dropped takes no room any more',
  { skip: process.platform !== 'linux' && 'reads /proc' },
  async t => {
    const folder = t.testdir()
    const { index, generation } = await open(join(folder, 'index.db'))
    await index.find(generation, EVERYTHING, signal)
    const held = (): string[] =>
      readdirSync('/proc/self/fd').flatMap(fd => {
        try {
          return [readlinkSync(`/proc/self/fd/${fd}`)].filter(file =>
            file.startsWith(join(folder, `index.db.${generation}`)),
          )
        } catch {
          return []
        }
      })
    t.ok(held().length > 0)
    await index.drop(generation, signal)
    t.same(readdirSync(folder).sort(), ['index.db', 'index.db-shm', 'index.db-wal'])
    // The thread that had it open ends once it has nothing else to do: the next call is another's.
    await index.create(SHAPE, '{}', true, signal)
    await index.close()
    t.same(held(), [])
  },
)
