/** What became of a hint. */
export type HintOutcome = 'applied' | 'again'

/** Hints about one cell, put together. */
export interface HintQueue {
  hint(uuid: string, at: number | undefined): Promise<HintOutcome>
  /** Hints that are not applied yet. */
  waiting(): number
  /** Milliseconds since 1970 at which the oldest of these was said; null when nobody knows, or there is none. */
  oldest(): number | null
}

export interface HintSettings {
  /** Milliseconds for which hints are gathered, after a time without any. */
  readonly window: number
  /** Records that are read at once. */
  readonly batch: number
  /** Batches under way at once: one is read while another is written. */
  readonly batches: number
}

export const HINTS: HintSettings = { window: 20, batch: 500, batches: 2 }

interface Waiting {
  at: number | undefined
  readonly told: ((outcome: HintOutcome) => void)[]
}

/**
 * Gathers hints by uuid. What is hinted at while it is read is read again behind that: what was read may have been older than the hint.
 *
 * @param apply - resolves with the uuids that have to come again; rejects when all of them have to. `said`: when each of them was, where that is known
 */
export const openHintQueue = (
  { window, batch, batches }: HintSettings,
  apply: (uuids: readonly string[], said: (uuid: string) => number | undefined) => Promise<readonly string[]>,
  sleep: (milliseconds: number) => Promise<void>,
): HintQueue => {
  const pending = new Map<string, Waiting>()
  const reading = new Map<string, Waiting>()
  let running = 0
  let gathering = false

  const take = (): Map<string, Waiting> => {
    const taken = new Map<string, Waiting>()
    for (const [uuid, waiting] of pending) {
      if (reading.has(uuid)) continue
      taken.set(uuid, waiting)
      if (taken.size === batch) break
    }
    for (const [uuid, waiting] of taken) {
      pending.delete(uuid)
      reading.set(uuid, waiting)
    }
    return taken
  }

  const run = async (taken: ReadonlyMap<string, Waiting>): Promise<void> => {
    running++
    const again = new Set(await apply([...taken.keys()], uuid => taken.get(uuid)!.at).catch(() => taken.keys()))
    running--
    for (const [uuid, { told }] of taken) {
      reading.delete(uuid)
      for (const tell of told) tell(again.has(uuid) ? 'again' : 'applied')
    }
    begin()
  }

  const begin = (): void => {
    while (running < batches) {
      const taken = take()
      if (taken.size === 0) return
      void run(taken)
    }
  }

  const gather = async (): Promise<void> => {
    gathering = true
    await sleep(window)
    gathering = false
    begin()
  }

  return {
    hint: (uuid, at) =>
      new Promise(tell => {
        const waiting = pending.get(uuid)
        if (waiting === undefined) pending.set(uuid, { at, told: [tell] })
        else {
          waiting.told.push(tell)
          waiting.at = Math.min(waiting.at ?? Number.POSITIVE_INFINITY, at ?? Number.POSITIVE_INFINITY)
        }
        if (running === 0 && !gathering) void gather()
      }),
    waiting: () => pending.size + reading.size,
    oldest: () => oldestOf([...pending.values(), ...reading.values()].map(({ at }) => at)),
  }
}

/** The earliest of some times; null where none is known. */
export const oldestOf = (times: readonly (number | undefined)[]): number | null => {
  const oldest = times.reduce<number>((a, b) => Math.min(a, b ?? a), Number.POSITIVE_INFINITY)
  return Number.isFinite(oldest) ? oldest : null
}
