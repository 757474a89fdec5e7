import { setMaxListeners } from 'node:events'
import { NOT_WANTED } from '../cells/cell.js'
import type { Bookmark } from '../engine/cursor.js'
import { CellFailedError, InvalidCursorError, InvalidOptionError } from '../errors.js'
import type { Resource } from '../resources/resource.js'
import { isPlain } from '../validation/normal-form.js'
import type { CheckedQuery, RequestOptions, Validator } from '../validation/validator.js'
import { type About, announce, announced } from './announce.js'
import type { Count, Lister, Page, Rows } from './answer.js'
import { catchUp } from './catch-up.js'
import { countGroups, type Group } from './count.js'
import { DEADLINE_MS, type Deadline, openDeadline } from './deadline.js'
import { type Explained, explainPage } from './explain.js'
import { gapsOf } from './gaps.js'
import { askHome } from './home.js'
import { knownStart } from './marker.js'
import { rememberMarker } from './marker-cache.js'
import { muster, names } from './muster.js'
import { groupColumns } from './order.js'
import { bookmarkAt, bookmarkOf, missedBy } from './owed.js'
import { planFor } from './plan.js'
import { openScan } from './reading.js'
import type { AnyItem } from './record.js'
import { type RollCall, rollCall } from './roll-call.js'
import type { Chunk, Scan } from './scan.js'
import { ofInstances, type Sources } from './sources.js'
import { canStub } from './stub.js'

/**
 * Records that `iterate` makes at a time: few, so that the garbage collector never has to move them; more where each step has
 * statements of its own, for relations or for mappings.
 */
const STEP = 128
const STEP_WITH_STATEMENTS = 1_000

/** The first records of a query, and who gave them. */
interface Answer {
  readonly chunk: Chunk
  readonly roll: RollCall
  readonly began: Bookmark | undefined
}

/** A cell that fails is no reason to fail; anything else is. */
const onlyCells = (error: unknown): void => {
  if (!(error instanceof CellFailedError)) throw error
}

/** The verbs over some cells. `sources` throws when they are closed. */
export const createLister = <R extends Resource>(
  resource: R,
  validator: Validator,
  sources: () => Sources,
): Lister<R> => {
  const about = (verb: About['verb'], { scope }: CheckedQuery, signal: AbortSignal | undefined): About => ({
    verb,
    resource: resource.name,
    scope,
    signal,
  })

  const within = <T>(
    verb: About['verb'],
    query: CheckedQuery,
    { deadline: milliseconds = DEADLINE_MS, signal }: RequestOptions,
    work: (deadline: Deadline) => Promise<T>,
  ): Promise<T> =>
    announced(about(verb, query, signal), async request => {
      const deadline = openDeadline(milliseconds, signal, request)
      try {
        return await work(deadline)
      } finally {
        deadline.close()
      }
    })

  /** The first rows of a query, and who gave them. */
  const ask = async (
    all: Sources,
    query: CheckedQuery,
    known: Bookmark | undefined,
    deadline: Deadline,
  ): Promise<Answer> => {
    const { asked, roll } = await muster(all, query, deadline)
    const { scan, began } = await openScan(asked, query, known, roll, deadline)
    return { chunk: await scan.next(query.limit, deadline), roll, began }
  }

  const readPage = async (checked: CheckedQuery, options: RequestOptions): Promise<Page<AnyItem>> => {
    const all = sources()
    const { resource, markers, cursors } = all
    const query = withPolicy(all, checked, options)
    const known = knownStart(all, query)
    if (query.limit === 0 || known?.end)
      return { ...NO_PAGE, missed: known === undefined ? null : missedBy(all, query, known) }
    const { chunk, roll, began } = await within('list', query, options, async deadline => {
      const answer = await ask(all, query, known, deadline)
      if (options.downCells === 'fail') answer.roll.requireComplete()
      return answer
    })
    const { items, last } = chunk
    const bookmark = bookmarkAt(all, began, chunk, items.length - 1)
    if (items.length > 0 && resource.uuid !== null && query.fields.includes(resource.uuid)) {
      const uuid = items.at(-1)![resource.uuid] as string
      const behind = chunk.position(items.length - 1)
      rememberMarker(markers, query, uuid, bookmarkOf({ ...behind }, gapsOf(bookmark.passed)))
    }
    return {
      items,
      next: last ? null : cursors.seal(query.binding, bookmark),
      complete: roll.complete,
      cells: roll.report(),
      missed: missedBy(all, query, bookmark),
      source: 'cells',
    }
  }

  const list = async (input: unknown, given: unknown): Promise<Page<AnyItem>> =>
    readPage(validator.query('list', input), validator.options(given))

  const pages = (input: unknown, given: unknown): AsyncIterable<Page<AnyItem>> => {
    const options = validator.options(given)
    const first = validator.query('list', input)
    return (async function* () {
      let query = first
      for (;;) {
        const page = await readPage(query, options)
        yield page
        if (page.next === null) return
        query = { ...query, marker: undefined, cursor: page.next }
      }
    })()
  }

  const iterate = (input: unknown, given: unknown): Rows<AnyItem> => {
    const checked = validator.query('iterate', input)
    const { downCells = 'fail', deadline: milliseconds = DEADLINE_MS, signal } = validator.options(given)
    const all = sources()
    const query = withPolicy(all, checked, { downCells })
    const known = knownStart(all, query)
    const step = query.include.length > 0 || all.instances !== undefined ? STEP_WITH_STATEMENTS : STEP
    let roll = rollCall(names(all))
    // The record that was given last: its place in its chunk.
    let current: Chunk | undefined
    let index = 0
    let began = known

    async function* rows(): AsyncGenerator<AnyItem> {
      let scan: Scan | undefined
      // What is read ahead for the next step is under this step's deadline, so that is kept for one step longer.
      const deadlines: Deadline[] = []
      const life = new AbortController()
      setMaxListeners(0, life.signal)
      const request = announce(about('iterate', query, signal))
      try {
        for (let last = known?.end === true; !last; ) {
          const deadline = openDeadline(milliseconds, signal, request)
          deadlines.push(deadline)
          if (scan === undefined) {
            const mustered = await muster(all, query, deadline)
            roll = mustered.roll
            const begun = await openScan(mustered.asked, query, known, roll, deadline, life.signal)
            scan = begun.scan
            began = begun.began
          }
          const chunk = await scan.next(step, deadline)
          if (downCells === 'fail') roll.requireComplete()
          if (deadlines.length > 1) deadlines.shift()!.close()
          for (let i = 0; i < chunk.items.length; i++) {
            current = chunk
            index = i
            yield chunk.items[i]!
          }
          last = chunk.last
        }
      } catch (error) {
        request?.failed(error)
        throw error
      } finally {
        for (const deadline of deadlines) deadline.stop()
        life.abort(NOT_WANTED)
        request?.over()
      }
    }

    const generator = rows()
    const bookmark = (): Bookmark | undefined =>
      current === undefined ? known : bookmarkAt(all, began, current, index)
    return {
      [Symbol.asyncIterator]: () => generator,
      get cursor() {
        const at = bookmark()
        return at === undefined ? null : all.cursors.seal(query.binding, at)
      },
      get missed() {
        const at = bookmark()
        return at === undefined ? null : missedBy(all, query, at)
      },
      get complete() {
        return roll.complete
      },
      get cells() {
        return roll.report()
      },
    }
  }

  const get = async (uuid: unknown, input: unknown, given: unknown): Promise<AnyItem | null> => {
    const all = sources()
    const { resource, cells } = all
    if (resource.uuid === null)
      throw new InvalidOptionError('/uuid', `${resource.name} have no uuid`, 'a list with filters')
    const asked = isPlain(input)
      ? { ...input, filters: { ...(input.filters as object), [resource.uuid]: { eq: uuid } } }
      : input
    const options = validator.options(given)
    const query = { ...withPolicy(all, validator.query('get', asked), options), limit: 1 }
    return within('get', query, options, async deadline => {
      // In the cell that the mapping names it is the current copy: nothing else has to be asked.
      const inCell = async (home: string): Promise<Answer | undefined> => {
        const cell = cells.filter(({ uuid }) => uuid === home)
        return cell.length === 0
          ? undefined
          : ask({ ...all, cells: cell, instances: undefined }, { ...query, stubs: false }, undefined, deadline)
      }
      const instances = ofInstances(all)
      const atHome =
        instances &&
        (await askHome(instances.mappings, uuid as string, query.scope, deadline, onlyCells, inCell))
      const said = query.stubs && !atHome?.said?.roll.complete ? undefined : atHome?.said
      const { chunk, roll } = said ?? (await ask(all, query, undefined, deadline))
      const [item = null] = chunk.items
      if (item === null && options.downCells !== 'omit') roll.requireComplete()
      return item
    })
  }

  const count = async (input: unknown, given: unknown): Promise<Count<Group>> => {
    const options = validator.options(given)
    const all = sources()
    const query = withPolicy(all, validator.query('count', input), options)
    return within('count', query, options, async deadline => {
      const { asked, roll } = await muster(all, query, deadline)
      const sort = groupColumns(asked.resource, query.groupBy)
      const plan = await planFor(asked, query, sort, undefined, roll, deadline)
      const groups = await countGroups(plan, asked.instances?.mappings, roll, deadline)
      if (options.downCells === 'fail') roll.requireComplete()
      const total = groups.reduce((sum, group) => sum + group.count, 0)
      return { count: total, groups, complete: roll.complete, cells: roll.report(), source: 'cells' as const }
    })
  }

  const late = async (input: unknown, given: unknown): Promise<Page<AnyItem>> => {
    const query = validator.query('catchUp', input)
    const options = validator.options(given)
    const all = sources()
    const known = knownStart(all, query)
    if (known === undefined)
      throw new InvalidCursorError('/cursor', 'there is none', 'what a page says is `missed`')
    const { chunk, roll, bookmark } = await within('catchUp', query, options, async deadline => {
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

  const explain = async (input: unknown, given: unknown): Promise<Explained> => {
    const query = validator.query('explain', input)
    const options = validator.options(given)
    const all = sources()
    if (query.limit === 0) return { complete: true, cells: [] }
    return within('explain', query, options, async deadline => {
      const { asked, roll } = await muster(all, query, deadline)
      const cells = await explainPage(asked, query, roll, deadline)
      if (options.downCells === 'fail') roll.requireComplete()
      return { complete: roll.complete, cells }
    })
  }

  return { list, pages, iterate, get, count, catchUp: late, explain } as unknown as Lister<R>
}

const NO_PAGE = { items: [], next: null, complete: true, cells: [], source: 'cells' } as const

/** The query, with what becomes of the records of cells that are down. */
const withPolicy = (all: Sources, query: CheckedQuery, { downCells }: RequestOptions): CheckedQuery => {
  if (downCells !== 'stub') return query
  if (ofInstances(all) === undefined)
    throw new InvalidOptionError(
      '/downCells',
      `nothing stands for ${all.resource.name}`,
      "'omit' or 'fail'; 'stub' is for instances, with an API database",
    )
  return { ...query, stubs: canStub(all, query) }
}
