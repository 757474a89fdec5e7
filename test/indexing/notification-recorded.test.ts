import t from 'tap'
import { readNotification } from '../../src/indexing/notification.js'
import {
  otherNova,
  parseRecording,
  type Recorded,
  type Recording,
  readRecording,
  recordAnew,
} from './fixtures/notifications/recording.js'

const recording = await readRecording()

/** What Nova says that it sent. */
const expected = ({ event, instance, at }: Recorded) =>
  instance === null
    ? { kind: 'ignored', why: 'no-instance', event }
    : { kind: 'hint', hint: { uuid: instance, at: Date.parse(at) }, event }

const misread = ({ messages }: Recording) =>
  messages.filter(
    message => JSON.stringify(readNotification(message.body)) !== JSON.stringify(expected(message)),
  )

const eventsOf = ({ messages }: Recording, driver: string, topic: string) =>
  messages.filter(it => it.driver === driver && it.key.startsWith(`${topic}.`)).map(({ event }) => event)

t.test('each message of Nova is the hint that it was sent for', async t => {
  for (const message of recording.messages) {
    const name = `${message.event} by ${message.driver} to ${message.key}`
    t.same(readNotification(Buffer.from(message.body)), expected(message), name)
    t.same(readNotification(message.body), expected(message), `${name}, as a text`)
  }
})

t.test('all that Nova may send is recorded, in both envelopes', async t => {
  for (const driver of ['messagingv2', 'messaging']) {
    const versioned = eventsOf(recording, driver, 'versioned_notifications')
    t.equal(versioned.length, new Set(versioned).size)
    t.equal(versioned.filter(event => event.startsWith('instance.')).length, 87)
    t.equal(versioned.length, 126)
    t.equal(eventsOf(recording, driver, 'notifications').length, 114)
  }
  t.ok(recording.messages.every(({ type }) => type === 'application/json'))
  const enveloped = recording.messages.filter(({ body }) => 'oslo.message' in JSON.parse(body))
  t.ok(enveloped.every(({ driver }) => driver === 'messagingv2'))
  t.equal(enveloped.length, recording.messages.length / 2)
})

t.test('times with a fraction and without are there', async t => {
  const times = recording.messages.map(({ at }) => at.slice(-4))
  t.same([...new Set(times)].sort(), ['000Z', '120Z', '123Z'])
})

t.test('a Nova that is installed says the same', { skip: await otherNova(recording) }, async t => {
  const now = parseRecording(await recordAnew())
  t.same(misread(now), [])
  const all = ({ messages }: Recording) => messages.map(({ event, key, driver }) => [event, key, driver])
  t.same(all(now), all(recording))
  if (now.nova === recording.nova) t.same(now.messages, recording.messages)
})
