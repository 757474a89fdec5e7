import { getEventListeners, setMaxListeners } from 'node:events'
import fc from 'fast-check'
import t from 'tap'
import { belongsTo, type Limits, openLimiter } from '../../src/cells/limiter.js'
import { seed } from '../fixtures/seed.js'

const settled = () => new Promise(setImmediate)

/** A limiter whose work ends when it is told to, and in which sequence it has begun. */
const open = (limits: Partial<Limits>) => {
  const limiter = openLimiter({ statements: 1e9, rows: 1e9, bytes: 1e15, ...limits })
  const begun: string[] = []
  const ends = new Map<string, { answer(rows?: unknown[][]): void; fail(error: unknown): void }>()
  const run = (name: string, signal: AbortSignal, rows = 1) =>
    limiter.run({ signal, rows }, () => {
      begun.push(name)
      return new Promise<unknown[][]>((resolve, reject) => {
        ends.set(name, { answer: (rows = []) => resolve(rows), fail: reject })
      })
    })
  const end = async (name: string, rows?: unknown[][]) => {
    ends.get(name)!.answer(rows)
    await settled()
  }
  return { limiter, begun, run, end, fail: (name: string, error: unknown) => ends.get(name)!.fail(error) }
}

const request = () => {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}

t.test('work that has room begins at once', async t => {
  const { limiter, begun, run, end } = open({ statements: 2 })
  const { signal } = request()
  const first = run('a', signal)
  t.same(begun, ['a'], 'before anybody else has a turn')
  run('b', signal)
  run('c', signal)
  t.same(begun, ['a', 'b'])
  t.same(limiter.load, { running: 2, waiting: 1 })
  await end('a', [['x']])
  t.same(await first, [['x']])
  t.same(begun, ['a', 'b', 'c'])
  await end('b')
  await end('c')
  t.same(limiter.load, { running: 0, waiting: 0 })
})

t.test('a request with a hundred statements does not delay one with three', async t => {
  const { begun, run, end } = open({ statements: 2 })
  const [large, small] = [request(), request()]
  for (let n = 0; n < 100; n++) run(`large ${n}`, large.signal)
  for (let n = 0; n < 3; n++) run(`small ${n}`, small.signal)
  for (let n = 0; begun.length < 103; n++) await end(begun[n]!)
  t.same(begun.slice(0, 9), [
    'large 0',
    'large 1',
    'large 2',
    'small 0',
    'large 3',
    'small 1',
    'large 4',
    'small 2',
    'large 5',
  ])
})

t.test('a request is one request however many signals its statements have', async t => {
  const { begun, run, end } = open({ statements: 1 })
  const [large, small] = [request(), request()]
  for (let n = 0; n < 4; n++) {
    const { signal } = request()
    belongsTo(signal, large)
    run(`large ${n}`, signal)
  }
  for (let n = 0; n < 2; n++) run(`small ${n}`, small.signal)
  for (let n = 0; begun.length < 6; n++) await end(begun[n]!)
  t.same(begun, ['large 0', 'large 1', 'small 0', 'large 2', 'small 1', 'large 3'])
})

t.test('many rows are a heavy load, and what is larger than all room runs alone', async t => {
  const { begun, run, end } = open({ rows: 10 })
  const [one, two] = [request(), request()]
  run('six', one.signal, 6)
  run('four', one.signal, 4)
  run('none', two.signal, 1)
  run('twenty', one.signal, 20)
  run('one', one.signal, 1)
  t.same(begun, ['six', 'four'])
  await end('four')
  t.same(begun, ['six', 'four', 'none'], 'the large one does not lose its turn to those behind it')
  await end('none')
  t.same(begun, ['six', 'four', 'none'])
  await end('six')
  t.same(begun, ['six', 'four', 'none', 'twenty'])
  await end('twenty')
  t.same(begun, ['six', 'four', 'none', 'twenty', 'one'])
})

t.test('bytes are those of the rows that were seen', async t => {
  const { begun, run, end } = open({ bytes: 100 * 1_024 })
  const { signal } = request()
  run('unseen', signal, 100)
  run('too many', signal, 1)
  t.same(begun, ['unseen'], 'a row that was never seen counts as 1,024 bytes')
  await end('unseen', [['x'.repeat(10_000), new Uint8Array(230), 1, null]])
  await end('too many')
  run('ten', signal, 10)
  run('eleven', signal, 1)
  t.same(begun, ['unseen', 'too many', 'ten'], 'a row of 10,230 and 4 * 8 bytes is remembered')
  await end('ten', [[1]])
  await end('eleven')
  for (let n = 0; n < 500; n++) {
    run(`narrow ${n}`, signal, 1)
    await end(`narrow ${n}`, [[1]])
  }
  run('many', signal, 500)
  run('more', signal, 500)
  t.equal(begun.at(-1), 'more', 'and forgotten in the end')
})

t.test('who no longer waits has no turn', async t => {
  const { limiter, begun, run, end } = open({ statements: 1 })
  const [one, two, three] = [request(), request(), request()]
  run('running', one.signal)
  const given = [run('a', two.signal), run('b', two.signal)]
  run('c', three.signal)
  two.abort('enough')
  for (const one of given) await t.rejects(one, 'enough')
  t.same(limiter.load, { running: 1, waiting: 1 })
  await t.rejects(run('d', two.signal), 'enough')
  one.abort('too late for what has begun')
  await end('running')
  t.same(begun, ['running', 'c'])
})

t.test('room that a larger statement has left is for those behind it', async t => {
  const { begun, run } = open({ rows: 10 })
  const [one, two, three] = [request(), request(), request()]
  run('running', one.signal, 5)
  run('large', two.signal, 6).catch(() => {})
  run('small', three.signal, 5)
  t.same(begun, ['running'])
  two.abort()
  t.same(begun, ['running', 'small'])
})

t.test('work that fails leaves its room', async t => {
  const { limiter, begun, run, fail } = open({ statements: 1 })
  const { signal } = request()
  const failing = run('a', signal)
  const next = run('b', signal)
  fail('a', new Error('no'))
  await t.rejects(failing, { message: 'no' })
  t.same(begun, ['a', 'b'])
  const never = () => {
    throw new Error('at once')
  }
  const broken = limiter.run({ signal, rows: 1 }, never)
  fail('b', new Error('no'))
  await t.rejects(next, { message: 'no' })
  await t.rejects(broken, { message: 'at once' })
  t.same(limiter.load, { running: 0, waiting: 0 })
})

t.test('somebody listens to the signal from the wait to the end of the work', async t => {
  const limiter = openLimiter({ statements: 1, rows: 1e9, bytes: 1e15 })
  const { signal } = request()
  const listeners = () => getEventListeners(signal, 'abort').length
  let end = () => {}
  const first = limiter.run({ signal, rows: 1 }, () => new Promise<[][]>(resolve => (end = () => resolve([]))))
  t.equal(listeners(), 0)
  let seen = 0
  const second = limiter.run({ signal, rows: 1 }, async () => {
    seen = listeners()
    return []
  })
  t.equal(listeners(), 1)
  end()
  await Promise.all([first, second])
  t.equal(seen, 1, 'also while the work begins')
  t.equal(listeners(), 0)
})

/** The same rules, written down as lists that are searched. */
const model = (limits: Limits) => {
  const waiting: { request: number; name: number; rows: number }[] = []
  const running: { name: number; rows: number }[] = []
  let order: number[] = []
  const begun: number[] = []
  const advance = () => {
    for (;;) {
      order = order.filter(request => waiting.some(one => one.request === request))
      const first = waiting.find(one => one.request === order[0])
      if (first === undefined) return
      const held = running.reduce((sum, one) => sum + one.rows, 0)
      const fits = running.length < limits.statements && held + first.rows <= limits.rows
      if (running.length > 0 && !fits) return
      waiting.splice(waiting.indexOf(first), 1)
      running.push(first)
      begun.push(first.name)
      order = [...order.slice(1), first.request]
    }
  }
  return {
    begun,
    ask: (request: number, name: number, rows: number) => {
      waiting.push({ request, name, rows })
      if (!order.includes(request)) order.push(request)
      advance()
    },
    end: (name: number) => {
      running.splice(
        running.findIndex(one => one.name === name),
        1,
      )
      advance()
    },
    leave: (request: number) => {
      for (const one of waiting.filter(one => one.request === request)) waiting.splice(waiting.indexOf(one), 1)
      advance()
    },
    load: () => ({ running: running.length, waiting: waiting.length }),
  }
}

const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('ask' as const),
        request: fc.nat({ max: 4 }),
        rows: fc.integer({ min: 1, max: 12 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'fail' as const), which: fc.nat() }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), request: fc.nat({ max: 4 }) }) },
  ),
  { maxLength: 60 },
)

t.test('whatever comes, turns are as the rules say', async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 15 }),
      async (steps, statements, rows) => {
        const limits = { statements, rows, bytes: Number.POSITIVE_INFINITY }
        const { limiter, begun, run, end, fail } = open(limits)
        const expected = model(limits)
        const requests = Array.from({ length: 5 }, request)
        const done = new Set<number>()
        let names = 0
        for (const step of steps) {
          if (step.do === 'ask') {
            const name = names++
            run(String(name), requests[step.request]!.signal, step.rows).catch(() => {})
            expected.ask(step.request, name, step.rows)
          } else if (step.do === 'leave') {
            requests[step.request]!.abort()
            requests[step.request] = request()
            expected.leave(step.request)
          } else {
            const underWay = expected.begun.filter(name => !done.has(name))
            const name = underWay[step.which % underWay.length]
            if (name === undefined) continue
            done.add(name)
            if (step.do === 'end') end(String(name))
            else fail(String(name), new Error('no'))
            await settled()
            expected.end(name)
          }
          if (begun.join() !== expected.begun.join())
            throw new Error(`${begun.join()} began, not ${expected.begun.join()}`)
          const [load, truth] = [limiter.load, expected.load()]
          if (load.running !== truth.running || load.waiting !== truth.waiting) throw new Error('wrong load')
          const listeners = requests.map(({ signal }) => getEventListeners(signal, 'abort').length)
          if (listeners.reduce((a, b) => a + b) !== truth.waiting) throw new Error('listeners are left')
        }
      },
    ),
    { numRuns: 500, seed },
  )
})
