import fc from 'fast-check'
import t from 'tap'
import {
  admits,
  BREAKER,
  type BreakerEvent,
  type BreakerState,
  CLOSED,
  next,
  openBreaker,
} from '../../src/cells/breaker.js'
import { seed } from '../fixtures/seed.js'

const SETTINGS = { failures: 3, slow: 500, pause: 1_000, longest: 8_000 }

const closed = (failures = 0, answeredAt = Number.NEGATIVE_INFINITY): BreakerState => ({
  state: 'closed',
  failures,
  answeredAt,
})
const open = (opened: number, until: number): BreakerState => ({ state: 'open', opened, until })
const halfOpen = (opened: number, probe: number): BreakerState => ({ state: 'half-open', opened, probe })

const asked = (statement: number, at: number): BreakerEvent => ({ event: 'asked', statement, at })
const said =
  (event: 'answered' | 'failed' | 'abandoned') =>
  (statement: number, since: number, at: number): BreakerEvent => ({ event, statement, since, at })
const [answered, failed, abandoned] = [said('answered'), said('failed'), said('abandoned')]

/** What happens, in which state, and which state that leads to. With no jitter, a pause is half of its full length. */
const TABLE: readonly (readonly [string, BreakerState, BreakerEvent, BreakerState])[] = [
  ['closed: a statement may be sent', closed(2, 10), asked(1, 20), closed(2, 10)],
  ['closed: an answer forgives all failures', closed(2, 10), answered(1, 20, 30), closed(0, 30)],
  ['closed: an answer in just under its time', closed(2, 10), answered(1, 20, 519), closed(0, 519)],
  ['closed: an answer that took too long is a failure', closed(0, 10), answered(1, 20, 520), closed(1, 10)],
  ['closed: a failure is counted', closed(1, 10), failed(1, 20, 30), closed(2, 10)],
  ['closed: one too many opens it', closed(2, 10), failed(1, 20, 30), open(1, 530)],
  ['closed: one too many that is slow opens it', closed(2, 10), answered(1, 20, 520), open(1, 1_020)],
  ['closed: others were answered meanwhile', closed(2, 25), failed(1, 20, 30), closed(2, 25)],
  ['closed: others were answered at that very moment', closed(2, 20), failed(1, 20, 30), closed(2, 20)],
  ['closed: others were answered while it was slow', closed(2, 25), answered(1, 20, 520), closed(2, 25)],
  ['closed: nobody waited', closed(2, 10), abandoned(1, 20, 30), closed(2, 10)],

  ['open: too early', open(2, 100), asked(1, 99), open(2, 100)],
  ['open: in time', open(2, 100), asked(1, 100), halfOpen(2, 1)],
  ['open: an answer of before', open(2, 100), answered(1, 20, 30), open(2, 100)],
  ['open: a failure of before', open(2, 100), failed(1, 20, 30), open(2, 100)],
  ['open: a statement of before is given up', open(2, 100), abandoned(1, 20, 30), open(2, 100)],

  ['half-open: another statement', halfOpen(2, 7), asked(8, 20), halfOpen(2, 7)],
  ['half-open: the probe is answered', halfOpen(2, 7), answered(7, 20, 30), closed(0, 30)],
  ['half-open: the probe is slow', halfOpen(2, 7), answered(7, 20, 520), open(3, 2_520)],
  ['half-open: the probe fails', halfOpen(2, 7), failed(7, 20, 30), open(3, 2_030)],
  [
    'half-open: the probe is given up, and the next one is a probe',
    halfOpen(2, 7),
    abandoned(7, 20, 30),
    open(2, 30),
  ],
  ['half-open: an answer of before', halfOpen(2, 7), answered(6, 20, 30), halfOpen(2, 7)],
  ['half-open: a failure of before', halfOpen(2, 7), failed(6, 20, 30), halfOpen(2, 7)],
  ['half-open: a statement of before is given up', halfOpen(2, 7), abandoned(6, 20, 30), halfOpen(2, 7)],
]

t.test('every state answers every event', async t => {
  for (const [name, before, event, after] of TABLE) t.same(next(before, event, SETTINGS, 0), after, name)
  const covered = new Set(TABLE.map(([, { state }, { event }]) => `${state} ${event}`))
  t.equal(covered.size, 3 * 4)
})

t.test('which statement may be sent', async t => {
  t.ok(admits(CLOSED, 1))
  t.notOk(admits(open(1, 100), 1))
  t.ok(admits(halfOpen(1, 7), 7))
  t.notOk(admits(halfOpen(1, 7), 8))
})

t.test('a pause doubles up to the longest, and chance takes up to half of it away', async t => {
  const pauses = (jitter: number) =>
    [1, 2, 3, 4, 5, 2_000].map(opened => {
      const state = next(halfOpen(opened - 1, 1), failed(1, 0, 0), SETTINGS, jitter)
      return state.state === 'open' && state.until
    })
  t.same(pauses(1), [1_000, 2_000, 4_000, 8_000, 8_000, 8_000])
  t.same(pauses(0), [500, 1_000, 2_000, 4_000, 4_000, 4_000])
})

t.test('a breaker tells of its changes, and of nothing else', async t => {
  let time = 0
  const changes: string[] = []
  const breaker = openBreaker(
    { ...SETTINGS, failures: 2 },
    { now: () => time, random: () => 1, changed: ({ state }) => changes.push(`${time} ${state}`) },
  )
  const fails = () => {
    const statement = breaker.ask()
    if (statement !== undefined) breaker.tell('failed', statement, time)
    return statement !== undefined
  }
  t.ok(fails())
  t.same(changes, [])
  t.ok(fails())
  time = 999
  t.notOk(fails(), 'left alone')
  time = 1_000
  t.ok(fails(), 'probed')
  time = 2_999
  t.notOk(fails(), 'for twice as long')
  time = 3_000
  const probe = breaker.ask()!
  t.equal(breaker.ask(), undefined, 'one probe at a time')
  breaker.tell('answered', probe, time)
  t.same(changes, ['0 open', '1000 half-open', '1000 open', '3000 half-open', '3000 closed'])
  t.match(breaker.state, { state: 'closed', failures: 0 })
})

t.test('what applies by default lets a probe through within ten seconds', async t => {
  t.equal(BREAKER.longest, 10_000)
})

/** What may happen next: time passes, a statement is asked for, or one that is under way ends. */
const steps = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat({ max: 4_000 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('ask' as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom('answered' as const, 'failed' as const, 'abandoned' as const),
        which: fc.nat(),
      }),
    },
  ),
  { maxLength: 80 },
)

t.test('whatever happens, and whenever', async () => {
  fc.assert(
    fc.property(
      steps,
      fc.record({
        failures: fc.integer({ min: 1, max: 4 }),
        slow: fc.integer({ min: 1, max: 3_000 }),
        pause: fc.integer({ min: 1, max: 2_000 }),
        longest: fc.integer({ min: 1, max: 5_000 }),
      }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 }),
      (steps, settings, chances) => {
        let time = 0
        let chance = 0
        const breaker = openBreaker(settings, {
          now: () => time,
          random: () => chances[chance++ % chances.length]!,
          changed: () => {},
        })
        const underWay = new Map<number, number>()
        /** Those that are under way and were sent while it was not closed. */
        const probes = new Set<number>()
        /** Statements that failed or were slow, sent after the last answer in time and all before. */
        let inARow = 0
        let lastAnswer = Number.NEGATIVE_INFINITY
        let pauses = 0
        const bad = (reason: string): never => {
          throw new Error(`${reason} at ${time}: ${JSON.stringify(breaker.state)}`)
        }
        for (const step of steps) {
          const before = breaker.state
          if (step.do === 'wait') {
            time += step.ms
            continue
          }
          if (step.do === 'ask') {
            const statement = breaker.ask()
            if (before.state === 'closed' && statement === undefined) bad('refused while closed')
            if (before.state === 'half-open' && statement !== undefined) bad('a second probe')
            if (before.state === 'open' && (statement !== undefined) !== time >= before.until)
              bad('a probe too early or too late')
            if (statement === undefined) continue
            underWay.set(statement, time)
            if (before.state !== 'closed') probes.add(statement)
            if (probes.size > 1) bad('two probes under way')
            continue
          }
          const [statement, since] = [...underWay][step.which % underWay.size] ?? []
          if (statement === undefined || since === undefined) continue
          underWay.delete(statement)
          breaker.tell(step.do, statement, since)
          const after = breaker.state
          const wasProbe = probes.delete(statement)
          const inTime = step.do === 'answered' && time - since < settings.slow
          if (before.state !== 'closed' && !wasProbe) {
            if (after !== before) bad('what was sent before it opened has changed it')
            continue
          }
          if (step.do === 'abandoned') {
            if (after.state === 'closed' ? after !== before : after.state !== 'open' || after.until > time)
              bad('nobody waited, and that has changed it')
            continue
          }
          if (inTime) {
            if (after.state !== 'closed') bad('an answer in time, and it is not closed')
            ;[inARow, lastAnswer, pauses] = [0, time, 0]
            continue
          }
          if (before.state === 'closed') {
            if (since > lastAnswer) inARow++
            if ((after.state === 'open') !== inARow >= settings.failures) bad(`${inARow} failures in a row`)
          }
          if (after.state !== 'open') continue
          inARow = 0
          pauses++
          const full = Math.min(settings.pause * 2 ** (pauses - 1), settings.longest)
          const pause = after.until - time
          // The sum of a large and a small number is rounded.
          if (pause < full / 2 - 1e-6 || pause > full + 1e-6) bad(`a pause of ${pause} that should be ${full}`)
        }
      },
    ),
    { numRuns: 3_000, seed },
  )
})
