import { setMaxListeners } from 'node:events'
import { TIMED_OUT } from '../cells/cell.js'
import type { Position } from '../engine/cursor.js'
import { CellFailedError, InvalidOptionError } from '../errors.js'
import type { Resource } from '../resources/resource.js'
import { isPlain } from '../validation/normal-form.js'
import type { CheckedQuery, RequestOptions, Validator } from '../validation/validator.js'
import type { Count, Lister, Page, Rows } from './answer.js'
import { countGroups, type Group } from './count.js'
import { DEADLINE_MS, type Deadline, openDeadline } from './deadline.js'
import { type Explained, explainPage } from './explain.js'
import { askHome } from './home.js'
import { rememberMarker } from './marker-cache.js'
import { muster, names } from './muster.js'
import { groupColumns, planFor } from './plan.js'
import type { AnyItem } from './record.js'
import { type RollCall, rollCall } from './roll-call.js'
import { type Chunk, openScan, type Scan } from './scan.js'
import { ofInstances, type Sources } from './sources.js'

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
}

/** A cell that fails is no reason to fail; anything else is. */
const onlyCells = (error: unknown): void => {
  if (!(error instanceof CellFailedError)) throw error
}

/** The verbs over some cells. `sources` throws when they are closed. */
export const createLister = <R extends Resource>(validator: Validator, sources: () => Sources): Lister<R> => {
  const seal = (query: CheckedQuery, position: Position): string =>
    sources().cursors.seal(query.binding, position)

  const within = async <T>(options: RequestOptions, work: (deadline: Deadline) => Promise<T>): Promise<T> => {
    const deadline = openDeadline(options.deadline ?? DEADLINE_MS, options.signal)
    try {
      return await work(deadline)
    } finally {
      deadline.close()
    }
  }

  /** The first rows of a query, and who gave them. */
  const ask = async (all: Sources, query: CheckedQuery, deadline: Deadline): Promise<Answer> => {
    const { asked, roll } = await muster(all, query, deadline)
    const scan = await openScan(asked, query, roll, deadline)
    return { chunk: await scan.next(query.limit, deadline), roll }
  }

  const readPage = async (query: CheckedQuery, options: RequestOptions): Promise<Page<AnyItem>> => {
    const all = sources()
    const { resource, markers } = all
    if (query.limit === 0) return { items: [], next: null, complete: true, cells: [], source: 'cells' }
    const { chunk, roll } = await within(options, deadline => ask(all, query, deadline))
    if (options.downCells === 'fail') roll.requireComplete()
    const { items, last } = chunk
    if (items.length > 0 && resource.uuid !== null && query.fields.includes(resource.uuid)) {
      const uuid = items.at(-1)![resource.uuid] as string
      rememberMarker(markers, query, uuid, chunk.position(items.length - 1))
    }
    const next = last ? null : seal(query, chunk.position(items.length - 1))
    return { items, next, complete: roll.complete, cells: roll.report(), source: 'cells' }
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
    const query = validator.query('iterate', input)
    const { downCells = 'fail', deadline: milliseconds = DEADLINE_MS, signal } = validator.options(given)
    const all = sources()
    const step = query.include.length > 0 || all.instances !== undefined ? STEP_WITH_STATEMENTS : STEP
    let roll = rollCall(names(all))
    // The record that was given last: its place in its chunk.
    let current: Chunk | undefined
    let index = 0

    async function* rows(): AsyncGenerator<AnyItem> {
      let scan: Scan | undefined
      // What is read ahead for the next step is under this step's deadline, so that is kept for one step longer.
      const deadlines: Deadline[] = []
      const life = new AbortController()
      setMaxListeners(0, life.signal)
      try {
        for (let last = false; !last; ) {
          const deadline = openDeadline(milliseconds, signal)
          deadlines.push(deadline)
          if (scan === undefined) {
            const mustered = await muster(all, query, deadline)
            roll = mustered.roll
            scan = await openScan(mustered.asked, query, roll, deadline, life.signal)
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
      } finally {
        for (const deadline of deadlines) deadline.stop()
        life.abort(TIMED_OUT)
      }
    }

    const generator = rows()
    return {
      [Symbol.asyncIterator]: () => generator,
      get cursor() {
        return current === undefined ? (query.cursor ?? null) : seal(query, current.position(index))
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
    const query = { ...validator.query('get', asked), limit: 1 }
    const options = validator.options(given)
    return within(options, async deadline => {
      // In the cell that the mapping names it is the current copy: nothing else has to be asked.
      const inCell = async (home: string): Promise<Answer | undefined> => {
        const cell = cells.filter(({ uuid }) => uuid === home)
        return cell.length === 0
          ? undefined
          : ask({ ...all, cells: cell, instances: undefined }, query, deadline)
      }
      const instances = ofInstances(all)
      const atHome =
        instances && (await askHome(instances.mappings, uuid as string, deadline, onlyCells, inCell))
      const { chunk, roll } = atHome?.said ?? (await ask(all, query, deadline))
      const [item = null] = chunk.items
      if (item === null && options.downCells !== 'omit') roll.requireComplete()
      return item
    })
  }

  const count = async (input: unknown, given: unknown): Promise<Count<Group>> => {
    const query = validator.query('count', input)
    const options = validator.options(given)
    return within(options, async deadline => {
      const { asked, roll } = await muster(sources(), query, deadline)
      const sort = groupColumns(asked.resource, query.groupBy)
      const plan = await planFor(asked, query, sort, undefined, roll, deadline)
      const groups = await countGroups(plan, asked.instances?.mappings, roll, deadline)
      if (options.downCells === 'fail') roll.requireComplete()
      const total = groups.reduce((sum, group) => sum + group.count, 0)
      return { count: total, groups, complete: roll.complete, cells: roll.report(), source: 'cells' as const }
    })
  }

  const explain = async (input: unknown, given: unknown): Promise<Explained> => {
    const query = validator.query('explain', input)
    const options = validator.options(given)
    const all = sources()
    if (query.limit === 0) return { complete: true, cells: [] }
    return within(options, async deadline => {
      const { asked, roll } = await muster(all, query, deadline)
      const cells = await explainPage(asked, query, roll, deadline)
      if (options.downCells === 'fail') roll.requireComplete()
      return { complete: roll.complete, cells }
    })
  }

  return { list, pages, iterate, get, count, explain } as unknown as Lister<R>
}
