import { join, type Sql, sql } from '../../sql/fragment.js'
import type { Wanted } from '../search-index.js'
import type { Shape } from '../shape.js'
import type { Test } from '../test.js'
import type { Columns } from './columns.js'
import { orderIndexes } from './tables.js'
import { matchOf } from './trigrams.js'
import { cellsOf, docsAt, hasMember, type KeyTest, onKey } from './truth.js'

/** All of the documents that are wanted, among some others, found by an index of their own. */
export interface Driver {
  /** `SELECT … AS doc` */
  readonly docs: Sql
  /** The owner whose documents they are. */
  readonly owner?: string
  /** They take longer to find than to remember. */
  readonly costly?: true
}

export const driversOf = (columns: Columns, { where, text }: Wanted): readonly Driver[] => {
  const drivers = where.flatMap((test): Driver[] => {
    const docs = docsOf(columns, test)
    return docs ? [{ docs, ...('owner' in test && { owner: test.owner }) }] : []
  })
  const match = matchOf([...(text?.words ?? []), ...where.flatMap(test => literalsOf(columns.shape, test))])
  if (match !== undefined)
    drivers.unshift({ docs: sql`SELECT rowid AS doc FROM words WHERE words MATCH ${match}`, costly: true })
  return drivers
}

/** What is a part of the entry of every document that fits. */
const literalsOf = (shape: Shape, test: Test): string[] =>
  'like' in test && shape.texts.includes(test.like)
    ? test.pattern.flatMap(piece => ('literal' in piece ? piece.literal : []))
    : []

const docsOf = (columns: Columns, test: Test): Sql | undefined => {
  const { shape } = columns
  if ('any' in test) {
    if (test.any.length > MOST_BRANCHES) return undefined
    const each = test.any.map(all => driversOf(columns, { where: all })[0]?.docs)
    if (!each.every(docs => docs !== undefined)) return undefined
    return each.length === 0 ? NOTHING : sql`SELECT DISTINCT doc FROM (${join(each, ' UNION ALL ')})`
  }
  if ('owner' in test)
    return by(`by_owner_${shape.owners.indexOf(test.owner)}`, sql`${columns.owner(test.owner)} = ${test.eq}`)
  if ('member' in test) return by(`by_members_${shape.members.indexOf(test.member)}`, hasMember(columns, test))
  if ('address' in test) return docsAt(test.address)
  if ('cells' in test)
    return sql`SELECT doc FROM heads WHERE cell IN (${cellsOf(test.cells)}) AND doc IS NOT NULL`
  return 'key' in test ? byKey(columns, test) : undefined
}

/** More are tested, not looked up: SQLite takes 500 SELECTs in one. */
const MOST_BRANCHES = 100

const NOTHING: Sql = { text: 'SELECT 0 AS doc WHERE FALSE', values: [] }

const by = (index: string, condition: Sql): Sql => {
  const name: Sql = { text: index, values: [] }
  return sql`SELECT d.doc AS doc FROM docs d INDEXED BY ${name} WHERE ${condition}`
}

/** Where an order begins with the key. */
const byKey = (columns: Columns, test: KeyTest): Sql | undefined => {
  const key = columns.key(test.key)
  const index = orderIndexes(columns.shape).find(order => `d.${order.columns[0]}` === key.text)
  return index && by(index.name, onKey(key, test))
}
