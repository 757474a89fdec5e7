/** Keeps a cell that says it has lost most of its records from emptying the index: that is a human's decision. */
export interface Guard {
  /** Whether so many more documents may go. */
  allows(count: number, signal: AbortSignal): Promise<boolean>
}

/** Of the documents of one cell whose records were alive, in one hour. */
export interface GuardSettings {
  /** What share of them may go, 0 to 1. */
  readonly share: number
  /** So many may go whatever the share says. */
  readonly least: number
}

export const GUARD: GuardSettings = { share: 0.1, least: 50 }

const HOUR = 3_600_000

/** `documents`: how many of these the index has. */
export const openGuard = (
  { share, least }: GuardSettings,
  documents: (signal: AbortSignal) => Promise<number>,
  now: () => number,
): Guard => {
  let hour: { readonly from: number; readonly most: number; gone: number } | undefined
  return {
    allows: async (count, signal) => {
      if (hour === undefined || now() - hour.from >= HOUR)
        hour = { from: now(), most: Math.max(least, share * (await documents(signal))), gone: 0 }
      const may = hour.gone + count <= hour.most
      if (may) hour.gone += count
      return may
    },
  }
}
