import { leadOf } from '../../dist/engine/lead.js'
import { merge } from '../../dist/engine/merge.js'
import { comparator } from '../../dist/engine/ordering.js'
import { numbersFrom } from '../work/simulated.mjs'
import { nanoseconds } from './nanoseconds.mjs'

/** Instances as Nova lists them unless told otherwise. */
const ORDERING = [
  { column: 'created_at', dir: 'desc', comparison: 'time' },
  { column: 'id', dir: 'desc', comparison: 'number' },
  { column: 'uuid', dir: 'asc', comparison: 'bytes' },
]

const OPTIONS = {
  compare: comparator(ORDERING),
  lead: leadOf(ORDERING),
  failed: (_, error) => {
    throw error
  },
}

const PAGE = 1_000
const DAYS = 730
const DAY = 86_400
const NEWEST = Date.UTC(2026, 7, 1) / 1_000

/** A string with a place of its own in memory, as the driver makes them: no two rows share one. */
const own = text => Buffer.from(text, 'latin1').latin1Slice()

const timeOf = second => own(new Date(second * 1_000).toISOString().slice(0, 19).replace('T', ' '))

/**
 * The keys of so many cells, made in each cell's order, as the driver reads them. Two in five rows were made at noon, as in the
 * data of `crosscell/testing`: many have the same second. Ids grow with time, roughly, and begin anywhere.
 */
const keysOf = (sources, rowsEach) => {
  const next = numbersFrom(sources)
  const hex = digits =>
    Math.floor(next() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0')
  return Array.from({ length: sources }, () => {
    const firstId = Math.floor(next() * 200_000)
    const instances = Array.from({ length: rowsEach }, (_, row) => {
      const day = ((0.9 * row) / rowsEach + 0.1 * next()) * DAYS
      const second = next() < 0.4 ? (Math.floor(day) + 0.5) * DAY : Math.floor(day * DAY)
      return { second: NEWEST - DAYS * DAY + second, id: firstId + row }
    })
    return instances
      .sort((a, b) => b.second - a.second || b.id - a.id)
      .map(({ second, id }) => [
        timeOf(second),
        id,
        own(`${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`),
      ])
  })
}

/** All rows come at once, so that nothing but the merge is measured. */
const atOnce = keys => keys.map(rows => ({ next: async () => ({ rows, done: true }) }))

/** As many rows come as are asked for. */
const inBatches = keys =>
  keys.map(rows => {
    let at = 0
    return {
      next: async want => {
        const batch = rows.slice(at, at + want)
        at += batch.length
        return { rows: batch, done: at === rows.length }
      },
    }
  })

/** All rows, page by page, as `iterate` takes them. */
const mergeAll = async keys => {
  const merged = merge(atOnce(keys), OPTIONS)
  const pages = []
  do pages.push((await merged.take(PAGE)).rows)
  while (pages.at(-1).length === PAGE)
  return pages
}

/** As many pages as make `rows` rows, each the first of a merge of its own, as `list` takes it. */
const mergeFirst = async (keys, rows) => {
  let page
  for (let taken = 0; taken < rows; taken += PAGE) page = await merge(inBatches(keys), OPTIONS).take(PAGE)
  return page.rows
}

const requireSame = (rows, expected) => {
  if (rows.length !== expected.length || rows.some((row, at) => row !== expected[at]))
    throw new Error('the merge is not in order')
}

/** Nanoseconds for a row of the merge, and of what could be done instead. Fewer rows where it is only tried. */
export const measureMerges = async rounds => {
  const all = rounds < 10 ? 20_000 : 100_000
  const measures = []
  for (const sources of [10, 100, 1_000]) {
    const add = async (name, work) =>
      measures.push({
        contender: `${name}, a row of ${sources} sources`,
        perThing: await nanoseconds(work, all, rounds),
      })
    const keys = keysOf(sources, all / sources)
    const expected = keys.flat().sort(OPTIONS.compare)
    requireSame((await mergeAll(keys)).flat(), expected)
    requireSame(await mergeFirst(keys, PAGE), expected.slice(0, PAGE))
    await add('merge', () => mergeAll(keys))
    await add('merge of a first page of 1000, batches asked for', () => mergeFirst(keys, all))
    await add('concat and sort instead', () => keys.flat().sort(OPTIONS.compare))
  }
  return measures
}
