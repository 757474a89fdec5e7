import fc from 'fast-check'
import t from 'tap'
import { IndexError } from '../../src/errors.js'
import { notesOf } from '../../src/indexing/notes.js'
import { openVersions } from '../../src/indexing/versions.js'
import type { SearchIndex } from '../../src/search/search-index.js'
import { memoryIndex } from '../../src/testing/memory-index.js'
import { seed } from '../fixtures/seed.js'

const { signal } = new AbortController()
const SECOND = 1_000_000

const opened = async (): Promise<{ index: SearchIndex; generation: string }> => {
  const index = memoryIndex()
  return { index, generation: await index.create({} as never, '{}', false, signal) }
}

t.test('the clock of the cell, as long as that goes on', async t => {
  const { index, generation } = await opened()
  const versions = openVersions(notesOf(index, generation), 'c')
  t.equal(await versions.next(1_000 * SECOND, signal), 1_000 * SECOND)
  t.equal(await versions.next(1_000 * SECOND, signal), 1_000 * SECOND + 1)
  t.equal(await versions.next(5 * SECOND, signal), 1_000 * SECOND + 2, 'a clock that was set back')
  t.equal(await versions.next(1_001 * SECOND, signal), 1_001 * SECOND)
})

t.test('who begins, begins above all that was given before, whatever the clock says', async t => {
  const { index, generation } = await opened()
  const first = openVersions(notesOf(index, generation), 'c')
  const before = await first.next(1_000 * SECOND, signal)
  const second = openVersions(notesOf(index, generation), 'c')
  const after = await second.next(10 * SECOND, signal)
  t.ok(after > before)
  const further = await first.next(2_000 * SECOND, signal)
  t.ok((await second.next(11 * SECOND, signal)) < further, 'who is behind learns it from a stale write')
  await second.pass(signal)
  t.ok((await second.next(12 * SECOND, signal)) > further)
  const other = openVersions(notesOf(index, generation), 'another cell')
  t.equal(await other.next(1 * SECOND, signal), 1 * SECOND)
})

t.test('a note that says nothing is none, and one that can never be set is trouble of the index', async t => {
  const { index, generation } = await opened()
  await index.setNote(generation, 'versions c', { value: '{', revision: 0 }, signal)
  t.equal(await openVersions(notesOf(index, generation), 'c').next(7, signal), 7)
  const never = { ...index, setNote: async () => false }
  await t.rejects(openVersions(notesOf(never, generation), 'd').next(7, signal), new IndexError('CONTENDED'))
  await t.rejects(notesOf(never, generation).put('d', 7, signal), new IndexError('CONTENDED'))
})

t.test('no version is given twice, or below one that was given before a process began', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          who: fc.nat({ max: 2 }),
          how: fc.constantFrom('next', 'next', 'next', 'three', 'restart', 'pass'),
          clock: fc.nat({ max: 400 }),
        }),
        { maxLength: 60 },
      ),
      async steps => {
        const { index, generation } = await opened()
        const open = (): { versions: ReturnType<typeof openVersions>; floor: number } => ({
          versions: openVersions(notesOf(index, generation), 'c'),
          floor: 0,
        })
        const all = [open(), open(), open()]
        const floorOf = [0, 0, 0]
        let most = 0
        for (const { who, how, clock } of steps) {
          const { versions } = all[who]!
          if (how === 'restart' || how === 'pass') {
            if (how === 'restart') all[who] = open()
            else await versions.pass(signal)
            floorOf[who] = most
            continue
          }
          const count = how === 'three' ? 3 : 1
          const given = await Promise.all(
            Array.from({ length: count }, () => versions.next(clock * SECOND, signal)),
          )
          for (const version of given) {
            if (version <= floorOf[who]!) throw new Error(`${version} after ${floorOf[who]}`)
            floorOf[who] = version
          }
          most = Math.max(most, ...given)
          const says = (await index.notes(generation, 'versions c', signal)).get('versions c')!
          if (JSON.parse(says.value).upTo < most) throw new Error('a version above the note')
        }
      },
    ),
    { numRuns: 200, seed },
  )
})
