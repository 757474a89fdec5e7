import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import t, { type Test } from 'tap'
import type { Hint } from '../../src/indexing/feed.js'
import { deliveriesOf } from '../../src/indexing/rabbitmq/deliveries.js'
import { settingsOf } from '../../src/indexing/rabbitmq/settings.js'
import { newTally } from '../../src/indexing/rabbitmq/tally.js'
import { notification, QUICK, uuidOf } from './fixtures/bus.js'

/** Deliveries whose channel and time are the test's: for moments that no broker can be made to meet. */
const parts = (t: Test, outcome: (hint: Hint) => 'applied' | 'again', prefetch = 2) => {
  const said: string[] = []
  const pauses: { readonly milliseconds: number; readonly over: () => void }[] = []
  const failures: unknown[] = []
  const life = new AbortController()
  const channel = {
    closed: false,
    ack: ({ fields }: ConsumeMessage) => {
      if (channel.closed) throw new Error('Channel closing')
      said.push(`ack ${fields.deliveryTag}`)
    },
    sendToQueue: (
      queue: string,
      _: Buffer,
      { headers }: { headers: object },
      confirm: (error: null) => void,
    ) => {
      said.push(`send ${queue} ${JSON.stringify(headers)}`)
      confirm(null)
    },
  }
  const tally = newTally()
  const surroundings = {
    ...{ now: () => 0, time: () => 7, random: () => 1 },
    sleep: (milliseconds: number, signal: AbortSignal) =>
      new Promise<void>(over => {
        pauses.push({ milliseconds, over })
        signal.addEventListener('abort', () => over())
      }),
  }
  const feeding = {
    ...{ settings: settingsOf({ url: 'amqp://bus', prefetch }), pace: QUICK, tally, surroundings },
    sink: { hint: async (hint: Hint) => outcome(hint), gap: t.fail },
  }
  const deliveries = deliveriesOf(channel as unknown as ConfirmChannel, feeding, life.signal, error =>
    failures.push(error),
  )
  const take = (deliveryTag: number, headers = {}, content = notification(uuidOf(deliveryTag), 'unreadable')) =>
    deliveries.take({ content, fields: { deliveryTag }, properties: { headers } } as unknown as ConsumeMessage)
  const settled = () => new Promise(setImmediate)
  return { said, pauses, failures, life, channel, tally, deliveries, take, settled }
}

t.test('pauses grow from try to try, and go on where a message was put to the end of the queue', async t => {
  const { said, pauses, take, settled, deliveries } = parts(t, () => 'again', 4)
  take(1)
  for (let tries = 0; tries < 3; tries++) {
    await settled()
    pauses.at(-1)?.over()
  }
  await settled()
  t.strictSame(
    pauses.map(({ milliseconds }) => milliseconds),
    [5, 10, 20, 20],
  )
  for (const [tries, pause] of [
    [1, 10],
    [99, 20],
    ['many', 5],
    [-1, 5],
    [1.5, 5],
  ] as const) {
    take(2, { 'x-crosscell-tries': tries })
    await settled()
    t.equal(pauses.at(-1)?.milliseconds, pause, `${tries}`)
  }
  pauses.at(-1)?.over()
  await settled()
  t.strictSame(said, ['send crosscell {"x-crosscell-tries":1}', 'ack 2'], 'half of all are held')
  t.equal(deliveries.oldest(), 7, 'when it came, where nobody knows when it was said')
})

t.test('what comes when it is stopped or lost is left to the broker', async t => {
  for (const end of ['stop', 'lose'] as const) {
    const { said, tally, life, take, settled, deliveries } = parts(t, () => 'applied')
    if (end === 'stop') await deliveries.stop()
    else life.abort()
    take(1)
    await settled()
    t.strictSame([said, tally.received, deliveries.oldest()], [[], 0, null], end)
  }
})

t.test('an acknowledgement that can not be said any more is a failure of the channel', async t => {
  const { failures, channel, take, settled } = parts(t, () => 'applied')
  channel.closed = true
  take(1)
  take(2, {}, Buffer.from('{"event_type":"service.update","payload":{}}'))
  await settled()
  t.equal(failures.length, 2)
})
