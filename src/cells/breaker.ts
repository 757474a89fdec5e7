/**
 * What is remembered between requests of a cell that fails: whether it is asked at all. A total table of states and events; no
 * clock and no chance of its own.
 *
 * @module
 */

/** How often a cell may fail before it is left alone, and for how long. */
export interface BreakerSettings {
  /** Failures one after the other until the breaker opens. */
  readonly failures: number
  /** Milliseconds from which on an answer counts as a failure. */
  readonly slow: number
  /** Milliseconds that it stays open the first time. It doubles whenever the probe fails. */
  readonly pause: number
  /** Milliseconds that it stays open at the most. */
  readonly longest: number
}

/** What applies where nothing else is said. */
export const BREAKER: BreakerSettings = { failures: 3, slow: 5_000, pause: 1_000, longest: 10_000 }

/** `closed`: asked as ever. `open`: not asked until then. `half-open`: one statement is under way, to see whether it answers again. */
export type BreakerState =
  | { readonly state: 'closed'; readonly failures: number; readonly answeredAt: number }
  | { readonly state: 'open'; readonly opened: number; readonly until: number }
  | { readonly state: 'half-open'; readonly opened: number; readonly probe: number }

/** What happens to a cell. Each statement has a number; the times are one clock's, in milliseconds. */
export type BreakerEvent =
  /** A statement is about to be sent. */
  | { readonly event: 'asked'; readonly statement: number; readonly at: number }
  /** The server has said something, be it an error of the statement. */
  | { readonly event: 'answered'; readonly statement: number; readonly since: number; readonly at: number }
  /** The server has said nothing, or nothing that could be read. */
  | { readonly event: 'failed'; readonly statement: number; readonly since: number; readonly at: number }
  /** Nobody waited for what it would say. */
  | { readonly event: 'abandoned'; readonly statement: number; readonly since: number; readonly at: number }

/** The state of a cell that was never asked. */
export const CLOSED: BreakerState = {
  state: 'closed',
  failures: 0,
  answeredAt: Number.NEGATIVE_INFINITY,
}

/**
 * The next state. A statement may be sent when an `asked` leads to a state other than `open` in which it is the probe, if there
 * is one: see {@link admits}.
 *
 * @param jitter - from 0 to 1: which part of its second half a pause has, so that not all processes probe at once
 */
export const next = (
  state: BreakerState,
  event: BreakerEvent,
  settings: BreakerSettings,
  jitter: number,
): BreakerState => {
  switch (state.state) {
    case 'closed':
      return whileClosed(state, event, settings, jitter)
    case 'open':
      // What was asked before it opened, and is answered now, says nothing of the time since.
      return event.event === 'asked' && event.at >= state.until
        ? { state: 'half-open', opened: state.opened, probe: event.statement }
        : state
    case 'half-open':
      if (event.event === 'asked' || event.statement !== state.probe) return state
      // The next statement is the next probe.
      if (event.event === 'abandoned') return { state: 'open', opened: state.opened, until: event.at }
      return isAnswer(event, settings)
        ? { state: 'closed', failures: 0, answeredAt: event.at }
        : opened(state.opened + 1, event.at, settings, jitter)
  }
}

/** Whether a statement that was asked for may be sent, as the state behind that says. */
export const admits = (state: BreakerState, statement: number): boolean =>
  state.state === 'closed' || (state.state === 'half-open' && state.probe === statement)

type Closed = Extract<BreakerState, { state: 'closed' }>
type Verdict = Extract<BreakerEvent, { event: 'answered' | 'failed' }>

const isAnswer = ({ event, since, at }: Verdict, { slow }: BreakerSettings): boolean =>
  event === 'answered' && at - since < slow

const whileClosed = (
  state: Closed,
  event: BreakerEvent,
  settings: BreakerSettings,
  jitter: number,
): BreakerState => {
  if (event.event === 'asked' || event.event === 'abandoned') return state
  if (isAnswer(event, settings)) return { ...state, failures: 0, answeredAt: event.at }
  // It has answered others meanwhile: the statement was the matter, not the cell.
  if (event.since <= state.answeredAt) return state
  const failures = state.failures + 1
  return failures < settings.failures ? { ...state, failures } : opened(1, event.at, settings, jitter)
}

const opened = (
  opened: number,
  at: number,
  { pause, longest }: BreakerSettings,
  jitter: number,
): BreakerState => {
  const full = Math.min(pause * 2 ** (opened - 1), longest)
  return { state: 'open', opened, until: at + (full * (1 + jitter)) / 2 }
}

/** The breaker of one cell. */
export interface Breaker {
  readonly state: BreakerState
  /** The number of a statement that may be sent; undefined when the cell is left alone. */
  ask(): number | undefined
  /** What became of it. `since`: when it was sent. */
  tell(event: 'answered' | 'failed' | 'abandoned', statement: number, since: number): void
}

/** What a breaker lives in. */
export interface BreakerSurroundings {
  /** The clock, in milliseconds. */
  readonly now: () => number
  /** Numbers from 0 to 1. */
  readonly random: () => number
  /** Told of every change from one state to another. */
  readonly changed: (state: BreakerState) => void
}

/** A breaker that is closed. */
export const openBreaker = (
  settings: BreakerSettings,
  { now, random, changed }: BreakerSurroundings,
): Breaker => {
  let state: BreakerState = CLOSED
  let statements = 0
  const happens = (event: BreakerEvent): void => {
    const before = state
    state = next(before, event, settings, random())
    if (state.state !== before.state) changed(state)
  }
  return {
    get state() {
      return state
    },
    ask: () => {
      const statement = ++statements
      happens({ event: 'asked', statement, at: now() })
      return admits(state, statement) ? statement : undefined
    },
    tell: (event, statement, since) => happens({ event, statement, since, at: now() }),
  }
}
