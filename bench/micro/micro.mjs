import { cursors } from '../../dist/engine/cursor.js'
import { instances } from '../../dist/index.js'
import { name, sql } from '../../dist/sql/fragment.js'
import { rowDecoder } from '../../dist/sql/row-decoder.js'
import { selectOrdered } from '../../dist/sql/select.js'
import { measureMerges } from './merge.mjs'
import { nanoseconds } from './nanoseconds.mjs'

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
  path: {},
  after: ['2025-07-29 12:00:00', 4_711, '0f5e4e7a-4389-4cd2-9479-a3a23bdae6db'],
}

const repeat = (times, work) => () => {
  for (let i = 0; i < times; i++) work()
}

const TIMES = 20_000

/** The parts that are nobody's but ours, each alone. */
export const measureMicro = async (cloud, rounds) => {
  const measures = await measureMerges(rounds)
  const add = (contender, perThing) => measures.push({ contender, perThing })
  const each = async (contender, work) => add(contender, await nanoseconds(repeat(TIMES, work), TIMES, rounds))

  if (!selectOrdered(batch).text.includes('`created_at` <= ?')) throw new Error('no keyset in the statement')
  await each('text of a batch with its keyset', () => selectOrdered(batch))

  const { seal, open } = cursors(['a secret of enough length'])
  const position = { values: batch.after, collations: [] }
  const sealed = seal('instances', position)
  if (JSON.stringify(open('instances', sealed)) !== JSON.stringify(position)) throw new Error('not the cursor')
  await each('cursor, sealed', () => seal('instances', position))
  await each('cursor, opened', () => open('instances', sealed))

  const members = Object.entries(instances.columns).map(([column, { kind }], slot) => ({ column, kind, slot }))
  const rows = await cloud.query(
    `SELECT ${members.map(({ column }) => column).join(', ')} FROM ${cloud.cells[0].schema}.instances LIMIT 1000`,
  )
  const decode = rowDecoder(members)
  if (decode(rows[0]).uuid !== rows[0][members.findIndex(({ column }) => column === 'uuid')])
    throw new Error('not the row')
  const decoded = () => {
    for (let again = 0; again < 20; again++) for (const row of rows) decode(row)
  }
  add(`a row of ${members.length} columns decoded`, await nanoseconds(decoded, 20 * rows.length, rounds))
  return { name: 'micro', title: 'Parts alone', measures }
}
