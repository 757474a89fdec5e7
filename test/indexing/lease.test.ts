import t from 'tap'
import { IndexError } from '../../src/errors.js'
import { openLease, RENEWAL, renewing, TERM, underLease } from '../../src/indexing/lease.js'
import { notesOf } from '../../src/indexing/notes.js'
import type { SearchIndex } from '../../src/search/search-index.js'
import { memoryIndex } from '../../src/testing/memory-index.js'
import { virtualTime } from './fixtures/virtual-time.js'

const { signal } = new AbortController()

const opened = async () => {
  const index = memoryIndex()
  const generation = await index.create({} as never, '{}', false, signal)
  const time = virtualTime(0)
  const lease = (me: string, of: SearchIndex = index) => openLease(notesOf(of, generation), 'lease', me, time)
  return { index, generation, time, lease }
}

t.test('one has it until it was not renewed for a term, as another one saw', async t => {
  const { time, lease } = await opened()
  const [a, b] = [lease('a'), lease('b')]
  t.equal(a.holder(), null)
  t.equal(await a.renew(signal), true)
  t.equal(a.holder(), 'a')
  t.equal(await b.renew(signal), false)
  t.equal(b.holder(), 'a')
  await time.advance(TERM - 1)
  t.equal(await a.renew(signal), true)
  t.equal(await b.renew(signal), false, 'it has changed')
  await time.advance(TERM - 1)
  t.equal(await b.renew(signal), false)
  await time.advance(1)
  t.equal(await b.renew(signal), true)
  t.equal(await a.renew(signal), false)
  t.equal(a.holder(), 'b')
})

t.test('what was released is anybody’s at once, but only its holder releases it', async t => {
  const { lease } = await opened()
  const [a, b, c] = [lease('a'), lease('b'), lease('c')]
  await a.renew(signal)
  await b.release(signal)
  t.equal(await b.renew(signal), false)
  await a.release(signal)
  t.equal(a.holder(), null)
  t.equal(await b.renew(signal), true)
  t.equal(await c.renew(signal), false)
})

t.test('of two who want it at the same moment one has it', async t => {
  const { lease } = await opened()
  const all = await Promise.all(['a', 'b', 'c', 'd'].map(me => lease(me).renew(signal)))
  t.equal(all.filter(Boolean).length, 1)
})

t.test('one works, another waits, and goes on when the first has stopped or is gone', async t => {
  const { time, lease } = await opened()
  const log: string[] = []
  const start = (me: string) => {
    const stop = new AbortController()
    const running = underLease(lease(me), time, stop.signal, async own => {
      log.push(`${me} begins`)
      await time.sleep(1e9, own)
      log.push(`${me} ends`)
    })
    return { stop, running }
  }
  const a = start('a')
  await time.advance(100)
  const b = start('b')
  await time.advance(60_000)
  t.same(log, ['a begins'])
  a.stop.abort()
  await a.running
  await time.advance(RENEWAL)
  t.same(log, ['a begins', 'a ends', 'b begins'])
  b.stop.abort()
  await b.running
})

t.test('who can’t renew it any more stops before another one begins', async t => {
  const { index, time, lease } = await opened()
  let isDown = false
  const cut: SearchIndex = {
    ...index,
    notes: async (...args) => {
      if (isDown) throw new IndexError('ECONNREFUSED')
      return index.notes(...args)
    },
  }
  const working = new Set<string>()
  let together = 0
  const work = (me: string) => async (own: AbortSignal) => {
    working.add(me)
    together = Math.max(together, working.size)
    await time.sleep(1e9, own)
    working.delete(me)
  }
  const stop = new AbortController()
  const a = underLease(lease('a', cut), time, stop.signal, work('a'))
  await time.advance(100)
  const b = underLease(lease('b'), time, stop.signal, work('b'))
  await time.advance(20_000)
  t.same([...working], ['a'])
  isDown = true
  await time.advance(2 * RENEWAL)
  t.same([...working], ['a'], 'it is still its own')
  await time.advance(3 * TERM)
  t.same([...working], ['b'])
  isDown = false
  await time.advance(3 * TERM)
  t.same([...working], ['b'])
  t.equal(together, 1)
  stop.abort()
  await Promise.all([a, b])
})

t.test('it is renewed until that is over, also while the index is down', async t => {
  const { index, time, lease } = await opened()
  let isDown = false
  const cut: SearchIndex = {
    ...index,
    notes: async (...args) => {
      if (isDown) throw new IndexError('ECONNREFUSED')
      return index.notes(...args)
    },
  }
  const other = lease('b')
  const stop = renewing(lease('a', cut), time, signal)
  await time.advance(30_000)
  t.equal(await other.renew(signal), false)
  isDown = true
  await time.advance(5_000)
  isDown = false
  await time.advance(5_000)
  t.equal(await other.renew(signal), false)
  isDown = true
  await time.during(stop())
  await time.advance(TERM)
  t.equal(await other.renew(signal), true)
})
