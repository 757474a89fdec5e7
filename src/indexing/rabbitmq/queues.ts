import type { Channel, ChannelModel, Options } from 'amqplib'
import { BusError } from './failure.js'
import { type RabbitSettings, routingKeys } from './settings.js'

const NOT_FOUND = 404
const ACCESS_REFUSED = 403
const PRECONDITION_FAILED = 406

/** Asks on a channel of its own: a broker that refuses anything closes the channel that it was asked on. */
const aside = async <Answer>(
  model: ChannelModel,
  ask: (channel: Channel) => Promise<Answer>,
): Promise<Answer> => {
  const channel = await model.createChannel()
  channel.on('error', () => {})
  const answer = await ask(channel)
  await channel.close()
  return answer
}

/** False where the broker refuses with one of these codes; other failures stay what they are. */
const unless = (codes: readonly number[], asked: Promise<unknown>): Promise<boolean> =>
  asked.then(
    () => true,
    (error: { readonly code?: number }) => {
      if (codes.includes(error.code!)) return false
      throw error
    },
  )

/** `made`: it was not there before. `other`: it is, made by somebody else or with other settings, and is left so. */
type Declared = 'made' | 'there' | 'other'

const declare = async (model: ChannelModel, name: string, options: Options.AssertQueue): Promise<Declared> => {
  const isThere = await unless(
    [NOT_FOUND],
    aside(model, channel => channel.checkQueue(name)),
  )
  const taken = isThere ? [PRECONDITION_FAILED, ACCESS_REFUSED] : []
  const isOurs = await unless(
    taken,
    aside(model, channel => channel.assertQueue(name, options)),
  )
  if (!isThere) return 'made'
  return isOurs ? 'there' : 'other'
}

/** Room for some thousands of usual messages, and for few that are not. */
const MAX_DEAD_BYTES = 64 * 2 ** 20

// Classic: a lost queue costs one look into the cells, which is less than three copies of each message. Said, as a virtual host may
// have another default. What is dropped are the oldest, as the newest are what the cells have not been asked about.
const KIND = { 'x-queue-type': 'classic', 'x-overflow': 'drop-head' }

/** Makes what is missing: the queue, and the one for dead letters. */
export const declareQueues = async (model: ChannelModel, settings: RabbitSettings): Promise<Declared> => {
  const { queue, maxLength, deadLetters, maxDeadLetters } = settings
  const limits = { 'x-max-length': maxDeadLetters, 'x-max-length-bytes': MAX_DEAD_BYTES }
  await declare(model, deadLetters, { durable: true, arguments: { ...KIND, ...limits } })
  return declare(model, queue, { durable: true, arguments: { ...KIND, 'x-max-length': maxLength } })
}

/**
 * Has the queue get what is published. The exchange is the deployment's: it is looked at and never declared, so that whoever does finds no
 * setting but its own. Bound again, a queue is bound as before; an exchange that was made anew has lost it, and nobody would say so.
 */
export const bind = async (model: ChannelModel, settings: RabbitSettings): Promise<void> => {
  const { queue, exchange } = settings
  const isThere = await unless(
    [NOT_FOUND],
    aside(model, channel => channel.checkExchange(exchange)),
  )
  if (!isThere) throw new BusError('NO_EXCHANGE')
  await aside(model, async channel => {
    for (const key of routingKeys(settings)) await channel.bindQueue(queue, exchange, key)
  })
}

/** Empties what publishers declare and nobody consumes. */
export const purge = async (model: ChannelModel, settings: RabbitSettings): Promise<void> => {
  for (const key of routingKeys(settings))
    await unless(
      [NOT_FOUND],
      aside(model, async channel => {
        const { consumerCount } = await channel.checkQueue(key)
        if (consumerCount === 0) await channel.purgeQueue(key)
      }),
    )
}
