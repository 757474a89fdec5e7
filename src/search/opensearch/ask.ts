import { IndexError } from '../../errors.js'
import { failure } from './failure.js'

/** What is used of a client of `@opensearch-project/opensearch`. */
export interface OpenSearchClient {
  readonly transport: {
    request(
      params: {
        readonly method: string
        readonly path: string
        readonly querystring?: Record<string, string>
        readonly body?: Record<string, unknown>
        readonly bulkBody?: string
      },
      options: { readonly maxRetries: number; readonly requestTimeout: number },
    ): PromiseLike<{ readonly body: unknown }> & { abort(): void }
  }
}

/** A request of OpenSearch's REST API. */
export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** The parts of its path, as they are. */
  readonly path: readonly string[]
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object
  /** Lines of JSON in the place of a body, each with its end. */
  readonly lines?: readonly string[]
}

/** Sends a request, once, and reads what comes back. Rejects with `IndexError`, or with the reason of a signal that aborts. */
export type Ask = <T>(request: Request, signal: AbortSignal, read: (body: never) => T) => Promise<T>

/** A client that can be left. */
export interface Asking {
  readonly ask: Ask
  /** Gives up what is under way, and refuses all that comes. */
  leave(): void
}

/** Signals alone end a wait: the longest time that a timer knows. */
const FOREVER = 2 ** 31 - 1

/** Asks by way of a client. */
export const asking = ({ transport }: OpenSearchClient): Asking => {
  /** Ends the requests that are under way. */
  const open = new Set<(reason: unknown) => void>()
  let closed = false

  const ask: Ask = async ({ method, path, query, body, lines }, signal, read) => {
    signal.throwIfAborted()
    if (closed) throw new IndexError('CLOSED')
    const request = transport.request(
      {
        method,
        path: `/${path.map(encodeURIComponent).join('/')}`,
        ...(query && { querystring: { ...query } }),
        ...(body && { body: { ...body } }),
        ...(lines && { bulkBody: lines.join('') }),
      },
      { maxRetries: 0, requestTimeout: FOREVER },
    )
    let end!: (reason: unknown) => void
    const ended = new Promise<never>((_, reject) => {
      end = reason => {
        reject(reason)
        // The server gives a search up whose connection is cut.
        request.abort()
      }
    })
    const aborted = (): void => end(signal.reason)
    open.add(end)
    signal.addEventListener('abort', aborted)
    return Promise.race([ended, request])
      .then(({ body }) => read(body as never))
      .catch((error: unknown) => {
        signal.throwIfAborted()
        throw failure(error)
      })
      .finally(() => {
        open.delete(end)
        signal.removeEventListener('abort', aborted)
      })
  }
  return {
    ask,
    leave: () => {
      closed = true
      for (const end of open) end(new IndexError('CLOSED'))
    },
  }
}
