import fc from 'fast-check'
import t from 'tap'
import { leadOf } from '../../src/engine/lead.js'
import { memorySource } from '../../src/engine/memory-source.js'
import { merge } from '../../src/engine/merge.js'
import type { OrderedSource } from '../../src/engine/ordered-source.js'
import {
  comparator,
  type KeyedRow,
  type Ordering,
  type OrderKey,
  type SortValue,
} from '../../src/engine/ordering.js'
import { seed } from '../fixtures/seed.js'

/**
 * The paging property over memory sources: whatever the rows, the ordering, the number of cells and the page
 * sizes, pages put together are the one list that plain sorting of everything gives. The truth does not use the
 * comparator: it ranks values by tables that are written down in order.
 */
const RUNS = 20_000

// Each kind of value in its order; values of one inner array are equal to each other.
const RANKED: Record<OrderKey['comparison'], SortValue[][]> = {
  number: [[-1], [0], [1], [2], [10]],
  decimal: [['-2'], ['-1.5', '-1.50'], ['0', '0.0'], ['0.9'], ['10'], ['9007199254740993']],
  bytes: [[''], ['\0'], ['a'], ['a\0'], ['ab'], ['abc'], ['abcd'], ['b'], ['\uffff']],
  time: [
    ['0000-00-00 00:00:00'],
    ['1999-12-31 23:59:59'],
    ['2026-01-01 00:00:00'],
    ['2026-01-01 00:00:00.5'],
    ['2026-01-01 00:00:01'],
    ['2026-01-01 00:10:00'],
    ['2026-01-10 00:00:00'],
    ['9999-12-31 23:59:59'],
  ],
  text: [
    ['\t'],
    ['', ' ', '  '],
    ['!'],
    ['a\t'],
    ['a', 'a ', 'a   '],
    ['a!'],
    ['b'],
    ['bcdefg\t'],
    ['bcdefg', 'bcdefg '],
    ['bcdefgh'],
  ],
}

const rank = ({ comparison, dir }: OrderKey, value: SortValue): number => {
  const up = value === null ? -1 : RANKED[comparison].findIndex(equals => equals.includes(value))
  return dir === 'asc' ? up : -up
}

const orderKey: fc.Arbitrary<OrderKey> = fc.record({
  column: fc.constant('k'),
  dir: fc.constantFrom('asc' as const, 'desc' as const),
  comparison: fc.constantFrom(...(Object.keys(RANKED) as OrderKey['comparison'][])),
  pad: fc.constant(' '),
})

interface Case {
  readonly ordering: Ordering
  readonly cells: readonly (readonly KeyedRow[])[]
  readonly page: number
}

const cases: fc.Arbitrary<Case> = fc
  .tuple(fc.array(orderKey, { maxLength: 3 }), fc.constantFrom('asc' as const, 'desc' as const))
  .chain(([keys, dir]) => {
    const value = (key: OrderKey) => fc.option(fc.constantFrom(...RANKED[key.comparison].flat()), { freq: 4 })
    const row = fc.tuple(...keys.map(value))
    const ordering: Ordering = [
      ...keys,
      { column: 'id', dir, comparison: 'number' },
      { column: 'uuid', dir: 'asc', comparison: 'bytes' },
    ]
    return fc.record({
      ordering: fc.constant(ordering),
      // Ids begin again in every cell, so that ties between cells reach the uuid.
      cells: fc
        .array(fc.array(row, { maxLength: 12 }), { minLength: 1, maxLength: 5 })
        .map(all =>
          all.map((rows, cell) =>
            rows.map((values, id): KeyedRow => [...values, id, `${(cell * 7 + id) % 5}-${cell}-${id}`]),
          ),
        ),
      page: fc.integer({ min: 1, max: 8 }),
    })
  })

const truth = ({ ordering, cells }: Case): KeyedRow[] => {
  const ranks = (row: KeyedRow) => {
    const [id, uuid] = row.slice(-2) as [number, string]
    return [
      ...ordering.slice(0, -2).map((key, i) => rank(key, row[i]!)),
      ordering.at(-2)!.dir === 'asc' ? id : -id,
      uuid,
    ]
  }
  return cells.flat().sort((a, b) => {
    const [x, y] = [ranks(a), ranks(b)]
    const i = x.findIndex((value, at) => value !== y[at])
    return i < 0 ? 0 : x[i]! < y[i]! ? -1 : 1
  })
}

/** A source that may give fewer rows than it is asked for, as the contract allows. */
const stingy = (source: OrderedSource): OrderedSource => ({
  next: async want => source.next(Math.min(want, 1 + (want % 3))),
})

const paged = async ({ ordering, cells, page }: Case): Promise<KeyedRow[]> => {
  const all: KeyedRow[] = []
  for (;;) {
    const after = all.at(-1)
    const sources = cells.map((rows, i) => {
      const source = memorySource(rows, ordering, after)
      return i % 2 === 0 ? source : stingy(source)
    })
    const merged = merge(sources, {
      lead: leadOf(ordering),
      compare: comparator(ordering),
      failed: (_, error) => {
        throw error
      },
    })
    const { rows } = await merged.take(page)
    all.push(...rows)
    if (!(await merged.more())) return all
  }
}

t.test(`pages put together are the sorted whole, ${RUNS} times`, async t => {
  await fc.assert(
    fc.asyncProperty(cases, async one => {
      const [expected, got] = [truth(one), await paged(one)]
      return expected.length === got.length && expected.every((row, i) => row === got[i])
    }),
    { numRuns: RUNS, seed },
  )
  t.pass(`${RUNS} cases`)
})
