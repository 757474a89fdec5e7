import { publishIndexing } from '../../observability.js'
import type { Feed, FeedStatus, HintSink } from '../feed.js'
import { real, type Surroundings } from '../surroundings.js'
import { dial } from './dial.js'
import { reasonOf } from './failure.js'
import { PACE, type Pace, pause } from './pace.js'
import { openSession, type Session } from './session.js'
import type { RabbitSettings } from './settings.js'
import { type Action, type Event, STATES, type State } from './states.js'
import { type Feeding, newTally } from './tally.js'

/** What `status()` says of a state. */
const SHOWN: Readonly<Record<State, FeedStatus['state']>> = {
  idle: 'idle',
  connecting: 'connecting',
  preparing: 'connecting',
  consuming: 'connected',
  waiting: 'connecting',
  draining: 'connected',
  leaving: 'connecting',
  closing: 'connected',
  stopped: 'stopped',
}

/** Does what the table of states says. */
export const openRabbitFeed = (
  settings: RabbitSettings,
  surroundings: Surroundings = real,
  pace: Pace = PACE,
): Feed => {
  const { name, cell, addresses } = settings
  const { now, random, sleep } = surroundings
  const tally = newTally()
  let state: State = 'idle'
  let session: Session | undefined

  const follow = (feeding: Feeding, signal: AbortSignal, finished: () => void): void => {
    let failures = 0
    let turn = 0
    let reason = ''
    let begun = Number.POSITIVE_INFINITY
    let timer = new AbortController()

    const tell = (event: Event): void => {
      const { next, actions } = STATES[state][event]
      const [before, now] = [SHOWN[state], SHOWN[next]]
      state = next
      if (now !== before) publishIndexing(() => ({ kind: 'feed', feed: name, state: now }))
      for (const action of actions) ACTIONS[action]()
    }
    const abort = (): void => tell('abort')
    const failed = (error: unknown): void => {
      tally.error = reasonOf(error)
      tell('failed')
    }
    const prepared = (why: string): void => {
      reason = why
      tell('prepared')
    }

    /** Tells of the end of it, whatever it was, and waits no longer than a stop may take. */
    const within = async (work: Promise<void>, event: Event): Promise<void> => {
      const limit = new AbortController()
      await Promise.race([work.catch(() => {}), sleep(pace.stop, limit.signal)])
      limit.abort()
      tell(event)
    }

    const ACTIONS: Readonly<Record<Action, () => void>> = {
      dial: () =>
        void dial(addresses[turn % addresses.length]!, feeding).then(model => {
          session = openSession(model, feeding, { prepared, failed })
          tell('connected')
        }, failed),
      prepare: () => session!.prepare(),
      begin: () => {
        begun = now()
        tally.error = null
        feeding.sink.gap(reason)
        session!.watch()
      },
      wait: () => {
        tally.waiting = null
        // One that goes wrong again and again soon after it was made is no better than none.
        if (now() - begun >= pace.longestRetry) failures = 0
        begun = Number.POSITIVE_INFINITY
        turn++
        const round = Math.floor(failures++ / addresses.length)
        timer = new AbortController()
        const waited = timer.signal
        void sleep(pause(pace.retry, pace.longestRetry, round, random()), waited).then(() => {
          if (!waited.aborted) tell('due')
        })
      },
      unwait: () => timer.abort(),
      drain: () => void within(session!.drain(), 'drained'),
      close: () => void within(session!.close(), 'closed'),
      drop: () => {
        session!.drop()
        session = undefined
      },
      finish: () => {
        signal.removeEventListener('abort', abort)
        finished()
      },
    }

    signal.addEventListener('abort', abort)
    tell(signal.aborted ? 'abort' : 'run')
  }

  return {
    name,
    run: (sink, signal) =>
      new Promise(finished => {
        follow({ settings, surroundings, pace, tally, sink: counted(sink, tally) }, signal, finished)
      }),
    status: () => ({ name, cell, state: SHOWN[state], oldest: session?.oldest() ?? null, ...tally }),
  }
}

const counted = (sink: HintSink, tally: Feeding['tally']): HintSink => ({
  hint: hint => sink.hint(hint),
  gap: reason => {
    tally.gaps++
    sink.gap(reason)
  },
})
