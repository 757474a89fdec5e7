import assert from 'node:assert/strict'
import type { SearchIndex } from '../../search/search-index.js'
import { type ConformanceCase, inGeneration, signal } from './case.js'
import { PARTS } from './documents.js'
import { times } from './random.js'

const setTo = (
  index: SearchIndex,
  generation: string,
  key: string,
  value: string,
  revision: number,
): Promise<boolean> => index.setNote(generation, key, { value, revision }, signal)

const noted = async (index: SearchIndex, generation: string, prefix: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    [...(await index.notes(generation, prefix, signal))].map(([key, { value }]) => [key, value]),
  )

const revisionOf = async (index: SearchIndex, generation: string, key: string): Promise<number> =>
  (await index.notes(generation, key, signal)).get(key)?.revision ?? 0

export const noting: readonly ConformanceCase[] = [
  {
    name: 'a note is set by who knows its revision, and seen at once',
    run: (index, again) =>
      inGeneration(index, async generation => {
        const other = again()
        assert.deepEqual(await noted(index, generation, ''), {})
        assert.equal(await setTo(index, generation, 'a', 'one', 1), false)
        assert.equal(await setTo(index, generation, 'a', 'one', 0), true)
        assert.equal(await setTo(other, generation, 'a', 'two', 0), false)
        const first = await revisionOf(other, generation, 'a')
        assert.ok(first >= 1)
        assert.equal(await setTo(other, generation, 'a', 'two', first), true)
        assert.equal(await setTo(index, generation, 'a', 'three', first), false)
        assert.deepEqual(await noted(index, generation, ''), { a: 'two' })
        const second = await revisionOf(index, generation, 'a')
        assert.ok(second > first)
        assert.equal(await setTo(index, generation, 'a', 'two', second), true)
        assert.ok(
          (await revisionOf(other, generation, 'a')) > second,
          'a change that changes nothing is one as well',
        )
        await other.close()
      }),
  },
  {
    name: 'notes are found by how their keys begin',
    run: index =>
      inGeneration(index, async generation => {
        const keys = [
          'as-of a',
          'as-of b',
          'as',
          'As-of c',
          'x%',
          'x_',
          'x*',
          'xy',
          ...PARTS.map(part => `part ${part}`),
        ]
        for (const key of keys) assert.equal(await setTo(index, generation, key, `value of ${key}`, 0), true)
        for (const prefix of [
          '',
          'as-of ',
          'as',
          'x%',
          'x_',
          'x*',
          'x',
          'part ',
          'nothing',
          ...PARTS.map(part => `part ${part}`),
        ])
          assert.deepEqual(
            await noted(index, generation, prefix),
            Object.fromEntries(keys.filter(key => key.startsWith(prefix)).map(key => [key, `value of ${key}`])),
            prefix,
          )
        const long = JSON.stringify(times(10_000, i => ({ i, part: PARTS[i % PARTS.length] })))
        assert.equal(await setTo(index, generation, 'long', long, 0), true)
        assert.deepEqual(await noted(index, generation, 'long'), { long })
      }),
  },
  {
    name: 'of those who set a note at once one does',
    run: (index, again) =>
      inGeneration(index, async generation => {
        const other = again()
        for (let round = 0; round < 5; round++) {
          const revision = await revisionOf(index, generation, 'counter')
          const set = await Promise.all(
            times(10, i =>
              setTo(i % 2 === 0 ? index : other, generation, 'counter', `${round} ${i}`, revision),
            ),
          )
          assert.equal(set.filter(done => done).length, 1)
          assert.deepEqual(await noted(other, generation, ''), { counter: `${round} ${set.indexOf(true)}` })
        }
        await other.close()
      }),
  },
  {
    name: 'counting by notes loses nothing',
    run: (index, again) =>
      inGeneration(index, async generation => {
        const other = again()
        const count = async (one: SearchIndex): Promise<void> => {
          for (let done = 0; done < 5; ) {
            const note = (await one.notes(generation, 'sum', signal)).get('sum') ?? { value: '0', revision: 0 }
            if (await setTo(one, generation, 'sum', `${Number(note.value) + 1}`, note.revision)) done++
          }
        }
        await Promise.all([index, other, index].map(count))
        assert.deepEqual(await noted(index, generation, ''), { sum: '15' })
        await other.close()
      }),
  },
]
