/**
 * What a feed does next, whatever happens: a total table of states and events. It does nothing itself.
 *
 * @module
 */

export type State =
  | 'idle'
  | 'connecting'
  /** Connected; the queue is looked at. */
  | 'preparing'
  | 'consuming'
  /** Until the next try. */
  | 'waiting'
  /** To be stopped: what is under way comes to its end. */
  | 'draining'
  /** To be stopped, while a connection is being made, which can't be given up. */
  | 'leaving'
  | 'closing'
  | 'stopped'

export type Event =
  | 'run'
  | 'connected'
  | 'prepared'
  /** No connection was made, or this one has failed in whatever way. */
  | 'failed'
  /** The time until the next try is over. */
  | 'due'
  | 'abort'
  /** Nothing is under way any more, or nobody waits for it any longer. */
  | 'drained'
  | 'closed'

export type Action =
  | 'dial'
  | 'prepare'
  /** Says that hints may have been lost, and looks at the queue from now on. */
  | 'begin'
  | 'wait'
  | 'unwait'
  | 'drain'
  | 'close'
  /** The connection counts no more: what it has not acknowledged comes again. */
  | 'drop'
  | 'finish'

export interface Step {
  readonly next: State
  readonly actions: readonly Action[]
}

const to = (next: State, ...actions: readonly Action[]): Step => ({ next, actions })

/** An event that comes too late, or means nothing here, changes nothing. */
const row = (state: State, steps: Partial<Record<Event, Step>>): Readonly<Record<Event, Step>> => {
  const stay = to(state)
  return {
    run: stay,
    connected: stay,
    prepared: stay,
    failed: stay,
    due: stay,
    abort: stay,
    drained: stay,
    closed: stay,
    ...steps,
  }
}

/** Of every state, what every event leads to. */
export const STATES: Readonly<Record<State, Readonly<Record<Event, Step>>>> = {
  idle: row('idle', { run: to('connecting', 'dial'), abort: to('stopped', 'finish') }),
  connecting: row('connecting', {
    connected: to('preparing', 'prepare'),
    failed: to('waiting', 'wait'),
    abort: to('leaving'),
  }),
  preparing: row('preparing', {
    prepared: to('consuming', 'begin'),
    failed: to('waiting', 'drop', 'wait'),
    abort: to('closing', 'close'),
  }),
  consuming: row('consuming', {
    failed: to('waiting', 'drop', 'wait'),
    abort: to('draining', 'drain'),
  }),
  waiting: row('waiting', {
    due: to('connecting', 'dial'),
    abort: to('stopped', 'unwait', 'finish'),
  }),
  draining: row('draining', {
    drained: to('closing', 'close'),
    failed: to('stopped', 'drop', 'finish'),
  }),
  leaving: row('leaving', {
    connected: to('closing', 'close'),
    failed: to('stopped', 'finish'),
  }),
  closing: row('closing', {
    // The broker may be the first to end a connection that is being closed.
    failed: to('stopped', 'drop', 'finish'),
    closed: to('stopped', 'drop', 'finish'),
  }),
  stopped: row('stopped', { run: to('connecting', 'dial'), abort: to('stopped', 'finish') }),
}
