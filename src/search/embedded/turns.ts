/** Places for work, each for one piece of it at a time. The one that came free last is the next. */
export interface Turns<Place> {
  /** Rejects with the signal's reason when that aborts before there is a place. The place is free again when the work is over. */
  run<T>(
    signal: AbortSignal,
    begin: (place: Place) => { readonly said: Promise<T>; readonly over: Promise<void> },
  ): Promise<T>
}

export const openTurns = <Place>(places: readonly Place[]): Turns<Place> => {
  const free = [...places]
  const waiting = new Set<(place: Place) => void>()

  const place = (signal: AbortSignal): Promise<Place> =>
    new Promise((resolve, reject) => {
      const go = (place: Place): void => {
        signal.removeEventListener('abort', leave)
        resolve(place)
      }
      const leave = (): void => {
        waiting.delete(go)
        reject(signal.reason)
      }
      waiting.add(go)
      signal.addEventListener('abort', leave, { once: true })
    })

  const release = (place: Place): void => {
    const [next] = waiting
    if (next === undefined) free.push(place)
    else {
      waiting.delete(next)
      next(place)
    }
  }

  return {
    run: async (signal, begin) => {
      const mine = free.pop() ?? (await place(signal))
      const { said, over } = begin(mine)
      void over.then(() => release(mine))
      return said
    },
  }
}
