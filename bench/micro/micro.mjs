import { cursors } from '../../dist/engine/cursor.js'
import { merge } from '../../dist/engine/merge.js'
import { instances } from '../../dist/index.js'
import { name, sql } from '../../dist/sql/fragment.js'
import { rowDecoder } from '../../dist/sql/row-decoder.js'
import { selectBatch } from '../../dist/sql/select.js'
import { spread } from '../measure/statistics.mjs'
import { compareKeys, keysOf } from '../work/simulated.mjs'

/** Nanoseconds for each of `times` things that one call of `work` does; medians of `rounds` calls. */
const nanoseconds = async (work, times, rounds) => {
  const took = []
  for (let round = -Math.min(rounds, 10); round < rounds; round++) {
    const start = performance.now()
    await work()
    if (round >= 0) took.push(((performance.now() - start) * 1e6) / times)
  }
  return spread(took)
}

/** Enough for the compiler; fewer where it is only tried. */
const rowsFor = rounds => (rounds < 10 ? 20_000 : 100_000)

/** Rows that are all at hand: what is measured is the merge alone. */
const mergeOf = async (sources, rounds) => {
  const all = rowsFor(rounds)
  const keys = keysOf(sources, all / sources)
  const expected = keys.flat().sort(compareKeys)
  const merged = async () => {
    const inputs = keys.map(rows => ({ next: async () => ({ rows, done: true }) }))
    const failed = (_, error) => {
      throw error
    }
    return (await merge(inputs, { compare: compareKeys, failed }).take(all)).rows
  }
  if ((await merged()).some((row, at) => row !== expected[at])) throw new Error('the merge is not in order')
  return nanoseconds(merged, all, rounds)
}

const sortOf = (sources, rounds) => {
  const all = rowsFor(rounds)
  const keys = keysOf(sources, all / sources)
  return nanoseconds(() => keys.flat().sort(compareKeys), all, rounds)
}

const term = (column, nullable) => ({
  order: name(column),
  compare: name(column),
  dir: 'desc',
  nullable,
  bind: value => sql`${value}`,
})

const batch = {
  table: 'instances',
  columns: ['created_at', 'id', 'uuid'].map(name),
  where: sql`deleted = ${0} AND hidden <> ${1}`,
  terms: [term('created_at', true), term('id', false), { ...term('uuid', false), dir: 'asc' }],
  orderBy: 2,
  limit: 121,
  after: ['2025-07-29 12:00:00', 4_711, '0f5e4e7a-4389-4cd2-9479-a3a23bdae6db'],
}

const repeat = (times, work) => () => {
  for (let i = 0; i < times; i++) work()
}

const TIMES = 20_000

/** The parts that are nobody's but ours, each alone. */
export const measureMicro = async (cloud, rounds) => {
  const measures = []
  const add = (contender, perThing) => measures.push({ contender, perThing })
  for (const sources of [10, 100, 1_000]) {
    add(`merge, a row of ${sources} sources`, await mergeOf(sources, rounds))
    add(`concat and sort instead, a row of ${sources} sources`, await sortOf(sources, rounds))
  }

  if (!selectBatch(batch).text.includes('`created_at` <= ?')) throw new Error('no keyset in the statement')
  add(
    'text of a batch with its keyset',
    await nanoseconds(
      repeat(TIMES, () => selectBatch(batch)),
      TIMES,
      rounds,
    ),
  )

  const { seal, open } = cursors(['a secret of enough length'])
  const position = { values: batch.after, collations: [] }
  const sealed = seal('instances', position)
  if (JSON.stringify(open('instances', sealed)) !== JSON.stringify(position)) throw new Error('not the cursor')
  add(
    'cursor, sealed',
    await nanoseconds(
      repeat(TIMES, () => seal('instances', position)),
      TIMES,
      rounds,
    ),
  )
  add(
    'cursor, opened',
    await nanoseconds(
      repeat(TIMES, () => open('instances', sealed)),
      TIMES,
      rounds,
    ),
  )

  const columns = Object.entries(instances.columns).map(([column, { kind }]) => [column, kind])
  const rows = await cloud.query(
    `SELECT ${columns.map(([column]) => column).join(', ')} FROM ${cloud.cells[0].schema}.instances LIMIT 1000`,
  )
  const decode = rowDecoder(columns)
  if (decode(rows[0], 0).uuid !== rows[0][columns.findIndex(([column]) => column === 'uuid')])
    throw new Error('not the row')
  const decoded = () => {
    for (let again = 0; again < 20; again++) for (const row of rows) decode(row, 0)
  }
  add(`a row of ${columns.length} columns decoded`, await nanoseconds(decoded, 20 * rows.length, rounds))
  return { name: 'micro', title: 'Parts alone', measures }
}
