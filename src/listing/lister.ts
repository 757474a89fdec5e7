import type { Position } from '../engine/cursor.js'
import type { Resource } from '../resources/resource.js'
import { isPlain } from '../validation/normal-form.js'
import type { CheckedQuery, RequestOptions, Validator } from '../validation/validator.js'
import type { Count, Lister, Page, Rows } from './answer.js'
import { countGroups, type Group } from './count.js'
import { type Deadline, openDeadline } from './deadline.js'
import { rememberMarker } from './marker.js'
import { groupColumns, planFor } from './plan.js'
import type { AnyItem } from './record.js'
import { type RollCall, rollCall } from './roll-call.js'
import { type Chunk, openScan, type Scan, type Sources } from './scan.js'

const DEADLINE_MS = 10_000

/** Records that `iterate` reads at a time. */
const STEP = 1_000

/** The verbs over some cells. `sources` throws when they are closed. */
export const createLister = <R extends Resource>(validator: Validator, sources: () => Sources): Lister<R> => {
  const seal = (query: CheckedQuery, position: Position): string =>
    sources().cursors.seal(query.binding, position)

  /** The first rows of a query, and who gave them. */
  const ask = async (
    query: CheckedQuery,
    options: RequestOptions,
  ): Promise<{ chunk: Chunk; roll: RollCall }> => {
    const shared = sources()
    const roll = rollCall(shared.cells)
    const deadline = openDeadline(options.deadline ?? DEADLINE_MS, options.signal)
    try {
      const scan = await openScan(shared, query, roll, false, deadline)
      return { chunk: await scan.next(query.limit, deadline), roll }
    } finally {
      deadline.close()
    }
  }

  const readPage = async (query: CheckedQuery, options: RequestOptions): Promise<Page<AnyItem>> => {
    const { resource, markers } = sources()
    if (query.limit === 0) return { items: [], next: null, complete: true, cells: [], source: 'cells' }
    const { chunk, roll } = await ask(query, options)
    if (options.downCells === 'fail') roll.requireComplete()
    const { items, last } = chunk
    if (items.length > 0 && query.fields.includes(resource.uuid)) {
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
    const shared = sources()
    const roll = rollCall(shared.cells)
    // The record that was given last: its place in its chunk.
    let current: Chunk | undefined
    let index = 0

    async function* rows(): AsyncGenerator<AnyItem> {
      let scan: Scan | undefined
      // What is read ahead for the next step is under this step's deadline, so that is kept for one step longer.
      const deadlines: Deadline[] = []
      try {
        for (let last = false; !last; ) {
          const deadline = openDeadline(milliseconds, signal)
          deadlines.push(deadline)
          scan ??= await openScan(shared, query, roll, true, deadline)
          const chunk = await scan.next(STEP, deadline)
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
    const { uuid: column } = sources().resource
    const asked = isPlain(input)
      ? { ...input, filters: { ...(input.filters as object), [column]: { eq: uuid } } }
      : input
    const query = { ...validator.query('get', asked), limit: 1 }
    const options = validator.options(given)
    const { chunk, roll } = await ask(query, options)
    const [item = null] = chunk.items
    if (item === null && options.downCells !== 'omit') roll.requireComplete()
    return item
  }

  const count = async (input: unknown, given: unknown): Promise<Count<Group>> => {
    const query = validator.query('count', input)
    const options = validator.options(given)
    const { resource, cells } = sources()
    const roll = rollCall(cells)
    const deadline = openDeadline(options.deadline ?? DEADLINE_MS, options.signal)
    try {
      const plan = await planFor(
        resource,
        query,
        groupColumns(resource, query.groupBy),
        cells,
        undefined,
        roll,
        deadline,
      )
      const groups = await countGroups(plan, roll, deadline)
      if (options.downCells === 'fail') roll.requireComplete()
      const total = groups.reduce((sum, group) => sum + group.count, 0)
      return { count: total, groups, complete: roll.complete, cells: roll.report(), source: 'cells' }
    } finally {
      deadline.close()
    }
  }

  return { list, pages, iterate, get, count } as unknown as Lister<R>
}
