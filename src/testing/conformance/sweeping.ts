import assert from 'node:assert/strict'
import type { IndexDocument, Scanned, SearchIndex, Tombstone } from '../../search/search-index.js'
import { type ConformanceCase, fill, idsOf, inGeneration, signal } from './case.js'
import { CELLS, documentOf, uuidOf } from './documents.js'
import { randomFrom, times } from './random.js'

const [A, B] = CELLS

const scanned = async (
  index: SearchIndex,
  generation: string,
  of: { readonly cell: string; readonly prefix: string; readonly after?: string; readonly limit: number },
): Promise<Scanned[]> =>
  (await index.scan(generation, { after: '', ...of }, signal)).map(({ uuid, version, digest }) => ({
    ...{ uuid, version, digest },
  }))

/** Two cells with the same uuids and other digests, and some that are gone. */
const populate = (seed: number): { there: IndexDocument[]; gone: Tombstone[] } => {
  const random = randomFrom(seed)
  const there = [A, B].flatMap(cell =>
    times(400, n => documentOf(n, { cell, version: 1 + random(2 ** 50), digest: 2 ** 32 - 1 - random(1_000) })),
  )
  const gone = times(50, n => ({ cell: A, uuid: uuidOf(1_000 + n), version: 1 + n, gone: true as const }))
  return { there, gone }
}

const inOrder = (documents: readonly IndexDocument[], cell: string): Scanned[] =>
  documents
    .filter(one => one.cell === cell)
    .map(({ uuid, version, digest }) => ({ uuid, version, digest }))
    .sort((a, b) => (a.uuid < b.uuid ? -1 : 1))

export const sweeping = (seed: number): readonly ConformanceCase[] => [
  {
    name: 'a scan gives the documents of a cell by uuid, in parts, without tombstones',
    run: index =>
      inGeneration(index, async generation => {
        const { there, gone } = populate(seed)
        await fill(index, generation, [...there, ...gone])
        const whole = inOrder(there, B)
        assert.deepEqual(await scanned(index, generation, { cell: B, prefix: '', limit: 10_000 }), whole)
        assert.deepEqual(
          await scanned(index, generation, { cell: A, prefix: '', limit: 10_000 }),
          inOrder(there, A),
        )
        assert.deepEqual(await scanned(index, generation, { cell: 'cell', prefix: '', limit: 10_000 }), [])
        for (const prefix of ['', '8', whole[7]!.uuid.slice(0, 3), whole[7]!.uuid, 'f_', '%']) {
          const want = whole.filter(({ uuid }) => uuid.startsWith(prefix))
          for (const limit of [1, 6, 1_000]) {
            const all: Scanned[] = []
            for (;;) {
              const part = await scanned(index, generation, {
                ...{ cell: B, prefix, limit },
                after: all.at(-1)?.uuid ?? '',
              })
              all.push(...part)
              if (part.length < limit || (limit === 1 && all.length === 20)) break
            }
            assert.deepEqual(all, want.slice(0, all.length))
            if (limit > 1) assert.equal(all.length, want.length)
          }
        }
        assert.deepEqual(
          await scanned(index, generation, { cell: B, prefix: '', after: whole.at(-1)!.uuid, limit: 5 }),
          [],
        )
        const between = `${whole[3]!.uuid}!`
        assert.deepEqual(
          await scanned(index, generation, { cell: B, prefix: '', after: between, limit: 2 }),
          whole.slice(4, 6),
        )
      }),
  },
  {
    name: 'buckets count a cell’s documents and add up their digests',
    run: index =>
      inGeneration(index, async generation => {
        const { there, gone } = populate(seed)
        await fill(index, generation, [...there, ...gone])
        const buckets = async (cell: string) =>
          [...(await index.buckets(generation, cell, signal))]
            .map(({ prefix, count, checksum }) => ({ prefix, count, checksum }))
            .sort((a, b) => (a.prefix < b.prefix ? -1 : 1))
        const expected = (cell: string) => {
          const own = inOrder(there, cell)
          return [...new Set(own.map(({ uuid }) => uuid.slice(0, 3)))].map(prefix => {
            const inside = own.filter(({ uuid }) => uuid.startsWith(prefix))
            return {
              prefix,
              count: inside.length,
              checksum: inside.reduce((sum, { digest }) => sum + digest, 0),
            }
          })
        }
        assert.deepEqual(await buckets(A), expected(A))
        assert.deepEqual(await buckets(B), expected(B))
        assert.deepEqual(await buckets('cell'), [])
        const same = times(3_000, n => documentOf(n, { cell: 'full', uuid: `fff${n}`, digest: 2 ** 32 - 1 }))
        await fill(index, generation, same)
        assert.deepEqual(await buckets('full'), [
          { prefix: 'fff', count: 3_000, checksum: 3_000 * (2 ** 32 - 1) },
        ])
      }),
  },
  {
    name: 'purging forgets old tombstones of one cell, and nothing else',
    run: index =>
      inGeneration(index, async generation => {
        const gone = (n: number, version: number, cell: string = A): Tombstone => ({
          ...{ cell, uuid: uuidOf(n), version },
          gone: true,
        })
        await fill(index, generation, [
          gone(1, 10),
          gone(2, 20),
          gone(3, 30),
          gone(1, 10, B),
          documentOf(4, { version: 5 }),
        ])
        assert.equal(await index.purge(generation, A, 20, signal), 1)
        assert.equal(await index.purge(generation, A, 20, signal), 0)
        await index.refresh(generation, signal)
        const late = [1, 2, 3].map(n => documentOf(n, { version: 9 }))
        assert.deepEqual(await index.write(generation, late, signal), ['written', 'stale', 'stale'])
        assert.deepEqual(await index.write(generation, [documentOf(1, { version: 9, cell: B })], signal), [
          'stale',
        ])
        await index.refresh(generation, signal)
        assert.deepEqual(await idsOf(index, generation, { where: [] }), [1, 4])
        assert.equal(await index.purge(generation, A, 2 ** 53 - 1, signal), 2)
        assert.equal(await index.purge(generation, 'cell', 2 ** 53 - 1, signal), 0)
        await index.refresh(generation, signal)
        assert.deepEqual(await idsOf(index, generation, { where: [] }), [1, 4])
      }),
  },
]
