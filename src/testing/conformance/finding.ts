import assert from 'node:assert/strict'
import { IndexError } from '../../errors.js'
import type { IndexDocument, SearchIndex } from '../../search/search-index.js'
import type { Piece, Test } from '../../search/test.js'
import { memoryIndex } from '../memory-index.js'
import { type ConformanceCase, fill, find, idsOf, inGeneration, signal } from './case.js'
import { documentOf, PARTS, randomDocument, SHAPE, valuesFrom } from './documents.js'
import { queryOf } from './queries.js'
import { randomFrom, times } from './random.js'

const DOCUMENTS = 150
const QUERIES = 400

const ANY = { any: 'more' } as const
const ONE = { any: 'one' } as const

/** What each of some tests finds, of documents with these ids. */
const expectFound = (
  name: string,
  documents: readonly IndexDocument[],
  expected: readonly (readonly [test: Test, ids: readonly number[]])[],
): ConformanceCase => ({
  name,
  run: index =>
    inGeneration(index, async generation => {
      await fill(index, generation, documents)
      const all = documents.map(({ keys }) => keys.id as number)
      for (const [test, ids] of expected) {
        assert.deepEqual(await idsOf(index, generation, { where: [test] }), ids, JSON.stringify(test))
        const others = all.filter(id => !ids.includes(id))
        assert.deepEqual(
          await idsOf(index, generation, { where: [{ not: test }] }),
          others,
          `not ${JSON.stringify(test)}`,
        )
        assert.deepEqual(await idsOf(index, generation, { where: [test, { not: { not: test } }] }), ids)
        assert.deepEqual(await idsOf(index, generation, { where: [test, { not: test }] }), [])
      }
    }),
})

const named = (names: readonly (string | null)[]): IndexDocument[] =>
  names.map((name, id) => documentOf(id, { keys: { id, name } }))

const like = (...pattern: Piece[]): Test => ({ like: 'name', pattern })

export const finding = (seed: number): readonly ConformanceCase[] => [
  {
    name: `finds what a model finds, in its order, ${QUERIES} times`,
    run: index =>
      inGeneration(index, async generation => {
        const random = randomFrom(seed)
        const values = valuesFrom(random)
        const documents = times(DOCUMENTS, n => randomDocument(random, values, n))
        const model = memoryIndex()
        const own = await model.create(SHAPE, '{}', false, signal)
        await model.write(own, documents, signal)
        await fill(index, generation, documents)
        for (let i = 0; i < QUERIES; i++) {
          const query = queryOf(random, values)
          const found = await find(index, generation, query)
          assert.deepEqual(found, await find(model, own, query), JSON.stringify(query))
        }
      }),
  },
  expectFound(
    'null is equal to nothing, and before and behind nothing',
    [
      documentOf(0),
      documentOf(1, { keys: { id: 1, size: 0, name: '' } }),
      documentOf(2, { keys: { id: 2, size: -1, name: 'a' } }),
    ],
    [
      [{ key: 'size', isNull: true }, [0]],
      [{ key: 'name', isNull: true }, [0]],
      [{ key: 'size', is: 'eq', value: 0 }, [1]],
      [{ key: 'size', is: 'lt', value: 0 }, [2]],
      [{ key: 'size', is: 'lte', value: 0 }, [1, 2]],
      [{ key: 'size', is: 'gt', value: -1 }, [1]],
      [{ key: 'size', is: 'gte', value: -1 }, [1, 2]],
      [{ key: 'size', in: [0, -1] }, [1, 2]],
      [{ key: 'size', in: [] }, []],
      [{ key: 'name', is: 'eq', value: '' }, [1]],
      [{ key: 'name', is: 'gte', value: '' }, [1, 2]],
      [{ key: 'name', is: 'lt', value: '' }, []],
      [{ key: 'name', in: ['', 'b'] }, [1]],
      [like(ANY), [1, 2]],
      [like(), [1]],
    ],
  ),
  expectFound(
    'any of several: none is never, one of nothing is always',
    times(3, n => documentOf(n, { keys: { id: n, size: n } })),
    [
      [{ any: [] }, []],
      [{ any: [[]] }, [0, 1, 2]],
      [{ any: [[{ any: [] }], [{ not: { any: [] } }, { key: 'size', is: 'gt', value: 0 }]] }, [1, 2]],
      [{ any: [[{ key: 'size', is: 'eq', value: 0 }], [{ key: 'size', is: 'eq', value: 2 }]] }, [0, 2]],
      [{ not: { any: [[{ key: 'size', is: 'lt', value: 1 }], []] } }, []],
      [{ not: { not: { not: { key: 'size', isNull: true } } } }, [0, 1, 2]],
    ],
  ),
  expectFound(
    'numbers compare as numbers',
    times(6, n => documentOf(n, { keys: { id: n, size: [-2, -1.5, 9, 10, 2 ** 53 - 2, 2 ** 53 - 1][n]! } })),
    [
      [{ key: 'size', is: 'lt', value: 10 }, [0, 1, 2]],
      [{ key: 'size', is: 'gte', value: -1.5 }, [1, 2, 3, 4, 5]],
      [{ key: 'size', is: 'gt', value: 2 ** 53 - 2 }, [5]],
      [{ key: 'size', in: [2 ** 53 - 2, -1.5, 1] }, [1, 4]],
      [{ key: 'size', is: 'eq', value: 9.5 }, []],
    ],
  ),
  expectFound(
    'texts compare by their code points',
    named(['a', 'B', '\ue000', '😀', '\uffff', 'a\u0002', 'a ', '10', '9', 'A']),
    [
      [{ key: 'name', is: 'eq', value: 'a' }, [0]],
      [{ key: 'name', is: 'lt', value: 'B' }, [7, 8, 9]],
      [{ key: 'name', is: 'gt', value: '\uffff' }, [3]],
      [{ key: 'name', is: 'lt', value: '\u{10000}' }, [0, 1, 2, 4, 5, 6, 7, 8, 9]],
      [{ key: 'name', is: 'gt', value: 'a' }, [2, 3, 4, 5, 6]],
      [{ key: 'name', is: 'lt', value: '9' }, [7]],
      [{ key: 'name', in: ['A', '😀', ' a'] }, [3, 9]],
    ],
  ),
  expectFound(
    'a pattern’s characters are code points, and nothing in a text or a literal means anything',
    named([
      '',
      'a',
      'ab',
      'AB',
      '😀',
      '😀b',
      'a*b',
      'a?b',
      'a[b',
      'a%b',
      'a_b',
      'a\\b',
      'a\nb',
      'a😀b',
      'e\u0301',
    ]),
    [
      [like(ONE), [1, 4]],
      [like(ONE, ONE), [2, 3, 5, 14]],
      [like({ literal: 'a' }, ONE, { literal: 'b' }), [6, 7, 8, 9, 10, 11, 12, 13]],
      [like({ literal: 'a' }, ANY), [1, 2, 6, 7, 8, 9, 10, 11, 12, 13]],
      [like(ANY, { literal: 'b' }), [2, 5, 6, 7, 8, 9, 10, 11, 12, 13]],
      [like(ANY, { literal: '😀' }, ANY), [4, 5, 13]],
      [like({ literal: 'a*b' }), [6]],
      [like({ literal: 'a?b' }), [7]],
      [like(ANY, { literal: '[' }, ANY), [8]],
      [like({ literal: 'a' }, { literal: '%' }, { literal: 'b' }), [9]],
      [like(ANY, { literal: '_' }, ONE), [10]],
      [like(ONE, { literal: '\\' }, ANY), [11]],
      [like(ANY, ANY, ONE, ANY, ONE, ONE), [6, 7, 8, 9, 10, 11, 12, 13]],
      [like({ literal: '' }), [0]],
      [like(ANY, { literal: 'a' }, ANY, { literal: 'a' }, ANY), []],
    ],
  ),
  expectFound(
    'a pattern looks at the fold, all else at the key',
    [
      documentOf(0, { keys: { id: 0, name: 'key' }, folds: { name: 'fold' } }),
      documentOf(1, { keys: { id: 1, name: 'key' } }),
      documentOf(2, { keys: { id: 2, name: 'fold' }, folds: { name: '' } }),
    ],
    [
      [like({ literal: 'fold' }), [0]],
      [like({ literal: 'key' }), [1]],
      [like(), [2]],
      [{ key: 'name', is: 'eq', value: 'key' }, [0, 1]],
      [{ key: 'name', is: 'eq', value: 'fold' }, [2]],
    ],
  ),
  expectFound(
    'an owner is the same to the byte',
    ['p1', 'P1', 'p1 ', ' p1', null, '', 'p\u0000', 'p', '*', "p1' OR '1'='1", 'p1*'].map((project_id, id) =>
      documentOf(id, { owners: { project_id } }),
    ),
    [
      [{ owner: 'project_id', eq: 'p1' }, [0]],
      [{ owner: 'project_id', eq: 'P1' }, [1]],
      [{ owner: 'project_id', eq: 'p1 ' }, [2]],
      [{ owner: 'project_id', eq: '' }, [5]],
      [{ owner: 'project_id', eq: 'p\u0000' }, [6]],
      [{ owner: 'project_id', eq: 'p' }, [7]],
      [{ owner: 'project_id', eq: '*' }, [8]],
      [{ owner: 'project_id', eq: 'p?' }, []],
      [{ owner: 'project_id', eq: "p1' OR '1'='1" }, [9]],
      [{ owner: 'project_id', eq: 'null' }, []],
    ],
  ),
  expectFound(
    'members are whole texts',
    [
      documentOf(0, { members: { tags: ['a', 'b'], pairs: ['c'] } }),
      documentOf(1, { members: { tags: ['a b'], pairs: ['a'] } }),
      documentOf(2, { members: { tags: [''], pairs: [] } }),
      documentOf(3),
      documentOf(4, { members: { tags: ['a', 'a', 'A'], pairs: PARTS } }),
      documentOf(5, { members: { tags: ['x'.repeat(2_000)], pairs: ['😀'.repeat(1_024)] } }),
    ],
    [
      [{ member: 'tags', in: ['a'] }, [0, 4]],
      [{ member: 'tags', in: ['a b', 'A'] }, [1, 4]],
      [{ member: 'tags', in: [''] }, [2]],
      [{ member: 'tags', in: [] }, []],
      [{ member: 'pairs', in: ['a'] }, [1, 4]],
      [{ member: 'pairs', in: ['*', 'nothing'] }, [4]],
      [{ member: 'tags', in: ['x'.repeat(1_999)] }, []],
      [{ member: 'tags', in: ['x'.repeat(2_000)] }, [5]],
      [{ member: 'pairs', in: ['😀'.repeat(1_024)] }, [5]],
      ...PARTS.map((part): [Test, number[]] => [{ member: 'pairs', in: [part] }, part === 'a' ? [1, 4] : [4]]),
    ],
  ),
  expectFound(
    'addresses are in a range of their kind, or begin so',
    [
      documentOf(0, { addresses: [{ digits: '0a000001', text: '10.0.0.1' }] }),
      documentOf(1, {
        addresses: [
          { digits: '0a0000ff', text: '10.0.0.255' },
          { digits: '20010db8000000000000000000000001', text: '2001:db8::1' },
        ],
      }),
      documentOf(2, { addresses: [{ digits: '0a000001000000000000000000000000', text: 'a00:1::' }] }),
      documentOf(3, { addresses: [{ digits: '', text: 'no * address %_' }] }),
      documentOf(4),
    ],
    [
      [{ address: { first: '0a000001', last: '0a000001' } }, [0]],
      [{ address: { first: '0a000000', last: '0a0000ff' } }, [0, 1]],
      [{ address: { first: '00000000', last: 'ffffffff' } }, [0, 1]],
      [{ address: { first: '0'.repeat(32), last: 'f'.repeat(32) } }, [1, 2]],
      [{ address: { first: `0a000001${'0'.repeat(24)}`, last: `0a000001${'f'.repeat(24)}` } }, [2]],
      [{ address: { prefix: '10.0.0.' } }, [0, 1]],
      [{ address: { prefix: '2001:' } }, [1]],
      [{ address: { prefix: 'no *' } }, [3]],
      [{ address: { prefix: 'no ?' } }, []],
      [{ address: { prefix: '' } }, [0, 1, 2, 3]],
    ],
  ),
  expectFound(
    'cells by their uuids',
    ['cell-a', 'cell-b', 'cell-a', 'cell'].map((cell, id) => documentOf(id, { cell })),
    [
      [{ cells: ['cell-a'] }, [0, 2]],
      [{ cells: ['cell-b', 'cell', 'cell-c'] }, [1, 3]],
      [{ cells: [] }, []],
    ],
  ),
  {
    name: 'a long list is gone through, or refused',
    run: index =>
      inGeneration(index, async generation => {
        await fill(
          index,
          generation,
          times(20, n =>
            documentOf(n, {
              keys: { id: n, size: n * 5_000, name: `${n * 5_000}` },
              members: { tags: [`${n * 5_000}`], pairs: [] },
            }),
          ),
        )
        for (const count of [2_000, 70_000, 100_000]) {
          const texts = times(count, i => `${i}`)
          const ids = times(Math.ceil(count / 5_000), n => n)
          for (const test of [
            { key: 'size', in: texts.map(Number) },
            { key: 'name', in: texts },
            { member: 'tags', in: texts },
          ])
            await findsOrRefuses(index, generation, test, ids, count > 2_000)
        }
      }),
  },
  {
    name: 'a long text is compared with, or refused',
    run: index =>
      inGeneration(index, async generation => {
        const name = (length: number): string => '😀'.repeat(length)
        await fill(
          index,
          generation,
          [199, 200, 201, 1_000].map((length, id) => documentOf(id, { keys: { id, name: name(length) } })),
        )
        for (const [test, ids, long] of [
          [{ key: 'name', is: 'lt', value: name(200) }, [0], false],
          [{ key: 'name', is: 'gte', value: name(200) }, [1, 2, 3], false],
          [like({ literal: name(200) }, ANY), [1, 2, 3], false],
          [{ key: 'name', is: 'eq', value: name(1_000) }, [3], false],
          [{ key: 'name', in: [name(201), name(1_000)] }, [2, 3], false],
          [{ key: 'name', is: 'lte', value: name(201) }, [0, 1, 2], true],
          [{ key: 'name', is: 'gt', value: name(999) }, [3], true],
          [like(ANY, { literal: name(999) }), [3], true],
        ] as const)
          await findsOrRefuses(index, generation, test, ids, long)
      }),
  },
]

/** It is found, or refused where that may be. */
const findsOrRefuses = async (
  index: SearchIndex,
  generation: string,
  test: Test,
  ids: readonly number[],
  mayRefuse: boolean,
): Promise<void> => {
  const found = await idsOf(index, generation, { where: [test] }).catch((error: unknown) => error)
  if (found instanceof IndexError) assert.deepEqual([found.reason, mayRefuse], ['REFUSED', true])
  else assert.deepEqual(found, ids)
}
