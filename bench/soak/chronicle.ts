/** What was done to a database, and when. */
interface Trouble {
  readonly site: string
  readonly fault: string
  readonly from: number
  to: number
}

/** What happened, for whoever has to judge an answer. */
export interface Chronicle {
  /** A fault begins. Returns what ends it. */
  trouble(site: string, fault: string): () => void
  /** The last before this time, in words. */
  lastTrouble(site: string, at: number): string
  /** Whether the database had any in this time, or so shortly before that it still tells. */
  wasTroubled(site: string, from: number, to: number): boolean
  /** Somebody was late whom nobody had struck: the machine is busy. That is trouble as well. */
  late(site: string, from: number, to: number): void
  /** Milliseconds of this time in which this process itself stood still. */
  stalled(from: number, to: number): number
  readonly faults: ReadonlyMap<string, number>
  /** The longest time that this process stood still. */
  readonly longestStall: number
  stop(): void
}

/** Milliseconds from a fault's end until nothing tells of it any more: the breaker's longest pause, its check, and another statement. */
const ECHO_MS = 4_000

const TICK_MS = 10

/** A tick that comes so much later is a stall. */
const STALL_MS = 15

export const startChronicle = (): Chronicle => {
  const troubles: Trouble[] = []
  const faults = new Map<string, number>()
  const stalls: { readonly at: number; readonly ms: number }[] = []
  let longestStall = 0
  let last = performance.now()
  const ticks = setInterval(() => {
    const at = performance.now()
    const ms = at - last - TICK_MS
    last = at
    if (ms < STALL_MS) return
    longestStall = Math.max(longestStall, ms)
    stalls.push({ at, ms })
    while (stalls[0]!.at < at - 60_000) stalls.shift()
  }, TICK_MS)
  return {
    trouble: (site, fault) => {
      const one: Trouble = { site, fault, from: performance.now(), to: Number.POSITIVE_INFINITY }
      troubles.push(one)
      faults.set(fault, (faults.get(fault) ?? 0) + 1)
      return () => {
        one.to = performance.now()
      }
    },
    late: (site, from, to) => {
      troubles.push({ site, fault: 'late', from, to })
    },
    wasTroubled: (site, from, to) =>
      troubles.some(one => one.site === site && one.from <= to && one.to + ECHO_MS >= from),
    lastTrouble: (site, at) => {
      const last = troubles.findLast(one => one.site === site && one.from <= at)
      return last === undefined
        ? 'never any'
        : `${last.fault} from ${Math.round(at - last.from)} to ${Math.round(at - last.to)} ms before`
    },
    stalled: (from, to) =>
      stalls.reduce((sum, { at, ms }) => (at >= from && at - ms <= to ? sum + ms : sum), 0),
    faults,
    get longestStall() {
      return longestStall
    },
    stop: () => clearInterval(ticks),
  }
}
