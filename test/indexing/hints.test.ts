import fc from 'fast-check'
import t from 'tap'
import { openHintQueue } from '../../src/indexing/hints.js'
import { seed } from '../fixtures/seed.js'
import { seededRandom } from './fixtures/seeded-random.js'
import { virtualTime } from './fixtures/virtual-time.js'

const { signal } = new AbortController()
const SETTINGS = { window: 20, batch: 3, batches: 2 }

/** A queue whose reads take time, and what they were. */
const open = (
  milliseconds: (uuids: readonly string[]) => number,
  answer: (uuids: readonly string[]) => readonly string[] = () => [],
) => {
  const time = virtualTime(0)
  const reads: { uuids: readonly string[]; from: number; said: (number | undefined)[] }[] = []
  const queue = openHintQueue(
    SETTINGS,
    async (uuids, said) => {
      reads.push({ uuids, from: time.now(), said: uuids.map(said) })
      await time.sleep(milliseconds(uuids), signal)
      return answer(uuids)
    },
    milliseconds => time.sleep(milliseconds, signal),
  )
  return { time, reads, queue }
}

t.test('hints are gathered for a while, each record is read once, and all who told are told', async t => {
  const { time, reads, queue } = open(() => 5)
  const told = Promise.all([
    queue.hint('a', 300),
    queue.hint('b', undefined),
    queue.hint('a', 200),
    queue.hint('b', undefined),
  ])
  t.equal(queue.waiting(), 2)
  t.equal(queue.oldest(), 200)
  t.same(await time.during(told), ['applied', 'applied', 'applied', 'applied'])
  t.same(reads, [{ uuids: ['a', 'b'], from: 20, said: [200, Number.POSITIVE_INFINITY] }])
  t.equal(queue.waiting(), 0)
  t.equal(queue.oldest(), null)
})

t.test('what is under way is left until it is read, whatever else ends before', async t => {
  const { time, reads, queue } = open(uuids => (uuids.includes('a') ? 100 : 10))
  for (const uuid of ['a', 'b', 'c', 'd']) void queue.hint(uuid, 1)
  await time.advance(25)
  void queue.hint('a', 2)
  await time.advance(200)
  t.same(
    reads.map(({ uuids, from }) => [uuids.join(''), from]),
    [
      ['abc', 20],
      ['d', 20],
      ['a', 120],
    ],
  )
})

t.test('as much is read at once as may be, and what comes meanwhile behind it', async t => {
  const { time, reads, queue } = open(() => 100)
  for (const uuid of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) void queue.hint(uuid, 1)
  await time.advance(30)
  t.same(
    reads.map(({ uuids }) => uuids),
    [
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ],
  )
  t.equal(queue.waiting(), 7)
  await time.advance(200)
  t.same(reads[2], { uuids: ['g'], from: 120, said: [1] })
})

t.test('what is hinted at while it is read is read again behind that', async t => {
  const { time, reads, queue } = open(() => 100)
  const first = queue.hint('a', 1)
  await time.advance(50)
  const second = queue.hint('a', 2)
  let isTold = false
  void second.then(() => {
    isTold = true
  })
  await time.advance(70)
  t.equal(await first, 'applied')
  t.equal(isTold, false)
  t.equal(await time.during(second), 'applied')
  t.same(
    reads.map(({ from }) => from),
    [20, 120],
  )
})

t.test('what could not be written has to come again, alone or all together', async t => {
  const { time, queue } = open(
    () => 1,
    uuids => {
      if (uuids.includes('bad')) throw new Error('no')
      return uuids.filter(uuid => uuid === 'later')
    },
  )
  const outcomes = await time.during(
    Promise.all(['a', 'later', 'b', 'bad', 'c', 'd'].map(one => queue.hint(one, undefined))),
  )
  t.same(outcomes, ['applied', 'again', 'applied', 'again', 'again', 'again'])
})

t.test('an applied hint was read after it was said, whatever comes when', async t => {
  let hints = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...'abcdefgh'), fc.nat({ max: 40 })), { minLength: 1, maxLength: 80 }),
      fc.nat(),
      async (said, salt) => {
        const random = seededRandom(salt)
        const { time, reads, queue } = open(
          () => 1 + Math.floor(60 * random()),
          uuids => uuids.filter(() => random() < 0.1),
        )
        const running = new Map<string, number>()
        const done: Promise<void>[] = []
        for (const [uuid, pause] of said) {
          const from = time.now()
          hints++
          done.push(
            queue.hint(uuid, from).then(outcome => {
              if (outcome === 'again') return
              const read = reads.some(one => one.uuids.includes(uuid) && one.from >= from)
              if (!read) throw new Error(`${uuid} of ${from} was not read`)
            }),
          )
          await time.advance(pause)
        }
        await time.during(Promise.all(done))
        for (const { uuids } of reads) {
          if (uuids.length > SETTINGS.batch || new Set(uuids).size < uuids.length)
            throw new Error('a wrong batch')
          for (const uuid of uuids) running.set(uuid, (running.get(uuid) ?? 0) + 1)
        }
        if (queue.waiting() !== 0) throw new Error('something is left')
      },
    ),
    { numRuns: 60, seed },
  )
  t.comment({ hints })
})
