/** What may be under way at once, over all databases. */
export interface Limits {
  readonly statements: number
  /** Rows that the statements under way may give, as far as that is known before. */
  readonly rows: number
  /** The same in bytes, by the rows that were seen. */
  readonly bytes: number
}

/** One statement that waits for its turn. */
export interface Turn {
  /** When it aborts, the statement no longer waits. */
  readonly signal: AbortSignal
  /** How many rows it may give. */
  readonly rows: number
}

/** Runs work when there is room for it. */
export interface Limiter {
  /** Rejects with the signal's reason when that aborts before it is the work's turn. */
  run<Row extends readonly unknown[]>(turn: Turn, work: () => Promise<Row[]>): Promise<Row[]>
  /** How many statements are under way, and how many wait. */
  readonly load: { readonly running: number; readonly waiting: number }
}

interface Waiter {
  readonly rows: number
  readonly start: () => void
}

const requests = new WeakMap<AbortSignal, object>()

/** Says which request the statements with a signal belong to. Otherwise those with one signal are a request's. */
export const belongsTo = (signal: AbortSignal, request: object): void => {
  requests.set(signal, request)
}

/** A row that was never seen. */
const ROW_BYTES = 1_024

/** How much of the widest row so far counts after each statement: a narrow one among wide ones says little of the next. */
const MEMORY = 0.99

/**
 * Requests take turns, however many statements each of them has waiting: one that asks a hundred cells does not keep another
 * waiting that asks three. Work that is larger than all the room there is runs alone.
 */
export const openLimiter = (limits: Limits): Limiter => {
  /** The request whose turn it is comes first. */
  const queues = new Map<object, Set<Waiter>>()
  let running = 0
  let held = 0
  let rowBytes = ROW_BYTES

  const hasRoom = (rows: number): boolean =>
    running === 0 ||
    (running < limits.statements && held + rows <= limits.rows && (held + rows) * rowBytes <= limits.bytes)

  const advance = (): void => {
    for (;;) {
      const [first] = queues
      if (first === undefined) return
      const [request, waiters] = first
      const [waiter] = waiters
      if (!hasRoom(waiter!.rows)) return
      queues.delete(request)
      waiters.delete(waiter!)
      if (waiters.size > 0) queues.set(request, waiters)
      waiter!.start()
    }
  }

  const begin = async <Row extends readonly unknown[]>(
    rows: number,
    work: () => Promise<Row[]>,
  ): Promise<Row[]> => {
    running++
    held += rows
    try {
      const answer = await work()
      if (answer.length > 0) rowBytes = Math.max(rowBytes * MEMORY, bytesOf(answer[0]!))
      return answer
    } finally {
      running--
      held -= rows
      advance()
    }
  }

  const wait = ({ signal, rows }: Turn, begin: () => void, reject: (reason: unknown) => void): void => {
    const request = requests.get(signal) ?? signal
    const waiters = queues.get(request) ?? new Set()
    queues.set(request, waiters)
    const leave = (): void => {
      waiters.delete(waiter)
      if (waiters.size === 0) queues.delete(request)
      reject(signal.reason)
      // Those behind it may need less room.
      advance()
    }
    const waiter = {
      rows,
      start: () => {
        // The work listens to the signal before this no longer does: a signal without listeners is taken for one that nobody needs.
        begin()
        signal.removeEventListener('abort', leave)
      },
    }
    waiters.add(waiter)
    signal.addEventListener('abort', leave, { once: true })
  }

  return {
    run: async (turn, work) => {
      turn.signal.throwIfAborted()
      if (queues.size === 0 && hasRoom(turn.rows)) return begin(turn.rows, work)
      return new Promise((resolve, reject) => {
        wait(turn, () => resolve(begin(turn.rows, work)), reject)
      })
    },
    get load() {
      let waiting = 0
      for (const waiters of queues.values()) waiting += waiters.size
      return { running, waiting }
    },
  }
}

/** About how many bytes a row keeps: eight for each value, and its text. */
const bytesOf = (row: readonly unknown[]): number => {
  let bytes = 0
  for (const value of row)
    bytes += 8 + (typeof value === 'string' || value instanceof Uint8Array ? value.length : 0)
  return bytes
}
