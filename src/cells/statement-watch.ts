import {
  type RequestStart,
  type StatementEnd,
  statementEnds,
  type ToldCell,
  uuidAndName,
} from '../observability.js'

/** A request that somebody listens to. */
export interface Owner {
  readonly request: RequestStart
  /** When it began, by `performance.now()`. */
  readonly at: number
}

/**
 * A statement is known by the signal that it is under, not by an AsyncLocalStorage: a generator runs in the context of whoever asks for
 * its next value, and what a request only sets off, as a look at the cell mappings, is not its own.
 */
const owners = new WeakMap<AbortSignal, Owner>()

/** Statements with this signal are the request's. */
export const own = (signal: AbortSignal, owner: Owner): void => {
  owners.set(signal, owner)
}

/** What is seen of one statement, from when it is first wanted until it is over. */
export interface StatementWatch {
  /** It waits for its turn, or for another one, when more of its rows are wanted. Before that, there is nothing to tell of it. */
  wanted(): void
  /** Its turn has come. */
  sent(): void
  /** So many rows were read, where so many were wanted. */
  read(rows: number, wanted: number): void
  /** It is over: those who listen are told. What comes behind that does not count. */
  over(outcome: StatementEnd['outcome'], reason?: string): void
}

/**
 * Watches a statement; undefined when nobody listens.
 *
 * @param now - the clock, in milliseconds
 * @param life - of one that is read as a stream: when it aborts, the statement is abandoned, whether or not it is being read
 */
export const watchStatement = (
  cell: ToldCell,
  statement: { readonly text: string },
  signal: AbortSignal,
  now: () => number,
  life?: AbortSignal,
): StatementWatch | undefined => {
  if (!statementEnds.hasSubscribers) return undefined
  const owner = owners.get(signal)
  let since = now()
  const startedAt = owner === undefined ? Date.now() : owner.request.startedAt + since - owner.at
  const spent = { waiting: 0, sent: 0, idle: 0 }
  let state: keyof typeof spent | 'over' = 'waiting'
  let rows = 0

  const enter = (next: typeof state): void => {
    if (state === 'over') return
    const at = now()
    spent[state] += at - since
    since = at
    state = next
  }

  const over: StatementWatch['over'] = (outcome, reason) => {
    if (state === 'over') return
    enter('over')
    life?.removeEventListener('abort', abandoned)
    statementEnds.publish({
      ...(owner && { request: owner.request }),
      cell: uuidAndName(cell),
      text: statement.text,
      startedAt,
      waited: spent.waiting,
      ms: spent.sent + spent.idle,
      idle: spent.idle,
      rows,
      outcome,
      ...(reason !== undefined && { reason }),
    })
  }
  const abandoned = (): void => over('abandoned')

  return {
    wanted: () => {
      if (state === 'over') return
      enter('waiting')
      life?.addEventListener('abort', abandoned)
    },
    sent: () => enter('sent'),
    read: (more, wanted) => {
      rows += more
      if (life === undefined || more < wanted) over('answered')
      else enter('idle')
    },
    over,
  }
}
