import type { Filling } from './fill.js'

/** How far a rebuild is. */
export interface RebuildProgress {
  /** `filling`: documents are written; `finishing`: the index makes them searchable; `verifying`: everything is compared with the cells. */
  readonly phase: 'filling' | 'finishing' | 'verifying'
  readonly generation: string
  /** Documents so far, those of a run before included. */
  readonly documents: number
  /** How many there will be, as the cells said when it began. */
  readonly expected: number
  /** Documents a second, since it began or was resumed. */
  readonly rate: number
  /** Milliseconds that filling still takes at this rate; null where that is not known yet. */
  readonly left: number | null
  readonly cells: readonly Filling[]
}

/** Gathers how far the cells are. */
export interface Meter {
  cell(filling: Filling): void
  phase(phase: RebuildProgress['phase']): void
  documents(): number
}

export const openMeter = (
  generation: string,
  cells: number,
  tell: (progress: RebuildProgress) => void,
  now: () => number,
): Meter => {
  const began = now()
  const fillings = new Map<string, Filling>()
  /** What an earlier run had written. */
  const before = new Map<string, number>()
  let phase: RebuildProgress['phase'] = 'filling'

  const sum = (of: (filling: Filling) => number): number =>
    [...fillings.values()].reduce((all, filling) => all + of(filling), 0)

  const say = (): void => {
    const [documents, expected] = [sum(one => one.documents), sum(one => one.expected)]
    const fresh = sum(({ uuid, documents }) => documents - before.get(uuid)!)
    const rate = (1_000 * fresh) / Math.max(1, now() - began)
    const isKnown = rate > 0 && fillings.size === cells
    tell({
      phase,
      generation,
      documents,
      expected,
      rate,
      left: isKnown ? (1_000 * (expected - documents)) / rate : null,
      cells: [...fillings.values()],
    })
  }

  return {
    cell: filling => {
      if (!before.has(filling.uuid)) before.set(filling.uuid, filling.documents)
      fillings.set(filling.uuid, filling)
      say()
    },
    phase: next => {
      phase = next
      say()
    },
    documents: () => sum(one => one.documents),
  }
}
