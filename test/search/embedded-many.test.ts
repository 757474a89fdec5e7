import { join } from 'node:path'
import t from 'tap'
import type { IndexQuery, Key } from '../../src/search/search-index.js'
import { documentOf, SHAPE, uuidOf } from '../../src/testing/conformance/documents.js'
import { embeddedHere } from './fixtures/in-process.js'

const { signal } = new AbortController()
const COUNT = 101_000
const BATCH = 1_000

t.test('more than a hundred thousand documents, each with a member of its own', async t => {
  const index = embeddedHere(join(t.testdir(), 'index.db'))
  const name = await index.create(SHAPE, '{}', true, signal)
  for (let from = 0; from < COUNT; from += BATCH) {
    const documents = Array.from({ length: BATCH }, (_, i) => {
      const n = from + i
      return documentOf(n, {
        keys: { id: n, made: `2026-01-01 ${String(n >> 3).padStart(6, '0')}` },
        members: { tags: [], pairs: [`key ${n}\u0001value`] },
      })
    })
    const outcomes = await index.write(name, documents, signal)
    t.ok(outcomes.every(outcome => outcome === 'written'))
  }
  await index.finish(name, signal)

  const sort: IndexQuery['sort'] = [
    { by: 'key', key: 'made', dir: 'desc' },
    { by: 'key', key: 'id', dir: 'desc' },
    { by: 'uuid' },
  ]
  let after: readonly Key[] | undefined
  let next = COUNT - 1
  for (;;) {
    const page = await index.find(name, { where: [], sort, limit: 10_000, ...(after && { after }) }, signal)
    if (!page.every(({ uuid }) => uuid === uuidOf(next--))) t.fail(`${next} is not in its place`)
    if (page.length < 10_000) break
    after = page.at(-1)!.at
  }
  t.equal(next, -1)

  for (const n of [0, 54_321, COUNT - 1]) {
    const where = [{ member: 'pairs', in: [`key ${n}\u0001value`] }]
    const found = await index.find(name, { where, sort, limit: 10 }, signal)
    t.same(
      found.map(({ uuid }) => uuid),
      [uuidOf(n)],
    )
  }
  await index.close()
})
