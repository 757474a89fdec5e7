import type { Cell } from '../cells/cell.js'
import { publishIndexing, uuidAndName } from '../observability.js'
import type { Hint } from './feed.js'
import { type HintOutcome, type HintQueue, oldestOf, openHintQueue } from './hints.js'
import { type Kept, keep, type Target } from './keeper.js'
import { openLease, underLease } from './lease.js'
import { type Watch, watchOf } from './watch.js'

/** One cell of a session. */
export interface Tended {
  readonly kept: Kept
  readonly watch: Watch
  readonly hints: HintQueue
  /** Who polls and sweeps it; null when nobody is known to. */
  readonly holder: () => string | null
}

/** One generation and the cells as they were at its beginning, kept true until its signal aborts. */
export interface Session {
  readonly generation: string
  readonly cells: readonly Tended[]
  hint(hint: Hint): Promise<HintOutcome>
  /** Of the cell that is named, or of all. */
  gap(cell: string | null): void
  run(): Promise<void>
}

export const openSession = (
  target: Target,
  cells: readonly Cell[],
  me: string,
  signal: AbortSignal,
): Session => {
  const { inside, notes, surroundings, settings, generation } = target
  const sleep = (milliseconds: number): Promise<void> => surroundings.sleep(milliseconds, signal)

  const tended = cells.map((cell): Tended & { readonly run: () => Promise<void> } => {
    const kept = keep(target, cell)
    const watch = watchOf(kept, me)
    const lease = openLease(notes, `lease ${cell.uuid}`, me, surroundings)
    const hints = openHintQueue(
      settings.hints,
      async (uuids, said) => {
        const again = await kept.applyOnce(uuids, signal).then(
          applied => applied.again,
          () => uuids,
        )
        publishIndexing(() => {
          const oldest = oldestOf(uuids.map(said))
          return {
            kind: 'hints',
            cell: uuidAndName(cell),
            applied: uuids.length - again.length,
            again: again.length,
            ms: oldest === null ? null : Math.max(0, surroundings.time() - oldest),
          }
        })
        return again
      },
      sleep,
    )
    return {
      kept,
      watch,
      hints,
      holder: lease.holder,
      run: () =>
        underLease(lease, surroundings, signal, async own => {
          const tell = (held: boolean): void =>
            publishIndexing(() => ({ kind: 'lease', cell: uuidAndName(cell), held }))
          tell(true)
          await watch.run(own)
          tell(false)
        }),
    }
  })
  const named = new Map<string | null | undefined, Tended>(
    tended.flatMap(one => {
      const { uuid, name } = one.kept.reader.cell
      return [
        [name, one],
        [uuid, one],
      ] as const
    }),
  )

  /** Of a bus of several cells: the mapping knows where an instance is, or that it is in none yet; where there is no mapping, every cell is asked. */
  const elsewhere = openHintQueue(
    settings.hints,
    async (uuids, said) => {
      const homes = (await inside.mappings?.homesOf(uuids, signal)) ?? new Map<string, string | null>()
      const again = await Promise.all(
        uuids.map(async uuid => {
          const home = homes.get(uuid)
          if (home === null) return []
          const known = named.get(home)
          const asked = known === undefined ? tended : [known]
          const told = await Promise.all(asked.map(one => one.hints.hint(uuid, said(uuid))))
          return told.includes('again') ? [uuid] : []
        }),
      )
      return again.flat()
    },
    sleep,
  )

  return {
    generation,
    cells: tended,
    hint: ({ uuid, cell, at }) => (named.get(cell)?.hints ?? elsewhere).hint(uuid, at),
    gap: cell => {
      const one = named.get(cell)
      for (const { watch } of one ? [one] : tended) watch.gap()
    },
    run: async () => {
      await Promise.all(tended.map(({ run }) => run()))
    },
  }
}
