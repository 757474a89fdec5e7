import assert from 'node:assert/strict'
import type { Group, SearchIndex } from '../../search/search-index.js'
import { memoryIndex } from '../memory-index.js'
import { type ConformanceCase, fill, inGeneration, signal } from './case.js'
import { documentOf, randomDocument, SHAPE, valuesFrom } from './documents.js'
import { wantedOf } from './queries.js'
import { randomFrom, shuffled, times } from './random.js'

const RUNS = 150

const plain = (groups: readonly Group[]): Group[] =>
  groups
    .map(({ values, count, record }) => ({ values: [...values], count, record }))
    .sort((a, b) => (JSON.stringify(a.values) < JSON.stringify(b.values) ? -1 : 1))

export const tallying = (seed: number): readonly ConformanceCase[] => [
  {
    name: 'documents are counted by their values, and one of each is shown',
    run: index =>
      inGeneration(index, async generation => {
        const names = ['a', 'A', 'a', null, 'a ', null, 'a']
        const documents = names.map((name, id) =>
          documentOf(id, { keys: { id, name, size: id % 2 }, record: `"${id}"` }),
        )
        await fill(index, generation, documents)
        const tally = async (keys: readonly string[], most: number) =>
          plain(await index.tally(generation, { where: [] }, keys, most, signal))
        const smallest = (...ids: number[]): string =>
          ids.map(id => documents[id]!).reduce((a, b) => (a.uuid < b.uuid ? a : b)).record
        assert.deepEqual(
          await tally(['name'], 100),
          plain([
            { values: ['A'], count: 1, record: '"1"' },
            { values: ['a '], count: 1, record: '"4"' },
            { values: ['a'], count: 3, record: smallest(0, 2, 6) },
            { values: [null], count: 2, record: smallest(3, 5) },
          ]),
        )
        assert.deepEqual(
          await tally(['size', 'name'], 100),
          plain([
            { values: [0, 'a'], count: 3, record: smallest(0, 2, 6) },
            { values: [0, 'a '], count: 1, record: '"4"' },
            { values: [1, 'A'], count: 1, record: '"1"' },
            { values: [1, null], count: 2, record: smallest(3, 5) },
          ]),
        )
        assert.deepEqual(await tally([], 100), [
          { values: [], count: 7, record: smallest(0, 1, 2, 3, 4, 5, 6) },
        ])
        assert.deepEqual(await index.tally(generation, { where: [{ any: [] }] }, [], 100, signal), [])
        assert.deepEqual(await index.tally(generation, { where: [{ any: [] }] }, ['name'], 100, signal), [])
        assert.equal((await tally(['name'], 4)).length, 4)
        assert.equal((await tally(['name'], 3)).length, 4)
        assert.equal((await tally(['name'], 2)).length, 3)
        assert.equal((await tally(['id'], 1)).length, 2)
        assert.equal((await tally(['id', 'name', 'size', 'made'], 100)).length, 7)
      }),
  },
  {
    name: `counts as a model counts, ${RUNS} times`,
    run: index =>
      inGeneration(index, async generation => {
        const random = randomFrom(seed)
        const values = valuesFrom(random)
        const documents = times(120, n => randomDocument(random, values, n))
        const model = memoryIndex()
        const own = await model.create(SHAPE, '{}', false, signal)
        await model.write(own, documents, signal)
        await fill(index, generation, documents)
        for (let i = 0; i < RUNS; i++) {
          const wanted = wantedOf(random, values)
          const keys = shuffled(random, Object.keys(SHAPE.keys)).slice(0, random(5))
          const count = async (one: SearchIndex, of: string, most: number) =>
            plain(await one.tally(of, wanted, keys, most, signal))
          const all = await count(model, own, 10_000)
          assert.deepEqual(await count(index, generation, 10_000), all, JSON.stringify({ wanted, keys }))
          const most = 1 + random(30)
          const some = await count(index, generation, most)
          assert.equal(some.length, Math.min(all.length, most + 1))
          const whole = new Map(all.map(group => [JSON.stringify(group.values), group]))
          for (const group of some) assert.deepEqual(group, whole.get(JSON.stringify(group.values)))
        }
      }),
  },
]
