import { setMaxListeners } from 'node:events'
import type { Notes } from './notes.js'
import type { Surroundings } from './surroundings.js'

/**
 * Who may do something, for as long as they say so again and again: a note that changes. Nobody's time of day matters; who sees that it has not
 * changed for a while, by their own clock, takes it.
 */
export interface Lease {
  /** Whether it is ours, for {@link TERM} from now on. */
  renew(signal: AbortSignal): Promise<boolean>
  /** Another one may have it at once. */
  release(signal: AbortSignal): Promise<void>
  /** Who has it, as far as was seen. */
  holder(): string | null
}

/** Milliseconds after which a lease that was not renewed is anybody's. */
export const TERM = 10_000
/** Milliseconds between renewals. */
export const RENEWAL = 3_000

interface Said {
  readonly holder: string | null
}

export const openLease = (notes: Notes, key: string, me: string, { now }: Pick<Surroundings, 'now'>): Lease => {
  let seen: { readonly revision: number; readonly at: number } | undefined
  let holder: string | null = null

  const take = async (says: Said, revision: number, signal: AbortSignal): Promise<boolean> => {
    const done = await notes.set(key, says, revision, signal)
    if (done) {
      seen = { revision: revision + 1, at: now() }
      holder = says.holder
    }
    return done
  }

  return {
    holder: () => holder,
    renew: async signal => {
      const { says, revision } = await notes.read<Said>(key, signal)
      holder = says?.holder ?? null
      if (seen?.revision !== revision) seen = { revision, at: now() }
      const free = holder === null || holder === me || now() - seen.at >= TERM
      return free && (await take({ holder: me }, revision, signal))
    },
    release: async signal => {
      const { says, revision } = await notes.read<Said>(key, signal)
      if (says?.holder === me) await take({ holder: null }, revision, signal)
    },
  }
}

/** Renews a lease again and again, until what this gives is called. */
export const renewing = (
  lease: Lease,
  { sleep }: Pick<Surroundings, 'sleep'>,
  signal: AbortSignal,
): (() => Promise<void>) => {
  const over = new AbortController()
  const own = AbortSignal.any([signal, over.signal])
  const running = (async () => {
    while (!own.aborted) {
      await lease.renew(own).catch(() => {})
      await sleep(RENEWAL, own)
    }
  })()
  return async () => {
    over.abort()
    await running
    await lease.release(new AbortController().signal).catch(() => {})
  }
}

/**
 * Does the work while the lease is ours, and waits while it is not. The work's signal aborts when it is lost.
 *
 * Harm is never done by two who believe to have it, since versions decide what is written; only work is.
 */
export const underLease = async (
  lease: Lease,
  { now, sleep }: Pick<Surroundings, 'now' | 'sleep'>,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> => {
  const renewed = (): Promise<boolean> => lease.renew(signal).catch(() => false)
  while (!signal.aborted) {
    if (!(await renewed())) {
      await sleep(RENEWAL, signal)
      continue
    }
    const term = new AbortController()
    const own = AbortSignal.any([signal, term.signal])
    setMaxListeners(0, own)
    const working = work(own)
    let until = now() + TERM
    while (!own.aborted) {
      await sleep(RENEWAL, own)
      if (own.aborted) break
      if (await renewed()) until = now() + TERM
      else if (now() >= until - RENEWAL) term.abort()
    }
    await working
  }
  await lease.release(new AbortController().signal).catch(() => {})
}
