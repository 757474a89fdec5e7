import type { Duplex } from 'node:stream'
import type { ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib'
import { type Deliveries, deliveriesOf } from './deliveries.js'
import { BusError } from './failure.js'
import { bind, declareQueues, purge } from './queues.js'
import type { Feeding } from './tally.js'

/** One connection, from when it was made until it is lost or closed. */
export interface Session {
  /** Has messages come. */
  prepare(): void
  /** Looks at the queue now and then. */
  watch(): void
  /** When the oldest message was said that is not acknowledged; null where there is none. */
  oldest(): number | null
  /** Resolves when nothing is under way any more; nothing new comes, and what waits for another try is left to the broker. */
  drain(): Promise<void>
  /** Resolves when the broker knows of every acknowledgement. */
  close(): Promise<void>
  /** Whatever was not acknowledged comes again. */
  drop(): void
}

/** What becomes of it. */
export interface SessionEvents {
  /** Messages come; hints may have been lost before, for this reason. */
  prepared(reason: string): void
  /** It is of no use any more. Said once, and of one that was closed or dropped from here never. */
  failed(error: unknown): void
}

export const openSession = (model: ChannelModel, feeding: Feeding, events: SessionEvents): Session => {
  const { settings, surroundings, pace, tally, sink } = feeding
  const life = new AbortController()
  let channel: ConfirmChannel | undefined
  let consumer = ''
  let deliveries: Deliveries | undefined
  /** The messages that were taken until the last look. */
  let seen = 0
  /** What an operator should know for as long as it lasts. */
  let standing: string | null = null

  const fail = (error: unknown): void => {
    if (life.signal.aborted) return
    life.abort()
    events.failed(error)
  }

  model.on('error', fail)
  model.on('close', (error?: Error) => fail(error ?? new BusError('CLOSED')))
  model.on('blocked', () => {
    tally.notice = 'BLOCKED'
  })
  model.on('unblocked', () => {
    tally.notice = standing
  })

  const onMessage = (message: ConsumeMessage | null): void => {
    if (message === null) fail(new BusError('CONSUMER_CANCELLED'))
    else deliveries!.take(message)
  }

  /** Whether the queue may have been full since the last look: if so, what it has now and what was taken from it are as much as it holds. */
  const look = async (): Promise<boolean> => {
    const { messageCount } = await channel!.checkQueue(settings.queue)
    tally.waiting = messageCount
    const taken = deliveries!.taken() - seen
    seen += taken
    return messageCount + taken >= settings.maxLength
  }

  const prepare = async (): Promise<string> => {
    const declared = await declareQueues(model, settings)
    await bind(model, settings)
    standing = declared === 'other' ? 'QUEUE_DIFFERS' : null
    tally.notice = standing
    channel = await model.createConfirmChannel()
    channel.on('error', fail)
    channel.on('return', () => fail(new BusError('UNROUTABLE')))
    deliveries = deliveriesOf(channel, feeding, life.signal, fail)
    await channel.prefetch(settings.prefetch)
    const isFull = await look()
    consumer = (await channel.consume(settings.queue, onMessage)).consumerTag
    if (declared === 'made') return 'the queue is new'
    return isFull ? 'the queue was full' : 'connected'
  }

  const watch = async (): Promise<void> => {
    for (;;) {
      await surroundings.sleep(pace.look, life.signal)
      if (life.signal.aborted) return
      await bind(model, settings)
      if (await look()) sink.gap('the queue was full')
      if (settings.drain === 'purge') await purge(model, settings)
    }
  }

  return {
    prepare: () => void prepare().then(events.prepared, fail),
    watch: () => void watch().catch(fail),
    oldest: () => deliveries?.oldest() ?? null,
    drain: async () => {
      const nothing = deliveries!.stop()
      await channel!.cancel(consumer)
      await nothing
    },
    close: async () => {
      life.abort()
      // First the channel: a connection's goodbye overtakes what a channel has said last.
      await channel?.close()
      await model.close()
    },
    drop: () => {
      life.abort()
      // A broker that hangs never says goodbye. With an error, as amqplib hears of a socket's end by nothing else.
      const { stream } = model.connection as unknown as { readonly stream: Duplex }
      stream.destroy(new BusError('DROPPED'))
    },
  }
}
