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
  /** Statements with the same signal are one request's. When it aborts, they no longer wait. */
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
  const queues = new Map<AbortSignal, Set<Waiter>>()
  let running = 0
  let rows = 0
  let rowBytes = ROW_BYTES

  const hasRoom = (more: number): boolean =>
    running === 0 ||
    (running < limits.statements && rows + more <= limits.rows && (rows + more) * rowBytes <= limits.bytes)

  const advance = (): void => {
    for (;;) {
      const [first] = queues
      if (first === undefined) return
      const [signal, waiters] = first
      const [waiter] = waiters
      if (!hasRoom(waiter!.rows)) return
      queues.delete(signal)
      waiters.delete(waiter!)
      if (waiters.size > 0) queues.set(signal, waiters)
      waiter!.start()
    }
  }

  const wait = (signal: AbortSignal, rows: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const waiters = queues.get(signal) ?? new Set()
      queues.set(signal, waiters)
      const leave = (): void => {
        waiters.delete(waiter)
        if (waiters.size === 0) queues.delete(signal)
        reject(signal.reason)
      }
      const waiter = {
        rows,
        start: () => {
          signal.removeEventListener('abort', leave)
          begin(rows)
          resolve()
        },
      }
      waiters.add(waiter)
      signal.addEventListener('abort', leave, { once: true })
    })

  const begin = (more: number): void => {
    running++
    rows += more
  }

  return {
    run: async (turn, work) => {
      turn.signal.throwIfAborted()
      if (queues.size === 0 && hasRoom(turn.rows)) begin(turn.rows)
      else await wait(turn.signal, turn.rows)
      try {
        const answer = await work()
        if (answer.length > 0) rowBytes = Math.max(rowBytes * MEMORY, bytesOf(answer[0]!))
        return answer
      } finally {
        running--
        rows -= turn.rows
        advance()
      }
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
