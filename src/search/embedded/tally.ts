import { join, type Sql, sql } from '../../sql/fragment.js'
import type { Group, Key, Wanted } from '../search-index.js'
import type { Test } from '../test.js'
import { choose } from './choose.js'
import type { Looking } from './looking.js'
import { countIndexes, type OrderIndex } from './tables.js'
import { truth } from './truth.js'

/** Documents by the values of some keys. */
export const tally = async (
  looking: Looking,
  wanted: Wanted,
  keys: readonly string[],
  most: number,
): Promise<Group[]> => {
  const { columns } = looking
  const values = keys.map(columns.key)
  const groups = keys.length === 0 ? bare('') : sql`GROUP BY ${join(values, ', ')}`
  // Beside min(), SQLite takes a column from the row that has it.
  const [found] = (await looking.first(sql`
    SELECT json_group_array(json_array(doc, count, least))
    FROM (
      SELECT d.doc AS doc, count(*) AS count, min(d.uuid) AS least
      FROM ${await fromOf(looking, wanted, keys)} WHERE ${truth(columns, wanted)} ${groups} LIMIT ${most + 1}
    )`)) as [string]
  const counted = (JSON.parse(found) as [doc: number, count: number][]).filter(([, count]) => count > 0)
  const rows = await looking.all(sql`
    SELECT ${join([bare('records.record'), ...values], ', ')}
    FROM json_each(${JSON.stringify(counted.map(([doc]) => doc))}) AS found
    CROSS JOIN docs d ON d.doc = found.value
    CROSS JOIN records ON records.doc = d.doc`)
  return rows.map(([record, ...values], i) => ({
    values: values as Key[],
    count: counted[i]![1],
    record: record as string,
  }))
}

const bare = (text: string): Sql => ({ text, values: [] })

/** An index that has all of it is read from end to end sooner than a part of the documents is looked at. */
const ALONE = 16
const BESIDE = 2

const fromOf = async (looking: Looking, wanted: Wanted, keys: readonly string[]): Promise<Sql> => {
  const index = indexWith(looking, wanted, keys)
  const { docs } = await choose(looking, wanted, { part: index ? ALONE : BESIDE })
  if (docs !== undefined) return sql`(${docs}) AS driver CROSS JOIN docs d ON d.doc = driver.doc`
  return bare(index ? `docs d INDEXED BY ${index.name}` : 'docs d NOT INDEXED')
}

/** One that begins with the keys, and has everything that is tested. */
const indexWith = (
  { columns }: Looking,
  { where, text }: Wanted,
  keys: readonly string[],
): OrderIndex | undefined => {
  const tested = where.flatMap(test => columnsIn(test, key => columns.key(key).text))
  const first = new Set(keys.map(key => columns.key(key).text))
  return countIndexes(columns.shape).find(index => {
    const has = index.columns.map(name => `d.${name}`)
    const leads = has.slice(0, first.size).every(name => first.has(name))
    return text === undefined && leads && tested.every(column => has.includes(column))
  })
}

/** The columns that a test looks at. */
const columnsIn = (test: Test, columnOf: (key: string) => string): string[] => {
  if ('not' in test) return columnsIn(test.not, columnOf)
  if ('any' in test) return test.any.flat().flatMap(one => columnsIn(one, columnOf))
  if ('cells' in test) return ['d.cell']
  return 'key' in test ? [columnOf(test.key)] : ['what no index has']
}
