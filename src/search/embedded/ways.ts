/** What is known of a page before its documents are looked for. An index has its order. */
export interface Chances {
  /** How many documents there are. */
  readonly all: number
  /** How many are wanted. */
  readonly limit: number
  /** How many the best driver has; infinite where it was not worth counting. */
  readonly driven: number
  /** The same, without the driver that the order's index begins with. */
  readonly others: number
}

/**
 * `drive`: look at all that a driver has, and sort them. `walk`: look at one after the other in their order until there are enough. `both`:
 * read the order's index, and look only at what a driver has as well. `scan`: look at everything.
 */
export type Way = 'drive' | 'walk' | 'both' | 'scan'

/** Microseconds to look at a document, and to read an entry of an index. Only their ratio matters. */
const LOOK = 4
const READ = 0.5

/** Where a driver has more than this, walking is cheaper than what it would be used for. */
export const worthCounting = (all: number, limit: number): number =>
  Math.ceil(Math.sqrt((LOOK / READ) * all * limit))

/** The cheapest way, as if all that is asked for were independent of each other. */
export const wayFor = ({ all, limit, driven, others }: Chances): Exclude<Way, 'scan'> => {
  const passed = limit * Math.max(1, all / Math.min(others, all))
  const walk = passed * LOOK
  const both = (others + passed) * READ + limit * LOOK
  const drive = driven * LOOK
  if (drive <= walk && drive <= both) return 'drive'
  return both < walk ? 'both' : 'walk'
}
