import assert from 'node:assert/strict'
import type { Generation, SearchIndex } from '../../search/search-index.js'
import { type ConformanceCase, callsOf, fill, find, idsOf, inGeneration, refuses, signal } from './case.js'
import { documentOf, PARTS, SHAPE } from './documents.js'
import { times } from './random.js'

const byName = async (index: SearchIndex): Promise<Map<string, Generation>> =>
  new Map(
    (await index.generations(signal)).map(({ name, layout, current, ready }) => [
      name,
      { name, layout, current, ready },
    ]),
  )

const create = (index: SearchIndex, bulk = false): Promise<string> => index.create(SHAPE, '{}', bulk, signal)

export const generations: readonly ConformanceCase[] = [
  {
    name: 'a generation is new and empty, and keeps its layout to the byte',
    run: async index => {
      const layout = JSON.stringify({ parts: PARTS, table: 'x'.repeat(300_000) })
      const name = await index.create(SHAPE, layout, false, signal)
      assert.deepEqual((await byName(index)).get(name), { name, layout, current: false, ready: false })
      assert.deepEqual(await idsOf(index, name, { where: [] }), [])
      await index.finish(name, signal)
      await index.finish(name, signal)
      assert.deepEqual((await byName(index)).get(name), { name, layout, current: false, ready: true })
      await index.drop(name, signal)
      assert.ok(!(await byName(index)).has(name))
    },
  },
  {
    name: 'generations that are made at once have names of their own',
    run: async (index, again) => {
      const other = again()
      const names = await Promise.all([create(index), create(other), create(index, true), create(other)])
      assert.equal(new Set(names).size, 4)
      const there = await byName(other)
      assert.ok(names.every(name => there.has(name)))
      for (const name of names) await index.drop(name, signal)
      await other.close()
    },
  },
  {
    name: 'one that is filled in bulk is asked when it is finished, and written to like any other',
    run: async index => {
      const name = await create(index, true)
      const batches = times(4, batch => times(250, i => documentOf(batch * 250 + i)))
      for (const batch of batches)
        assert.deepEqual(
          await index.write(name, batch, signal),
          batch.map(() => 'written'),
        )
      const [first] = batches[0]!
      assert.deepEqual(await index.write(name, [first!, { ...first!, version: 1_001 }], signal), [
        'stale',
        'written',
      ])
      await index.finish(name, signal)
      assert.deepEqual(
        await idsOf(index, name, { where: [] }),
        times(1_000, i => i),
      )
      await fill(index, name, [
        documentOf(1_000),
        { ...first!, version: 1_002, keys: { ...first!.keys, name: 'new' } },
      ])
      assert.deepEqual(
        await idsOf(index, name, { where: [{ key: 'id', is: 'gte', value: 999 }] }),
        [999, 1_000],
      )
      assert.deepEqual(await idsOf(index, name, { where: [{ key: 'name', is: 'eq', value: 'new' }] }), [0])
      await index.drop(name, signal)
    },
  },
  {
    name: 'what is in one generation is in no other',
    run: index =>
      inGeneration(index, one =>
        inGeneration(index, async other => {
          await fill(index, one, [documentOf(1), documentOf(2)])
          await fill(index, other, [documentOf(2, { version: 7, record: '"other"' })])
          await index.setNote(one, 'note', { value: 'of one', revision: 0 }, signal)
          const everything = { where: [], sort: [{ by: 'uuid' }], limit: 10 } as const
          assert.equal((await find(index, one, everything)).length, 2)
          assert.deepEqual(
            (await find(index, other, everything)).map(({ record, version }) => [record, version]),
            [['"other"', 7]],
          )
          assert.equal((await index.notes(other, '', signal)).size, 0)
          assert.equal(
            (await index.scan(other, { cell: 'cell-a', prefix: '', after: '', limit: 9 }, signal)).length,
            1,
          )
          assert.equal((await index.buckets(other, 'cell-a', signal)).length, 1)
          assert.equal((await index.tally(other, { where: [] }, [], 9, signal))[0]!.count, 1)
        }),
      ),
  },
  {
    name: 'a switch takes place from one moment to the next, and back',
    run: async (index, again) => {
      const other = again()
      const [a, b] = [await create(index), await create(index)]
      await index.finish(a, signal)
      await index.finish(b, signal)
      await index.switchTo(a, signal)
      await refuses(index.drop(a, signal))
      let switching = true
      const seen: (readonly Generation[])[] = []
      const looking = (async () => {
        for (; switching; await new Promise(resolve => setImmediate(resolve)))
          seen.push(await other.generations(signal))
      })()
      try {
        for (const to of [b, a, b, a, b, a]) {
          await index.switchTo(to, signal)
          assert.equal((await byName(other)).get(to)!.current, true)
        }
      } finally {
        switching = false
        await looking
      }
      for (const all of seen) assert.equal(all.filter(({ current }) => current).length, 1)
      await index.drop(b, signal)
      assert.deepEqual((await byName(index)).get(a)?.ready, true)
      await other.close()
    },
  },
  {
    name: 'what is not ready is not switched to',
    run: async index => {
      for (const bulk of [false, true]) {
        const name = await create(index, bulk)
        await refuses(index.switchTo(name, signal))
        assert.equal((await byName(index)).get(name)!.current, false)
        await index.drop(name, signal)
      }
    },
  },
  {
    name: 'of a generation that is not there every call says so',
    run: async index => {
      const gone = await create(index)
      await index.drop(gone, signal)
      for (const name of [gone, 'never', "'; DROP TABLE documents; --"])
        for (const call of Object.values(callsOf(index, name, signal))) await refuses(call(), 'NO_GENERATION')
    },
  },
]
