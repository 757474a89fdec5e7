/** What comes in parts, while somebody takes them. */
export interface Feed<T> extends AsyncIterable<T> {
  push(part: T): void
  /** There is no more. */
  end(): void
}

/** Rejects whoever waits for a part with the signal's reason when that aborts. */
export const openFeed = <T>(signal: AbortSignal): Feed<T> => {
  const parts: T[] = []
  let ended = false
  let wake = (): void => {}
  signal.addEventListener('abort', () => wake(), { once: true })
  return {
    push: part => {
      parts.push(part)
      wake()
    },
    end: () => {
      ended = true
      wake()
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        signal.throwIfAborted()
        const next = parts.shift()
        if (next !== undefined) yield next
        else if (ended) return
        else await new Promise<void>(resolve => (wake = resolve))
      }
    },
  }
}
