import { leadOf } from '../../dist/engine/lead.js'
import { merge } from '../../dist/engine/merge.js'
import { comparator } from '../../dist/engine/ordering.js'
import { forecast, pageMemory } from '../../dist/listing/forecast.js'
import { quantile } from '../measure/statistics.mjs'

const ORDERING = [
  { column: 'created_at', dir: 'desc', comparison: 'time' },
  { column: 'id', dir: 'desc', comparison: 'number' },
  { column: 'uuid', dir: 'asc', comparison: 'bytes' },
]

/** The same numbers in each run: mulberry32. */
export const numbersFrom = seed => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

/** Keys of so many cells, sorted, as a cell's statement gives them. */
const keysOf = (sources, rowsEach) => {
  const next = numbersFrom(sources)
  const compare = comparator(ORDERING)
  return Array.from({ length: sources }, (_, source) =>
    Array.from({ length: rowsEach }, (_, row) => {
      const time = new Date(1_700_000_000_000 + Math.floor(next() * 6e10)).toISOString().slice(0, 19)
      return [time.replace('T', ' '), row + 1, `${String(source).padStart(8, '0')}-${row}`]
    }).sort(compare),
  )
}

const compareKeys = comparator(ORDERING)

const lead = leadOf(ORDERING)

const LIMIT = 1_000
// What one cell has to give is bounded by the page: no source needs more.
const ROWS_EACH = 1_000

const sourcesOf = (keys, latency, asked) =>
  keys.map((rows, index) => {
    let at = 0
    return {
      next: async want => {
        asked.statements++
        await new Promise(resolve => setTimeout(resolve, latency(index)))
        const batch = rows.slice(at, at + want)
        at += batch.length
        asked.rows += batch.length
        return { rows: batch, done: at === rows.length }
      },
    }
  })

const LATENCIES = {
  '20 ms each': () => () => 20,
  '2 to 30 ms, one at 60': () => {
    const next = numbersFrom(7)
    return index => (index === 0 ? 60 : 2 + 28 * next() ** 3)
  },
}

/** The engine alone, over more cells than a machine can host: keys of a page of 1000 from sources that take their time. */
export const measureSimulated = async rounds => {
  const measures = []
  for (const count of [10, 70, 100, 1_000]) {
    const keys = keysOf(count, Math.min(ROWS_EACH, Math.ceil(40_000 / count) + 200))
    const cells = keys.map((_, index) => ({ uuid: String(index) }))
    const { first } = forecast(pageMemory(), { binding: '', limit: LIMIT }, cells)
    const expected = keys.flat().sort(compareKeys).slice(0, LIMIT)
    for (const [latency, make] of Object.entries(LATENCIES)) {
      const took = []
      let asked
      for (let round = 0; round < Math.min(rounds, 20); round++) {
        asked = { statements: 0, rows: 0 }
        const sources = sourcesOf(keys, make(), asked)
        const failed = (_, error) => {
          throw error
        }
        const start = performance.now()
        const { rows } = await merge(sources, { compare: compareKeys, lead, first, failed }).take(LIMIT)
        took.push(performance.now() - start)
        if (rows.some((row, at) => row !== expected[at])) throw new Error('the merge is not in order')
      }
      measures.push({
        contender: `${count} sources, ${latency}`,
        sources: count,
        latency,
        runs: took.length,
        p50: quantile(took, 0.5),
        p95: quantile(took, 0.95),
        statements: asked.statements,
        fetchedFirst: asked.rows / LIMIT,
      })
    }
  }
  return { name: 'simulated', title: 'Simulated cells: the keys of a page of 1000', measures }
}
