import { and, or, type Sql, sql } from '../../sql/fragment.js'
import type { Hit, IndexQuery, Key, Term } from '../search-index.js'
import type { Test } from '../test.js'
import { choose } from './choose.js'
import type { Looking } from './looking.js'
import { behind, indexFor, orderBy, sortTerms } from './order.js'
import { truth } from './truth.js'

/** The next documents of an order. */
export const find = async (looking: Looking, query: IndexQuery): Promise<Hit[]> => {
  const docs = await docsOf(looking, query)
  for (; docs.length > TOGETHER; docs.splice(0, TOGETHER))
    looking.say(await hitsOf(looking, docs.slice(0, TOGETHER), query.sort))
  return hitsOf(looking, docs, query.sort)
}

/** Records that are read, and said, at once: nobody hears anything meanwhile. */
const TOGETHER = 100

const hitsOf = async (
  { columns, all }: Looking,
  docs: readonly number[],
  sort: readonly Term[],
): Promise<Hit[]> => {
  const values = sortTerms(columns, sort).map(({ value }) => sql`, ${value}`)
  const at: Sql = { text: values.map(({ text }) => text).join(''), values: values.flatMap(one => one.values) }
  const rows = await all(sql`
    SELECT cells.uuid, d.uuid, records.version, records.record${at}
    FROM json_each(${JSON.stringify(docs)}) AS found
    CROSS JOIN docs d ON d.doc = found.value
    CROSS JOIN records ON records.doc = d.doc
    CROSS JOIN cells ON cells.cell = d.cell`)
  return rows.map(
    ([cell, uuid, version, record, ...at]) => ({ cell, uuid, version, record, at }) as unknown as Hit,
  )
}

/** A rank comes first: one rank after the other is looked for, each in the way that is best for it, until there are enough. */
const docsOf = async (looking: Looking, query: IndexQuery): Promise<number[]> => {
  const [term, ...rest] = query.sort
  if (term?.by !== 'rank') return pageOf(looking, query)
  const { after, limit, where } = query
  const ranks = [...term.of.keys(), term.of.length]
  if (term.dir === 'desc') ranks.reverse()
  const from = after === undefined ? 0 : ranks.indexOf(after[0] as number)
  const docs: number[] = []
  for (const rank of ranks.slice(from)) {
    const tests: Test[] = [...term.of.slice(rank, rank + 1), ...term.of.slice(0, rank).map(not => ({ not }))]
    docs.push(
      ...(await pageOf(looking, {
        ...query,
        where: [...where, ...tests],
        sort: rest,
        limit: limit - docs.length,
        ...(after && { after: rank === after[0] ? after.slice(1) : undefined }),
      })),
    )
    if (docs.length === limit) break
  }
  return docs
}

const pageOf = async (
  looking: Looking,
  query: Omit<IndexQuery, 'after'> & { after?: readonly Key[] | undefined },
): Promise<number[]> => {
  const { columns } = looking
  const { where, sort, after, limit } = query
  const terms = sortTerms(columns, sort)
  const owners = where.flatMap(test => ('owner' in test ? test.owner : []))
  const index = indexFor(columns, terms, owners)
  const { way, docs } = await choose(looking, query, index ? { index, limit } : { part: 1 })
  const ranges = after && behind(terms, after)
  const all = truth(columns, query)

  const ask = async (from: Sql, conditions: readonly Sql[], most: number): Promise<number[]> => {
    const [found] = (await looking.first(sql`
      SELECT json_group_array(doc)
      FROM (SELECT d.doc AS doc FROM ${from} WHERE ${and(conditions)} ORDER BY ${orderBy(terms)} LIMIT ${most})`)) as [
      string,
    ]
    return JSON.parse(found) as number[]
  }

  if (index === undefined || way === 'drive') {
    const from = docs
      ? sql`(${docs}) AS driver CROSS JOIN docs d ON d.doc = driver.doc`
      : bare('docs d NOT INDEXED')
    return ask(from, [...(ranges ? [or(ranges)] : []), all], limit)
  }
  const from = bare(`docs d INDEXED BY ${index.name}`)
  const inDriver = docs ? [sql`d.doc IN (${docs})`] : []
  const found: number[] = []
  for (const range of ranges ?? [bare('TRUE')]) {
    found.push(...(await ask(from, [range, ...inDriver, all], limit - found.length)))
    if (found.length === limit) break
  }
  return found
}

const bare = (text: string): Sql => ({ text, values: [] })
