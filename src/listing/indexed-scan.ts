import { API_DATABASE } from '../cells/build-requests.js'
import type { Cell } from '../cells/cell.js'
import type { Bookmark, Position } from '../engine/cursor.js'
import type { OrderedSource } from '../engine/ordered-source.js'
import type { KeyedRow } from '../engine/ordering.js'
import type { Frame } from '../search/frame.js'
import type { Current, OpenIndex } from '../search/open-index.js'
import type { Hit, Term } from '../search/search-index.js'
import type { Test } from '../search/test.js'
import { testsOf } from '../search/tests.js'
import { sql } from '../sql/fragment.js'
import { noTexts } from '../sql/text-column.js'
import type { CheckedQuery } from '../validation/validator.js'
import { cellQuery, positionIn } from './cell-query.js'
import { cellRows, type Reading } from './cell-rows.js'
import type { Deadline } from './deadline.js'
import { rangeOf } from './gaps.js'
import { afterOf, type IndexedRows, indexSource, keysOf, ofCells, rowMaker, sameOrder } from './index-rows.js'
import { sortColumns } from './order.js'
import { type Changed, changedIn } from './overlay.js'
import { type Plan, planFor } from './plan.js'
import { type Begun, readingOf } from './reading.js'
import type { RollCall } from './roll-call.js'
import type { Sources } from './sources.js'
import { startOf } from './start.js'

/** What an index is asked for. */
export interface IndexRequest {
  readonly index: OpenIndex
  readonly current: Current
  /** The query's conditions, and its order. */
  readonly tests: readonly Test[]
  readonly terms: readonly Term[]
  /** With what has changed in the cells since. */
  readonly overlay: boolean
}

/**
 * Plans a query and opens the index for it, with what has changed in the cells since if that is wanted, and with the build requests.
 * Undefined where the index can't give what the cells would: another order than a cursor's page ended in, a marker it does not know, or
 * so many changes that the cells may as well be asked.
 *
 * @throws IndexError
 */
export const openIndexedScan = async (
  sources: Sources,
  query: CheckedQuery,
  known: Bookmark | undefined,
  request: IndexRequest,
  roll: RollCall,
  deadline: Deadline,
): Promise<Begun | undefined> => {
  const { index, current, terms, overlay } = request
  const { frame } = current
  const { resource, cells } = sources
  const sort = sortColumns(resource, query.sort)
  if (known !== undefined && !sameOrder(frame, sort, known.collations)) return undefined
  const kept = known ?? { values: [], collations: keysOf(frame, sort).collations }

  let plan: Plan
  let from: Position | undefined = known
  if (overlay) {
    const start = await startOf(sources, query, known, roll, deadline)
    plan = start.plan
    from = start.from
  } else {
    plan = await planFor({ ...sources, cells: [] }, query, sort, kept, roll, deadline)
  }
  if (plan.cells.length > 0 && !sameOrder(frame, sort, plan.keys.collations)) return undefined
  const all = withUnasked(plan, cells, keysOf(frame, sort))
  const indexed: IndexedRows = new WeakMap()
  const make = rowMaker(frame, { ...all, fields: query.fields }, indexed)
  if (from === undefined && query.marker !== undefined) {
    const marked = { where: markerTests(query, sources, frame), sort: terms, limit: 2 }
    const signal = deadline.part()
    const [hit, other] = await index.ask(one => one.find(current.generation, marked, signal), signal)
    if (hit === undefined || other !== undefined) return undefined
    from = positionIn(all, make(hit), all.cells[0]!)
  }

  const changed = await Promise.all(
    all.cells.map(async (asked, i): Promise<Changed | 'too-much' | undefined> => {
      const since = current.asOf.get(asked.cell.uuid)
      if (!overlay || i >= plan.cells.length || asked.cell.uuid === API_DATABASE.uuid) return undefined
      if (since === undefined) return 'too-much'
      return changedIn(all, asked, resource.indexed!.changes, since, from, roll, deadline)
    }),
  )
  if (changed.includes('too-much')) return undefined

  const originOf = new Map(all.cells.map(({ cell }, i) => [cell.uuid, i]))
  const changesIn = (index: number): Changed | undefined => changed[index] as Changed | undefined
  const made = (hit: Hit): KeyedRow | undefined =>
    changesIn(originOf.get(hit.cell)!)?.uuids.has(hit.uuid) ? undefined : make(hit)
  const wanted = {
    where: [...request.tests, ofCells(cells)],
    sort: terms,
    ...(from && { after: afterOf(frame, sort, from.values) }),
  }
  const range = rangeOf(from, undefined)
  const rowsOf = (reading: Reading): OrderedSource[] => {
    const own = all.cells.map((asked, i) => {
      if (asked.cell.uuid === API_DATABASE.uuid)
        return cellRows(reading, i, range, cellQuery(all, asked, range))
      return changesIn(i)?.rows ?? NONE
    })
    return [...own, indexSource(index, current, wanted, reading.signal, made)]
  }
  const homeOf = (row: KeyedRow): number => originOf.get(indexed.get(row)!.cell)!
  const what = { plan: all, roll, life: undefined, indexed }
  return { began: from, scan: readingOf(sources, what, deadline, rowsOf, homeOf) }
}

const NONE: OrderedSource = { next: async () => ({ rows: [], done: true }) }

/** A plan of what an index alone gives. */
export const indexPlan = async (
  sources: Sources,
  query: CheckedQuery,
  frame: Frame,
  roll: RollCall,
  deadline: Deadline,
): Promise<Plan> => {
  const { instances } = sources
  const sort = sortColumns(sources.resource, query.sort)
  const alone = {
    ...sources,
    cells: [],
    instances: instances && { ...instances, buildRequests: 'none' as const },
  }
  const nobody = await planFor(alone, query, sort, undefined, roll, deadline)
  return withUnasked(nobody, sources.cells, keysOf(frame, sort))
}

/** The plan with all cells, those that are not asked as well: rows of theirs may come from the index. */
const withUnasked = (plan: Plan, cells: readonly Cell[], keys: Plan['keys']): Plan => {
  const there = new Set(plan.cells.map(({ cell }) => cell.uuid))
  const rank = Math.max(0, ...plan.cells.map(({ rank }) => rank))
  const unasked = cells
    .filter(({ uuid }) => !there.has(uuid))
    .map((cell): Plan['cells'][number] => ({ ...UNASKED, cell, alike: cell, rank }))
  const nobody = plan.cells.length === 0
  return {
    ...plan,
    cells: [...plan.cells, ...unasked],
    ...(nobody && { keys, ...slotsFor(plan, keys) }),
  }
}

/** Where fields are in rows that no cell gives: behind the keys. */
const slotsFor = (
  { query, sort, instance }: Plan,
  { positions }: Plan['keys'],
): Pick<Plan, 'slots' | 'instance'> => {
  const behind = Math.max(sort.length, ...positions.map(at => at + 1))
  return {
    slots: query.fields.map((_, i) => behind + i),
    instance: instance === undefined ? undefined : behind + query.fields.length,
  }
}

const UNASKED: Omit<Plan['cells'][number], 'cell' | 'alike' | 'rank'> = {
  schema: { columns: new Map(), indexes: [], version: '' },
  keys: { terms: [], select: [], fixes: [] },
  where: sql`FALSE`,
  tenant: sql`FALSE`,
  path: {},
  text: noTexts,
}

/** What finds the marker's record in the scope, whatever the filters say. */
const markerTests = (
  { marker, tenant }: CheckedQuery,
  { resource, cells }: Sources,
  frame: Frame,
): readonly Test[] => [
  ...(testsOf(frame, tenant) as { readonly tests: readonly Test[] }).tests,
  { key: resource.uuid!, is: 'eq', value: frame.keyOf(resource.uuid!)!(marker!) },
  ofCells(cells),
]
