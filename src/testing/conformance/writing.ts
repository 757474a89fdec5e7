import assert from 'node:assert/strict'
import type { IndexDocument, Tombstone } from '../../search/search-index.js'
import { memoryIndex } from '../memory-index.js'
import { type ConformanceCase, fill, find, idsOf, inGeneration, signal } from './case.js'
import { documentOf, PARTS, SHAPE, uuidOf } from './documents.js'
import { pick, randomFrom, shuffled, times } from './random.js'

const everything = { where: [], sort: [{ by: 'uuid' }], limit: 10_000 } as const

const tombstone = (n: number, version: number): Tombstone => ({
  cell: 'cell-a',
  uuid: uuidOf(n),
  version,
  gone: true,
})

/** A story of a few records, every version once. */
const storyOf = (seed: number): (IndexDocument | Tombstone)[] => {
  const random = randomFrom(seed)
  return times(60, i => {
    const n = random(8)
    const version = 1_000 + i
    return random(3) === 0 ? tombstone(n, version) : documentOf(n, { version, digest: i, keys: { size: i } })
  })
}

export const writing = (seed: number): readonly ConformanceCase[] => [
  {
    name: 'a later version is written; the same and earlier ones are stale, and change nothing',
    run: index =>
      inGeneration(index, async generation => {
        const of = (version: number) => documentOf(1, { version, digest: version, record: `${version}` })
        const written = (version: number) => index.write(generation, [of(version)], signal)
        for (const [version, outcome, kept] of [
          [5, 'written', 5],
          [5, 'stale', 5],
          [4, 'stale', 5],
          [6, 'written', 6],
          [2 ** 53 - 2, 'written', 2 ** 53 - 2],
          [2 ** 53 - 3, 'stale', 2 ** 53 - 2],
          [2 ** 53 - 1, 'written', 2 ** 53 - 1],
          [2 ** 53 - 1, 'stale', 2 ** 53 - 1],
        ] as const) {
          assert.deepEqual(await written(version), [outcome])
          await index.refresh(generation, signal)
          const { uuid } = of(version)
          assert.deepEqual(await find(index, generation, everything), [
            { cell: 'cell-a', uuid, version: kept, record: `${kept}`, at: [uuid] },
          ])
          assert.deepEqual(
            (await index.scan(generation, { cell: 'cell-a', prefix: '', after: '', limit: 9 }, signal)).map(
              one => [one.version, one.digest],
            ),
            [[kept, kept]],
          )
        }
      }),
  },
  {
    name: 'a tombstone beats earlier versions, whatever comes first, and a later version beats it',
    run: index =>
      inGeneration(index, async generation => {
        const steps = [
          [tombstone(1, 10), 'written', []],
          [documentOf(1, { version: 9 }), 'stale', []],
          [documentOf(1, { version: 10 }), 'stale', []],
          [documentOf(1, { version: 11 }), 'written', [1]],
          [tombstone(1, 10), 'stale', [1]],
          [tombstone(1, 11), 'stale', [1]],
          [tombstone(1, 12), 'written', []],
          [tombstone(1, 13), 'written', []],
          [documentOf(1, { version: 12 }), 'stale', []],
          [documentOf(1, { version: 14 }), 'written', [1]],
        ] as const
        for (const [document, outcome, there] of steps) {
          assert.deepEqual(await index.write(generation, [document], signal), [outcome])
          await index.refresh(generation, signal)
          assert.deepEqual(await idsOf(index, generation, { where: [] }), there)
        }
      }),
  },
  {
    name: 'a batch is written as if one after the other',
    run: index =>
      inGeneration(index, async generation => {
        const outcomes = await index.write(
          generation,
          [
            documentOf(1, { version: 2, record: '2' }),
            documentOf(2, { version: 2 }),
            documentOf(1, { version: 1, record: '1' }),
            documentOf(1, { version: 3, record: '3' }),
            documentOf(1, { version: 3, record: 'another 3' }),
            tombstone(2, 3),
            documentOf(2, { version: 3 }),
            tombstone(3, 1),
            documentOf(3, { version: 2 }),
          ],
          signal,
        )
        assert.deepEqual(
          outcomes,
          [
            ['written', 'written', 'stale', 'written', 'stale'],
            ['written', 'stale', 'written', 'written'],
          ].flat(),
        )
        await index.refresh(generation, signal)
        assert.deepEqual(await idsOf(index, generation, { where: [] }), [1, 3])
        assert.deepEqual(await index.write(generation, [], signal), [])
      }),
  },
  {
    name: 'deliveries in any sequence and in any batches end alike',
    run: async index => {
      const story = storyOf(seed)
      const random = randomFrom(seed)
      for (let round = 0; round < 4; round++) {
        await inGeneration(index, async generation => {
          const model = memoryIndex()
          const own = await model.create(SHAPE, '{}', false, signal)
          const deliveries = shuffled(random, [...story, ...story.filter(() => random(4) === 0)])
          while (deliveries.length > 0) {
            const batch = deliveries.splice(0, 1 + random(12))
            assert.deepEqual(
              await index.write(generation, batch, signal),
              await model.write(own, batch, signal),
            )
          }
          await index.refresh(generation, signal)
          const last = times(8, n => story.filter(one => one.uuid === uuidOf(n)).at(-1)!)
          const left = last.filter(one => !('gone' in one)).map(({ uuid, version }) => ({ uuid, version }))
          assert.deepEqual(
            (await find(index, generation, everything)).map(({ uuid, version }) => ({ uuid, version })),
            left.sort((a, b) => (a.uuid < b.uuid ? -1 : 1)),
          )
        })
      }
    },
  },
  {
    name: 'two that write at once end with the latest',
    run: async (index, again) => {
      const other = again()
      await inGeneration(index, async generation => {
        const random = randomFrom(seed)
        const story = storyOf(seed + 1)
        await Promise.all(
          [index, other, index, other].map(async one => {
            for (const document of shuffled(random, story)) await one.write(generation, [document], signal)
          }),
        )
        await other.refresh(generation, signal)
        const last = times(8, n => story.filter(one => one.uuid === uuidOf(n)).at(-1)!)
        for (const one of [index, other])
          assert.deepEqual(
            (await find(one, generation, everything)).map(({ version }) => version).sort(),
            last
              .filter(document => !('gone' in document))
              .map(({ version }) => version)
              .sort(),
          )
      })
      await other.close()
    },
  },
  {
    name: 'what one writes another finds',
    run: async (index, again) => {
      const other = again()
      await inGeneration(index, async generation => {
        await fill(index, generation, [documentOf(1)])
        assert.deepEqual(await idsOf(other, generation, { where: [] }), [1])
        await fill(other, generation, [documentOf(2)])
        assert.deepEqual(await idsOf(index, generation, { where: [] }), [1, 2])
      })
      await other.close()
    },
  },
  {
    name: 'a uuid in two cells is two documents',
    run: index =>
      inGeneration(index, async generation => {
        const { uuid } = documentOf(1)
        const a = documentOf(1, { record: '"a"' })
        await fill(index, generation, [a, { ...a, cell: 'cell-b', version: 1, record: '"b"' }])
        const found = await find(index, generation, everything)
        assert.deepEqual(found.map(({ cell, record }) => `${cell} ${record}`).sort(), [
          'cell-a "a"',
          'cell-b "b"',
        ])
        assert.deepEqual(await find(index, generation, { ...everything, after: [uuid] }), [])
        await fill(index, generation, [{ cell: 'cell-a', uuid, version: 2_000, gone: true }])
        assert.deepEqual(
          (await find(index, generation, everything)).map(({ cell }) => cell),
          ['cell-b'],
        )
      }),
  },
  {
    name: 'nothing of an earlier version is left',
    run: index =>
      inGeneration(index, async generation => {
        await fill(index, generation, [
          documentOf(1, {
            keys: { size: 1, name: 'before', host: 'before', made: '2026' },
            folds: { name: 'before too' },
            owners: { project_id: 'before', user_id: 'before' },
            members: { tags: ['before', 'both'], pairs: ['before'] },
            addresses: [{ digits: '0a000001', text: '10.0.0.1' }],
            texts: { name: ['before'], note: ['before', 'both'], labels: ['before'] },
          }),
        ])
        await fill(index, generation, [
          documentOf(1, {
            version: 1_001,
            keys: { name: 'after' },
            members: { tags: ['both'], pairs: [] },
            texts: { name: [], note: ['both'], labels: [] },
          }),
        ])
        const fields = SHAPE.texts
        for (const [wanted, found] of [
          [{ where: [{ key: 'size', is: 'eq', value: 1 }] }, []],
          [{ where: [{ key: 'name', is: 'eq', value: 'before' }] }, []],
          [{ where: [{ like: 'name', pattern: [{ literal: 'before too' }] }] }, []],
          [{ where: [{ like: 'name', pattern: [{ literal: 'after' }] }] }, [1]],
          [{ where: [{ key: 'host', isNull: true }] }, [1]],
          [{ where: [{ owner: 'project_id', eq: 'before' }] }, []],
          [{ where: [{ member: 'tags', in: ['before'] }] }, []],
          [{ where: [{ member: 'tags', in: ['both'] }] }, [1]],
          [{ where: [{ member: 'pairs', in: ['before'] }] }, []],
          [{ where: [{ address: { prefix: '' } }] }, []],
          [{ where: [], text: { words: ['before'], fields } }, []],
          [{ where: [], text: { words: ['both'], fields } }, [1]],
        ] as const)
          assert.deepEqual(await idsOf(index, generation, wanted), found, JSON.stringify(wanted))
        await fill(index, generation, [tombstone(1, 1_002)])
        assert.deepEqual(await idsOf(index, generation, { where: [{ member: 'tags', in: ['both'] }] }), [])
        assert.deepEqual(await idsOf(index, generation, { where: [], text: { words: ['both'], fields } }), [])
      }),
  },
  {
    name: 'records come back to the byte, large ones as well',
    run: index =>
      inGeneration(index, async generation => {
        const random = randomFrom(seed)
        const records = [
          ...PARTS.map(part => JSON.stringify({ [part]: part })),
          ' { "a" : 1.0 } ',
          '{"a":1,"a":2,"big":12345678901234567890.10}',
          '"\\u0000\\ud800"',
          JSON.stringify(times(20_000, () => pick(random, PARTS))),
        ]
        await fill(
          index,
          generation,
          records.map((record, n) => documentOf(n, { record })),
        )
        const sort = [{ by: 'key', key: 'id', dir: 'asc' }, { by: 'uuid' }] as const
        const found = await find(index, generation, { where: [], sort, limit: 10_000 })
        assert.deepEqual(
          found.map(({ record }) => record),
          records,
        )
        const groups = await index.tally(generation, { where: [] }, ['id'], 10_000, signal)
        for (const { values, record } of groups) assert.equal(record, records[values[0] as number])
      }),
  },
  {
    name: 'a document may have thousands of members, addresses and texts',
    run: index =>
      inGeneration(index, async generation => {
        const many = (what: string) => times(2_000, i => `${what} ${i}`)
        await fill(index, generation, [
          documentOf(1, {
            members: { tags: many('tag'), pairs: many('pair') },
            addresses: times(2_000, i => ({
              digits: i.toString(16).padStart(8, '0'),
              text: `0.0.${i >> 8}.${i & 255}`,
            })),
            texts: { name: many('name'), note: many('note'), labels: many('label') },
          }),
          documentOf(2),
        ])
        for (const wanted of [
          { where: [{ member: 'tags', in: ['tag 1999'] }] },
          { where: [{ member: 'pairs', in: ['pair 0'] }] },
          { where: [{ address: { first: '000007cf', last: '0000ffff' } }] },
          { where: [{ address: { prefix: '0.0.7.207' } }] },
          { where: [], text: { words: ['note 1999', 'label 7', 'name 1234'], fields: SHAPE.texts } },
        ] as const)
          assert.deepEqual(await idsOf(index, generation, wanted), [1], JSON.stringify(wanted))
      }),
  },
]
