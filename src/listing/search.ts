import type { Bookmark } from '../engine/cursor.js'
import type { KeyedRow } from '../engine/ordering.js'
import { IndexUnavailableError } from '../errors.js'
import type { Kept } from '../search/document.js'
import type { Frame } from '../search/frame.js'
import type { Hit, Key, Term, Wanted } from '../search/search-index.js'
import type { Test } from '../search/test.js'
import type { CheckedQuery, Search } from '../validation/validator.js'
import type { SearchPage } from './answer.js'
import { asOfThen } from './as-of.js'
import { choose, requireIndex } from './choose.js'
import { copyJudge } from './copies.js'
import type { Deadline } from './deadline.js'
import { facetsOf } from './facets.js'
import { highlightsOf } from './highlight.js'
import { afterOf, type IndexedRows, ofCells, rowMaker, sameOrder } from './index-rows.js'
import { type IndexRequest, indexPlan } from './indexed-scan.js'
import { knownStart } from './marker.js'
import { materialiser } from './materialise.js'
import { muster } from './muster.js'
import { sortColumns } from './order.js'
import type { AnyItem } from './record.js'
import { type Requests, within } from './requests.js'
import type { RollCall } from './roll-call.js'
import type { Sources } from './sources.js'

/** A page of what an index finds. */
export const search = async (
  requests: Requests,
  input: unknown,
  given: unknown,
): Promise<SearchPage<AnyItem>> => {
  const { validator, sources } = requests
  const query = validator.query('search', input)
  const options = validator.options(given)
  const all = sources()
  const known = knownStart(all, query)
  return within(requests, 'search', query, options, async deadline => {
    const { request, decision, unserved } = await choose(all, query, { ...options, source: 'index' }, deadline)
    if (request === undefined || decision.from === 'nobody')
      throw new IndexUnavailableError(decision.reason, unserved)
    const { asked, roll } = await muster(all, query, deadline)
    deadline.request?.indexed()
    return requireIndex(() => pageOf(asked, query, known, { ...request, overlay: false }, roll, deadline))
  })
}

const pageOf = async (
  sources: Sources,
  query: CheckedQuery,
  known: Bookmark | undefined,
  { index, current, tests, terms: order }: IndexRequest,
  roll: RollCall,
  deadline: Deadline,
): Promise<SearchPage<AnyItem>> => {
  const { resource, instances, cells } = sources
  const { frame, generation } = current
  const { words, byRelevance, facets, highlight, text } = query.search!
  const { texts, administrators } = resource.indexed!
  // What a tenant may not see can't be found by guessing it either.
  const fields = query.scope === 'all' ? [...texts, ...administrators] : texts
  const folded = words.map(frame.fold)
  const wanted: Wanted = {
    where: [...tests, ofCells(cells)],
    ...(words.length > 0 && { text: { words: folded, fields } }),
  }
  const sort = sortColumns(resource, query.sort)
  const rank: readonly Term[] = byRelevance ? [{ by: 'rank', of: ranks(frame, text), dir: 'asc' }] : []
  const terms = [...rank, ...order]
  if (known !== undefined && !sameOrder(frame, sort, known.collations))
    throw new IndexUnavailableError('unserved', ['cursor'])
  const plan = await indexPlan(sources, query, frame, roll, deadline)
  const originOf = new Map(plan.cells.map(({ cell }, i) => [cell.uuid, i]))
  const indexed: IndexedRows = new WeakMap()
  const make = rowMaker(frame, { ...plan, fields: query.fields }, indexed, rank.length)
  const reading = {
    plan,
    roll,
    signal: deadline.part,
    life: undefined,
    stubs: new WeakSet<KeyedRow>(),
    indexed,
  }
  const materialise = materialiser(reading)
  const judge = instances && copyJudge(instances.mappings, plan, roll)
  const items: AnyItem[] = []
  let after: readonly Key[] | undefined = known && [
    ...known.values.slice(0, rank.length),
    ...afterOf(frame, sort, known.values.slice(rank.length)),
  ]
  let last: { readonly row: KeyedRow; readonly hit: Hit } | undefined
  let more = query.limit > 0
  const next = async (): Promise<void> => {
    const limit = query.limit - items.length + 1
    const signal = deadline.part()
    const asked = { ...wanted, sort: terms, ...(after && { after }), limit }
    const found = await index.ask(all => all.find(generation, asked, signal), signal)
    more = found.length === limit
    // The one beyond the page tells whether another one follows.
    const hits = more ? found.slice(0, -1) : found
    const rows = hits.map(make)
    const winners = { rows, origins: hits.map(({ cell }) => originOf.get(cell)!) }
    const [made, verdict] = await Promise.all([materialise(winners, deadline), judge?.(winners, deadline)])
    for (const [i, item] of made.items.entries()) {
      if (verdict?.isCurrent(rows[i]!, winners.origins[i]!) === false) continue
      if (highlight)
        item.highlights = highlightsOf(frame, recordOf(frame, indexed.get(rows[i]!)!.kept), fields, folded)
      items.push(item)
      roll.returned(item.cell as never, 1, 0)
    }
    if (hits.length > 0) last = { row: rows.at(-1)!, hit: hits.at(-1)! }
    after = last?.hit.at
  }
  const page = async (): Promise<void> => {
    while (more && items.length < query.limit) await next()
  }
  const [counted] = await Promise.all([facetsOf(index, current, wanted, facets, deadline), page()])
  const { positions, collations } = plan.keys
  const values = last && [...last.hit.at.slice(0, rank.length), ...positions.map(slot => last!.row[slot]!)]
  return {
    items,
    next: more && values ? sources.cursors.seal(query.binding, { values, collations }) : null,
    facets: counted,
    complete: roll.complete,
    cells: asOfThen(roll.report(), current),
    source: 'index',
  }
}

/** How well a record fits: its title is the text, begins with it, has a word that does, has it somewhere, or does not. */
const ranks = ({ resource, keyOf, weigherOf }: Frame, text: Search['text']): readonly Test[] => {
  const { title } = resource.indexed!
  const key = keyOf(title)
  const weigher = weigherOf(title)
  if (key === undefined || weigher === undefined) return []
  const literal = { literal: weigher.foldPart(text) }
  const more = { any: 'more' } as const
  const behind = [' ', '-', '_', '.'].map((gap): readonly Test[] => [
    { like: title, pattern: [more, { literal: weigher.foldPart(gap + text) }, more] },
  ])
  return [
    { key: title, is: 'eq', value: key(text) },
    { like: title, pattern: [literal, more] },
    { any: behind },
    { like: title, pattern: [more, literal, more] },
  ]
}

/** A record as it was when it was written, all of it. */
const recordOf = ({ resource }: Frame, { c, r }: Kept): AnyItem => ({
  ...(r as AnyItem),
  ...Object.fromEntries(Object.keys(resource.columns).map((column, i) => [column, c[i]!])),
})
