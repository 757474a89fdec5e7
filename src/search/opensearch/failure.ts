import { IndexError } from '../../errors.js'

/** An error as OpenSearch writes it. */
export interface ServerError {
  readonly type: string
  readonly reason?: string
  readonly root_cause?: readonly ServerError[]
}

/** The server does not take a request. */
export const REFUSED = 'REFUSED'
/** There is an index of that name. */
export const EXISTS = 'EXISTS'
/** A document is not of the version that it was to be of. */
export const CONFLICT = 'CONFLICT'

/** What is the same whatever the status. */
const BY_TYPE: Readonly<Record<string, string>> = {
  index_not_found_exception: 'NO_GENERATION',
  document_missing_exception: 'NO_GENERATION',
  resource_already_exists_exception: EXISTS,
  version_conflict_engine_exception: CONFLICT,
  task_cancelled_exception: 'DEADLINE',
  circuit_breaking_exception: 'BUSY',
  // Queries that are more than the server is set to take.
  too_complex_to_determinize_exception: REFUSED,
  too_many_clauses: REFUSED,
  too_many_nested_clauses: REFUSED,
}

const BY_STATUS: Readonly<Record<number, string>> = {
  400: REFUSED,
  401: 'DENIED',
  403: 'DENIED',
  413: REFUSED,
  429: 'BUSY',
  502: 'UNREACHABLE',
  503: 'UNREACHABLE',
  504: 'UNREACHABLE',
}

/** The numbers of the blocks that a full disk sets. */
const FULL = /\/(10|12)\//

/** The reason of an `IndexError`; the server's own word for what is in neither table. No text of the server's is in it. */
export const reasonOf = (status: number, error: ServerError | undefined): string => {
  const { type, reason = '' } = error?.root_cause?.[0] ?? error ?? { type: '' }
  if (type === 'cluster_block_exception' && FULL.test(reason)) return 'DISK_FULL'
  return BY_TYPE[type] ?? BY_STATUS[status] ?? (/^\w+$/.test(type) ? type : `HTTP_${status}`)
}

/** What the client says when nothing came back. */
const BY_NAME: Readonly<Record<string, string>> = {
  ConnectionError: 'UNREACHABLE',
  NoLivingConnectionsError: 'UNREACHABLE',
  TimeoutError: 'DEADLINE',
}

/** What the client threw, or who read its answer. The client's errors hold requests and credentials, so they go no further. */
export const failure = (thrown: unknown): IndexError => {
  if (thrown instanceof IndexError) return thrown
  const { name, statusCode, body } = thrown as {
    readonly name: string
    readonly statusCode?: number
    readonly body?: { readonly error?: ServerError | string }
  }
  if (name !== 'ResponseError') return new IndexError(BY_NAME[name] ?? 'GARBAGE')
  const error = body?.error
  return new IndexError(reasonOf(statusCode!, typeof error === 'object' ? error : undefined))
}

/** Passes over one kind of failure. */
export const unless =
  <T = undefined>(reason: string, instead?: T) =>
  (error: unknown): T | undefined => {
    if (!(error instanceof IndexError && error.reason === reason)) throw error
    return instead
  }
