import t from 'tap'
import { leadOf } from '../../src/engine/lead.js'
import { memorySource } from '../../src/engine/memory-source.js'
import { type MergeOptions, merge } from '../../src/engine/merge.js'
import type { Batch, OrderedSource } from '../../src/engine/ordered-source.js'
import { comparator, type KeyedRow, type Ordering } from '../../src/engine/ordering.js'

const ordering: Ordering = [{ column: 'k', dir: 'asc', comparison: 'number' }]
const compare = comparator(ordering)
const unexpected = (_: number, error: unknown): never => {
  throw error
}
const options: MergeOptions = { compare, failed: unexpected }
const keys = (rows: readonly KeyedRow[]) => rows.map(row => row[0])
const from = (...ks: number[]) =>
  memorySource(
    ks.map(k => [k]),
    ordering,
  )

/** A source that gives the batches it was told, and counts how often and for how much it was asked. */
const scripted = (...script: (Batch | Error)[]) => {
  const wants: number[] = []
  const source: OrderedSource = {
    next: async want => {
      wants.push(want)
      const step = script[wants.length - 1]
      if (step === undefined) throw new Error('asked once too often')
      if (step instanceof Error) throw step
      return step
    },
  }
  return { source, wants }
}

t.test('nothing comes of no source, and of empty ones', async t => {
  t.same(await merge([], options).take(5), { rows: [], origins: [] })
  t.equal(await merge([], options).more(), false)
  const empty = merge([from(), from()], options)
  t.same(await empty.take(5), { rows: [], origins: [] })
  t.equal(await empty.more(), false)
})

t.test('says for each row where it came from', async t => {
  const merged = await merge([from(1, 4, 5), from(2, 3)], options).take(10)
  t.same(merged, { rows: [[1], [2], [3], [4], [5]], origins: [0, 1, 1, 0, 0] })
})

t.test('equal rows keep the sequence of the sources', async t => {
  const { origins } = await merge([from(1), from(1), from(1)], options).take(3)
  t.same(origins, [0, 1, 2])
})

t.test('goes on where the last take ended', async t => {
  const all = merge([from(1, 3, 5, 7), from(2, 4, 6, 8)], options)
  t.same(keys((await all.take(3)).rows), [1, 2, 3])
  t.equal(await all.more(), true)
  t.same(keys((await all.take(3)).rows), [4, 5, 6])
  t.same(keys((await all.take(3)).rows), [7, 8])
  t.equal(await all.more(), false)
  t.same(keys((await all.take(3)).rows), [])
})

t.test('a batch may be short, or empty, before the end', async t => {
  const { source } = scripted(
    { rows: [], done: false },
    { rows: [[1]], done: false },
    { rows: [], done: false },
    { rows: [[3]], done: true },
  )
  t.same(keys((await merge([source, from(2)], options).take(9)).rows), [1, 2, 3])
})

t.test('a source that has all the rows is asked for all that is missing at once', async t => {
  const asked: number[] = []
  const numbers = from(...Array.from({ length: 5_000 }, (_, i) => i))
  const first: OrderedSource = {
    next: want => {
      asked.push(want)
      return numbers.next(want)
    },
  }
  const late = Array.from({ length: 9 }, () => from(9_999))
  const merged = merge([first, ...late], options)
  t.equal((await merged.take(1_000)).rows.length, 1_000)
  t.same(asked, [121, 880])
  // By now it is known to have had all of 1,000: one is left of the 1,001.
  await merged.take(1_000)
  t.same(asked, [121, 880, 1_000])
})

t.test(
  'each source is asked at first for as many as the caller says, and then for what its part lets expect',
  async t => {
    const asked: [string, number][] = []
    const source = (name: string, ...numbers: number[]): OrderedSource => {
      const { next } = from(...numbers)
      return {
        next: want => {
          asked.push([name, want])
          return next(want)
        },
      }
    }
    const merged = merge([source('all', 1, 2, 3, 4, 5, 6), source('none', 9, 10, 11)], {
      ...options,
      first: [2, 1],
    })
    t.same(keys((await merged.take(5)).rows), [1, 2, 3, 4, 5])
    t.same(asked, [
      ['all', 2],
      ['none', 1],
      ['all', 4],
    ])
  },
)

t.test('what comes between two takes does not get in front of what was at hand', async t => {
  const late = scripted({ rows: [[1]], done: false }, { rows: [[3]], done: true })
  const merged = merge([late.source, from(2)], { ...options, readAhead: true })
  t.same(keys((await merged.take(1)).rows), [1])
  await new Promise(setImmediate)
  t.equal(late.wants.length, 2)
  t.same(keys((await merged.take(2)).rows), [2, 3])
})

t.test('rows of a lower rank come first, and leads settle only the others', async t => {
  const nullable: Ordering = [{ column: 'k', dir: 'asc', comparison: 'number' }]
  const sources = [[[null], [1]], [[5], [6]], [[null], [0]], [[7]]].map(rows => memorySource(rows, nullable))
  const merged = merge(sources, { ...options, lead: leadOf(nullable), ranks: [1, 0, 1, 0] })
  t.same(await merged.take(9), {
    rows: [[5], [6], [7], [null], [null], [0], [1]],
    origins: [1, 1, 3, 0, 2, 2, 0],
  })
})

t.test('whether more follows costs a question only where the rows at hand can not tell', async t => {
  const dry = scripted({ rows: [[1]], done: false }, { rows: [[2]], done: true })
  const merged = merge([dry.source], options)
  await merged.take(1)
  t.equal(dry.wants.length, 1)
  t.equal(await merged.more(), true)
  t.equal(dry.wants.length, 2)
  const other = scripted({ rows: [[1]], done: false })
  const two = merge([other.source, from(5)], options)
  await two.take(1)
  t.equal(await two.more(), true, 'the other source has a row')
  t.equal(other.wants.length, 1)
})

t.test('a source that fails is reported once, and the others go on', async t => {
  const failures: [number, unknown][] = []
  const broken = new Error('broken')
  const half = scripted({ rows: [[1]], done: false }, broken)
  const dead = scripted(broken)
  const merged = merge([half.source, from(2, 3), dead.source], {
    compare,
    failed: (index, error) => failures.push([index, error]),
  })
  t.same(keys((await merged.take(10)).rows), [1, 2, 3])
  t.same(failures, [
    [2, broken],
    [0, broken],
  ])
})

t.test('what the failure handler throws ends the merge', async t => {
  const sound = scripted({ rows: [[1]], done: true })
  const merged = merge([sound.source, scripted(new Error('broken')).source], options)
  await t.rejects(merged.take(1), { message: 'broken' })
  await t.rejects(merged.take(1), { message: 'broken' }, 'whenever it is asked')
  t.equal(sound.wants.length, 1)
})

t.test('reading ahead', async t => {
  await t.test('starts before the next take, and loses and repeats nothing', async t => {
    const numbers = (offset: number) => Array.from({ length: 500 }, (_, i) => 2 * i + offset)
    const merged = merge([from(...numbers(0)), from(...numbers(1))], { ...options, readAhead: true })
    const seen: unknown[] = []
    for (let rows: readonly KeyedRow[] = [[0]]; rows.length > 0; ) {
      rows = (await merged.take(37)).rows
      seen.push(...keys(rows))
    }
    t.same(
      seen,
      Array.from({ length: 1_000 }, (_, i) => i),
    )
  })
  await t.test('asks no source twice at the same time', async t => {
    let under = 0
    const slow: OrderedSource = {
      next: async want => {
        t.equal(++under, 1)
        await new Promise(setImmediate)
        under--
        return { rows: Array.from({ length: want }, () => [1]), done: false }
      },
    }
    const merged = merge([slow], { ...options, readAhead: true })
    for (let i = 0; i < 5; i++) t.equal((await merged.take(10)).rows.length, 10)
  })
  await t.test('a failure comes with the next take, not before', async t => {
    const source = scripted({ rows: [[1]], done: false }, new Error('broken'))
    const merged = merge([source.source], { ...options, readAhead: true })
    t.same(keys((await merged.take(1)).rows), [1])
    await new Promise(setImmediate)
    await t.rejects(merged.take(1), { message: 'broken' })
  })
})

t.test('sources that are likely to run dry are asked at the same time', async t => {
  const log: string[] = []
  const source = (index: number) => {
    let row = index
    return {
      next: async (want: number) => {
        log.push(`ask ${index}`)
        await new Promise(setImmediate)
        log.push(`answer ${index}`)
        const rows = Array.from({ length: want }, (_, i) => [row + 4 * i])
        row += 4 * want
        return { rows, done: false }
      },
    }
  }
  const merged = merge([0, 1, 2, 3].map(source), {
    compare: comparator([{ column: 'n', dir: 'asc', comparison: 'number' }]),
    // Nothing was expected of them: they give one row each at first.
    shares: [0, 0, 0, 0],
    failed: (_, error) => {
      throw error
    },
  })
  const { rows } = await merged.take(40)
  t.same(
    rows.map(([n]) => n),
    Array.from({ length: 40 }, (_, n) => n),
  )
  const asked = log.map(line => line.split(' ')[0])
  const wave = [...Array(4).fill('ask'), ...Array(4).fill('answer')]
  t.same(asked.slice(0, 8), wave)
  t.same(asked.slice(8, 12), wave.slice(0, 4), 'all of them, when the first has run dry')
})
