import assert from 'node:assert/strict'
import type { Hit, IndexQuery, SearchIndex, Term } from '../../search/search-index.js'
import { type ConformanceCase, fill, find, inGeneration } from './case.js'
import { documentOf, randomDocument, valuesFrom } from './documents.js'
import { sortOf, wantedOf } from './queries.js'
import { pick, randomFrom, shuffled, times } from './random.js'

const RUNS = 40

const UUID: Term = { by: 'uuid' }

/** Page after page; every page but the last is full. */
const paged = async (
  index: SearchIndex,
  generation: string,
  query: Omit<IndexQuery, 'after' | 'limit'>,
  limit: number,
): Promise<Hit[]> => {
  const all: Hit[] = []
  for (;;) {
    const last = all.at(-1)
    const page = await find(index, generation, { ...query, limit, ...(last && { after: last.at }) })
    all.push(...page)
    assert.ok(page.length <= limit)
    if (page.length < limit) return all
  }
}

export const paging = (seed: number): readonly ConformanceCase[] => [
  {
    name: `pages of any size give everything once, in the order of one big page, ${RUNS} times`,
    run: index =>
      inGeneration(index, async generation => {
        const random = randomFrom(seed)
        const values = valuesFrom(random)
        const documents = times(90, n => randomDocument(random, values, n))
        await fill(index, generation, documents)
        for (let i = 0; i < RUNS; i++) {
          const query = {
            ...(i % 2 === 0 ? { where: [] } : wantedOf(random, values)),
            sort: sortOf(random, values),
          }
          const whole = await find(index, generation, { ...query, limit: 10_000 })
          const limit = i === 0 ? 1 : pick(random, [3, 7, 20, 89, 90, 91])
          assert.deepEqual(
            await paged(index, generation, query, limit),
            whole,
            JSON.stringify({ query, limit }),
          )
          if (i % 2 === 0) assert.equal(whole.length, 90)
        }
      }),
  },
  {
    name: 'nulls come first ascending and last descending, and pages go on behind them',
    run: index =>
      inGeneration(index, async generation => {
        const sizes = [3, null, 1, null, 2, null, 1]
        await fill(
          index,
          generation,
          sizes.map((size, id) =>
            documentOf(id, { keys: { id, size, name: size === null ? null : `${size}` } }),
          ),
        )
        for (const key of ['size', 'name'])
          for (const [dir, idDir, ids] of [
            ['asc', 'asc', [1, 3, 5, 2, 6, 4, 0]],
            ['asc', 'desc', [5, 3, 1, 6, 2, 4, 0]],
            ['desc', 'asc', [0, 4, 2, 6, 1, 3, 5]],
            ['desc', 'desc', [0, 4, 6, 2, 5, 3, 1]],
          ] as const) {
            const sort: Term[] = [{ by: 'key', key, dir }, { by: 'key', key: 'id', dir: idDir }, UUID]
            for (const limit of [1, 2, 7, 8])
              assert.deepEqual(
                (await paged(index, generation, { where: [], sort }, limit)).map(({ at }) => at[1]),
                ids,
                `${key} ${dir}, id ${idDir}, ${limit} at a time`,
              )
          }
      }),
  },
  {
    name: 'texts sort by their code points, uuids decide between the same',
    run: index =>
      inGeneration(index, async generation => {
        const inOrder = [
          '',
          '\u0001',
          '\t',
          ' ',
          '!',
          '10',
          '9',
          'A',
          'a',
          'a\u0001',
          'a ',
          'aa',
          'é',
          '中',
          '\ud7ff',
          '\ue000',
          '\uffff',
          '😀',
          '\u{10ffff}',
        ]
        const random = randomFrom(seed)
        const documents = shuffled(random, [...inOrder, ...inOrder]).map((name, id) =>
          documentOf(id, { keys: { id, name } }),
        )
        await fill(index, generation, documents)
        const found = await paged(
          index,
          generation,
          { where: [], sort: [{ by: 'key', key: 'name', dir: 'asc' }, UUID] },
          5,
        )
        assert.deepEqual(
          found.map(({ at }) => at[0]),
          inOrder.flatMap(name => [name, name]),
        )
        for (let i = 0; i < found.length; i += 2) assert.ok(found[i]!.uuid < found[i + 1]!.uuid)
        const down = await paged(
          index,
          generation,
          { where: [], sort: [{ by: 'key', key: 'name', dir: 'desc' }, UUID] },
          5,
        )
        assert.deepEqual(
          down.map(({ at }) => at[0]),
          inOrder.flatMap(name => [name, name]).reverse(),
        )
        for (let i = 0; i < down.length; i += 2) assert.ok(down[i]!.uuid < down[i + 1]!.uuid)
      }),
  },
  {
    name: 'long texts that differ at their end sort by it',
    run: index =>
      inGeneration(index, async generation => {
        const long = (character: string, end: string) => character.repeat(1_023) + end
        const inOrder = ['a', '😀'].flatMap(character =>
          ['a', 'b', '\uffff', '😀', '😁'].map(end => long(character, end)),
        )
        await fill(
          index,
          generation,
          inOrder.map((name, i) => documentOf(i, { keys: { id: inOrder.length - i, name } })),
        )
        const sort: Term[] = [{ by: 'key', key: 'name', dir: 'asc' }, UUID]
        assert.deepEqual(
          (await paged(index, generation, { where: [], sort }, 3)).map(({ at }) => at[0]),
          inOrder,
        )
        for (const [i, name] of inOrder.entries()) {
          const after = [name, 'zzz'] as const
          assert.equal(
            (await find(index, generation, { where: [], sort, after, limit: 100 })).length,
            inOrder.length - i - 1,
          )
        }
      }),
  },
  {
    name: 'a rank is the first test that holds',
    run: index =>
      inGeneration(index, async generation => {
        await fill(
          index,
          generation,
          ['web', 'my web', 'db', 'Web', 'web', null].map((name, id) => documentOf(id, { keys: { id, name } })),
        )
        const of = [
          { key: 'name', is: 'eq', value: 'web' },
          { like: 'name', pattern: [{ any: 'more' }, { literal: 'eb' }] },
          { key: 'name', is: 'eq', value: 'my web' },
        ] as const
        for (const [dir, want] of [
          ['asc', ['0 0', '0 4', '1 1', '1 3', '3 2', '3 5']],
          ['desc', ['3 2', '3 5', '1 1', '1 3', '0 0', '0 4']],
        ] as const) {
          const sort: Term[] = [{ by: 'rank', of, dir }, { by: 'key', key: 'id', dir: 'asc' }, UUID]
          for (const limit of [1, 2, 4, 100])
            assert.deepEqual(
              (await paged(index, generation, { where: [], sort }, limit)).map(({ at }) => `${at[0]} ${at[1]}`),
              want,
            )
        }
        const none: Term[] = [{ by: 'rank', of: [], dir: 'asc' }, { by: 'key', key: 'id', dir: 'desc' }, UUID]
        assert.deepEqual(
          (await paged(index, generation, { where: [], sort: none }, 4)).map(({ at }) => `${at[0]} ${at[1]}`),
          ['0 5', '0 4', '0 3', '0 2', '0 1', '0 0'],
        )
      }),
  },
  {
    name: 'a page goes on behind values that no document has any more',
    run: index =>
      inGeneration(index, async generation => {
        await fill(
          index,
          generation,
          [10, 20, 30].map(id => documentOf(id, { keys: { id, name: `n${id}` } })),
        )
        const behind = async (sort: readonly Term[], after: IndexQuery['after']) =>
          (await find(index, generation, { where: [], sort, after: after!, limit: 10 })).map(
            ({ record }) => record,
          )
        const up: Term[] = [{ by: 'key', key: 'id', dir: 'asc' }, UUID]
        const down: Term[] = [{ by: 'key', key: 'id', dir: 'desc' }, UUID]
        const [a, b, c] = ['{"n":10}', '{"n":20}', '{"n":30}']
        assert.deepEqual(await behind(up, [15, 'x']), [b, c])
        assert.deepEqual(await behind(up, [20, '']), [b, c])
        assert.deepEqual(await behind(up, [20, 'zzz']), [c])
        assert.deepEqual(await behind(up, [null, 'zzz']), [a, b, c])
        assert.deepEqual(await behind(down, [25, '']), [b, a])
        assert.deepEqual(await behind(down, [null, '']), [])
        assert.deepEqual(await behind([UUID], ['zzz']), [])
        assert.equal((await behind([UUID], [''])).length, 3)
      }),
  },
  {
    name: 'a copy in another cell has its own place',
    run: index =>
      inGeneration(index, async generation => {
        const copies = times(6, n => documentOf(n)).flatMap(one => [
          one,
          { ...one, cell: 'cell-b', keys: { ...one.keys, id: (one.keys.id as number) + 100 } },
        ])
        await fill(index, generation, copies)
        const sort: Term[] = [UUID]
        const whole = await find(index, generation, { where: [], sort, limit: 100 })
        assert.equal(whole.length, 12)
        for (let i = 0; i < 12; i += 2) assert.equal(whole[i]!.uuid, whole[i + 1]!.uuid)
        const byId: Term[] = [{ by: 'key', key: 'id', dir: 'desc' }, UUID]
        assert.deepEqual(
          (await paged(index, generation, { where: [], sort: byId }, 5)).map(({ at, cell }) => [at[0], cell]),
          [...times(6, i => [105 - i, 'cell-b']), ...times(6, i => [5 - i, 'cell-a'])],
        )
      }),
  },
]
