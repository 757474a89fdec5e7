import { setMaxListeners } from 'node:events'
import { NOT_WANTED } from '../cells/cell.js'
import type { Bookmark } from '../engine/cursor.js'
import { announce } from './announce.js'
import type { Rows } from './answer.js'
import { DEADLINE_MS, type Deadline, openDeadline } from './deadline.js'
import { knownStart } from './marker.js'
import { muster, names } from './muster.js'
import { bookmarkAt, missedBy } from './owed.js'
import { openScan } from './reading.js'
import type { AnyItem } from './record.js'
import { cellsOnly, type Requests, withPolicy } from './requests.js'
import { rollCall } from './roll-call.js'
import type { Chunk, Scan } from './scan.js'

/**
 * Records that `iterate` makes at a time: few, so that the garbage collector never has to move them; more where each step has
 * statements of its own, for relations or for mappings.
 */
const STEP = 128
const STEP_WITH_STATEMENTS = 1_000

/** Every record, as it is wanted. */
export const iterate = (requests: Requests, input: unknown, given: unknown): Rows<AnyItem> => {
  const { validator, sources, about } = requests
  const checked = validator.query('iterate', input)
  const options = cellsOnly('iterate', validator.options(given))
  const { downCells = 'fail', deadline: milliseconds = DEADLINE_MS, signal } = options
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
