import { InvalidCursorError } from '../errors.js'
import type { CheckedQuery, RequestOptions } from '../validation/validator.js'
import type { Page } from './answer.js'
import { asOfThen, labelOld } from './as-of.js'
import { catchUp } from './catch-up.js'
import { gapsOf } from './gaps.js'
import { knownStart } from './marker.js'
import { rememberMarker } from './marker-cache.js'
import { bookmarkAt, bookmarkOf, missedBy } from './owed.js'
import type { AnyItem } from './record.js'
import { cellsOnly, firstOf, type Requests, within, withPolicy } from './requests.js'

const NO_PAGE = { items: [], next: null, complete: true, cells: [], source: 'cells' } as const

/** Reads one page. */
const readPage = async (
  requests: Requests,
  checked: CheckedQuery,
  options: RequestOptions,
): Promise<Page<AnyItem>> => {
  const all = requests.sources()
  const { resource, markers, cursors } = all
  const query = withPolicy(all, checked, options)
  const known = knownStart(all, query)
  if (query.limit === 0 || known?.end)
    return { ...NO_PAGE, missed: known === undefined ? null : missedBy(all, query, known) }
  const { chunk, roll, began, from } = await within(requests, 'list', query, options, async deadline => {
    const answer = await firstOf(all, query, known, options, deadline)
    if (options.downCells === 'fail') answer.roll.requireComplete()
    return answer
  })
  const { items, last } = chunk
  const bookmark = bookmarkAt(all, began, chunk, items.length - 1)
  if (from !== undefined) labelOld(items, roll.downCells, from)
  const end = items.at(-1)
  if (end !== undefined && resource.uuid !== null && query.fields.includes(resource.uuid)) {
    const uuid = end[resource.uuid] as string
    const behind = bookmarkOf({ ...chunk.position(items.length - 1) }, gapsOf(bookmark.passed))
    rememberMarker(markers, query, uuid, end.stub === true, behind)
  }
  return {
    items,
    next: last ? null : cursors.seal(query.binding, bookmark),
    complete: roll.complete,
    cells: from === undefined ? roll.report() : asOfThen(roll.report(), from),
    missed: missedBy(all, query, bookmark),
    source: from === undefined ? 'cells' : 'index',
  }
}

/** One page. */
export const list = async (requests: Requests, input: unknown, given: unknown): Promise<Page<AnyItem>> =>
  readPage(requests, requests.validator.query('list', input), requests.validator.options(given))

/** Page after page. */
export const pages = (requests: Requests, input: unknown, given: unknown): AsyncIterable<Page<AnyItem>> => {
  const options = requests.validator.options(given)
  const first = requests.validator.query('list', input)
  return (async function* () {
    let query = first
    for (;;) {
      const page = await readPage(requests, query, options)
      yield page
      if (page.next === null) return
      query = { ...query, marker: undefined, cursor: page.next }
    }
  })()
}

/** What pages had missed. */
export const late = async (requests: Requests, input: unknown, given: unknown): Promise<Page<AnyItem>> => {
  const { validator, sources } = requests
  const query = validator.query('catchUp', input)
  const options = cellsOnly('catchUp', validator.options(given))
  const all = sources()
  const known = knownStart(all, query)
  if (known === undefined)
    throw new InvalidCursorError('/cursor', 'there is none', 'what a page says is `missed`')
  const { chunk, roll, bookmark } = await within(requests, 'catchUp', query, options, async deadline => {
    const answer = await catchUp(all, query, known, deadline)
    if (options.downCells === 'fail') answer.roll.requireComplete()
    return answer
  })
  return {
    items: chunk.items.map(item => ({ ...item, late: true })),
    next: bookmark.end ? null : all.cursors.seal(query.binding, bookmark),
    complete: roll.complete,
    cells: roll.report(),
    missed: missedBy(all, query, bookmark),
    source: 'cells',
  }
}
