import t from 'tap'
import { STATES } from '../../src/indexing/rabbitmq/states.js'

/** Every state and every event: what comes next, and what is done. */
const TABLE = `
              run               connected        prepared            failed                abort                 due              drained         closed
idle          connecting:dial   -                -                   -                     stopped:finish        -                -               -
connecting    -                 preparing:prepare -                  waiting:wait          leaving:              -                -               -
preparing     -                 -                consuming:begin     waiting:drop,wait     closing:close         -                -               -
consuming     -                 -                -                   waiting:drop,wait     draining:drain        -                -               -
waiting       -                 -                -                   -                     stopped:unwait,finish connecting:dial  -               -
draining      -                 -                -                   stopped:drop,finish   -                     -                closing:close   -
leaving       -                 closing:close    -                   stopped:finish        -                     -                -               -
closing       -                 -                -                   stopped:drop,finish   -                     -                -               stopped:drop,finish
stopped       connecting:dial   -                -                   -                     stopped:finish        -                -               -
`
const [events = [], ...rows] = TABLE.trim()
  .split('\n')
  .map(line => line.trim().split(/\s+/))

t.test('every state answers every event', async t => {
  t.strictSame(Object.keys(STATES).sort(), rows.map(([state]) => state).sort())
  for (const [state = '', ...cells] of rows) {
    const steps = Object.entries(STATES[state as keyof typeof STATES]).map(([event, { next, actions }]) => [
      event,
      `${next}:${actions.join()}`,
    ])
    const expected = events.map((event, at) => [event, cells[at] === '-' ? `${state}:` : cells[at]])
    t.strictSame(Object.fromEntries(steps), Object.fromEntries(expected), state)
  }
})

t.test('whatever happens, a feed that is told to stop comes to its end, and no earlier', async t => {
  // What the surroundings owe to each state: one of these events is sure to come.
  const sure = {
    connecting: ['connected', 'failed'],
    preparing: ['prepared', 'failed'],
    waiting: ['due'],
    draining: ['drained'],
    leaving: ['connected', 'failed'],
    closing: ['closed'],
  } as const
  const ends = (state: keyof typeof STATES, seen: readonly string[]): boolean => {
    if (state === 'stopped') return true
    if (seen.includes(state)) return false
    return sure[state as keyof typeof sure].every(event => ends(STATES[state][event].next, [...seen, state]))
  }
  for (const state of Object.keys(STATES) as (keyof typeof STATES)[]) {
    t.ok(ends(STATES[state].abort.next, []), `aborted while ${state}`)
    for (const [event, { next, actions }] of Object.entries(STATES[state]))
      t.equal(
        actions.includes('finish'),
        next === 'stopped' && !(state === 'stopped' && event !== 'abort'),
        event,
      )
  }
})
