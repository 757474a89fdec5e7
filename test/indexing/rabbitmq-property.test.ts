import fc from 'fast-check'
import { seed } from '../fixtures/seed.js'
import { isConnected, notification, takeFrom, uuidOf } from './fixtures/bus.js'
import { openWire } from './fixtures/wire.js'
import { withRabbit } from './fixtures/with-rabbit.js'

type Command =
  | { readonly act: 'publish'; readonly count: number }
  | { readonly act: 'cut' }
  | { readonly act: 'cutAfter'; readonly bytes: number }
  | { readonly act: 'close' }
  /** Until so many hints more are applied. */
  | { readonly act: 'apply'; readonly count: number }

const publish = fc.record({ act: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 6 }) })
const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: publish },
    {
      weight: 2,
      arbitrary: fc.record({ act: fc.constant('apply' as const), count: fc.integer({ min: 1, max: 4 }) }),
    },
    fc.constant({ act: 'cut' as const }),
    fc.record({ act: fc.constant('cutAfter' as const), bytes: fc.integer({ min: 0, max: 4_000 }) }),
    fc.constant({ act: 'close' as const }),
  ),
  { minLength: 1, maxLength: 12 },
)
/** What the sink answers, over and over: a feed may be stopped while it waits for the last. */
const answers = fc.array(fc.constantFrom('applied' as const, 'again' as const), { minLength: 1, maxLength: 8 })

/** All connections but those of the test itself. */
const CLOSE_FEEDS = `[rabbit_networking:close_connection(P, "by the test") || P <- rabbit_networking:connections(),
  [{client_properties, C}] <- [rabbit_networking:connection_info(P, [client_properties])],
  lists:keymember(<<"connection_name">>, 1, C)]`

await withRabbit('at least once, whatever happens', async (t, { node, open, run }) => {
  t.test('each message is applied, or is still in the queue', async t => {
    const { options, publisher } = await open(t, true)
    let number = 0
    const property = fc.asyncProperty(
      commands,
      answers,
      fc.integer({ min: 1, max: 5 }),
      async (all, said, prefetch) => {
        await using wire = await openWire(node.port)
        const url = `amqp://127.0.0.1:${wire.port}`
        const running = run(t, { ...options, url, prefetch }, { stop: 20 })
        const missing = new Set<string>()
        let asked = 0
        // Some time or other each is applied, so that no `apply` waits for ever.
        const answer = (): 'applied' | 'again' => (asked++ % 9 === 8 ? 'applied' : said[asked % said.length]!)
        running.answer = async ({ uuid }) => {
          await new Promise(setImmediate)
          const outcome = answer()
          if (outcome === 'applied') missing.delete(uuid)
          return outcome
        }
        await running.until(isConnected)
        for (const command of all) {
          if (command.act === 'publish')
            for (let n = 0; n < command.count; n++) {
              const uuid = uuidOf(number++)
              missing.add(uuid)
              await publisher.publish(notification(uuid))
            }
          else if (command.act === 'apply') {
            const least = Math.max(missing.size - command.count, 0)
            await running.until(() => missing.size <= least)
          } else if (command.act === 'cut') wire.cut()
          else if (command.act === 'cutAfter') wire.cutAfter(command.bytes)
          else await node.erlang(CLOSE_FEEDS)
        }
        await running.stop()
        // The broker hears of a connection's end in its own time.
        for (let looks = 0; missing.size > 0 && looks < 500; looks++) {
          const left = await takeFrom(publisher.channel, options.queue)
          if (left === undefined) await node.erlang('ok')
          else missing.delete(/"uuid\\":\\"([\da-f-]{36})/.exec(left.content.toString())?.[1] ?? '')
        }
        return missing.size === 0
      },
    )
    await fc.assert(property, { seed, numRuns: 40, endOnFailure: true })
    t.pass('nothing was lost')
  })
})
