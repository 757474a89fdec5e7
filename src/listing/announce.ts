import { own } from '../cells/statement-watch.js'
import { CrosscellError } from '../errors.js'
import {
  type RequestEnd,
  type RequestStart,
  requestEnds,
  requestStarts,
  statementEnds,
} from '../observability.js'
import type { Scope } from '../resources/query.js'
import type { RollCall } from './roll-call.js'

/** What a request is. */
export interface About {
  readonly verb: RequestStart['verb']
  readonly resource: string
  readonly scope: Scope
  /** The caller's. */
  readonly signal: AbortSignal | undefined
}

/** A request that somebody listens to. */
export interface Announced {
  /** Statements with this signal are its own. */
  owns(signal: AbortSignal): void
  /** Who is asked. Of a request that asks again, those that were asked last gave its answer. */
  asks(roll: RollCall): void
  /** Not the cells, but an index gave its answer. */
  indexed(): void
  failed(error: unknown): void
  over(): void
}

let requests = 0

/** Says that a request begins. Undefined when nobody listens. */
export const announce = (about: About): Announced | undefined => {
  if (!requestStarts.hasSubscribers && !requestEnds.hasSubscribers && !statementEnds.hasSubscribers)
    return undefined
  const at = performance.now()
  const request: RequestStart = {
    id: ++requests,
    verb: about.verb,
    resource: about.resource,
    scope: kindOf(about.scope),
    startedAt: Date.now(),
  }
  let roll: RollCall | undefined
  let error: string | undefined
  let source: RequestEnd['source'] = 'cells'
  requestStarts.publish(request)
  return {
    owns: signal => own(signal, { request, at }),
    asks: asked => {
      roll = asked
    },
    indexed: () => {
      source = 'index'
    },
    failed: thrown => {
      error = codeOf(thrown, about.signal)
    },
    over: () => {
      const ms = Math.round((performance.now() - at) * 1_000) / 1_000
      const cells = roll?.report() ?? []
      const sum = (what: 'rows' | 'fetched'): number => cells.reduce((all, cell) => all + cell[what], 0)
      requestEnds.publish({
        request,
        ms,
        complete: error === undefined && cells.every(({ state }) => state === 'ok'),
        source,
        rows: sum('rows'),
        fetched: sum('fetched'),
        cells,
        ...(error !== undefined && { error }),
      })
    },
  }
}

/** Does the work of a request, and tells those who listen of it. */
export const announced = async <T>(
  about: About,
  work: (request: Announced | undefined) => Promise<T>,
): Promise<T> => {
  const request = announce(about)
  if (request === undefined) return work(undefined)
  try {
    const answer = await work(request)
    request.over()
    return answer
  } catch (error) {
    request.failed(error)
    request.over()
    throw error
  }
}

const kindOf = (scope: Scope): RequestStart['scope'] => {
  if (scope === 'all') return 'all'
  return 'project_id' in scope ? 'project' : 'user'
}

const codeOf = (error: unknown, signal: AbortSignal | undefined): string => {
  if (error instanceof CrosscellError) return error.code
  return signal?.aborted ? 'aborted' : 'internal'
}
