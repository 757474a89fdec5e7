import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import type { Hint } from '../feed.js'
import { readNotification } from '../notification.js'
import { pause } from './pace.js'
import type { Feeding } from './tally.js'

/** What is done about the messages of one channel. */
export interface Deliveries {
  take(message: ConsumeMessage): void
  /** How many were taken. */
  taken(): number
  /** When the oldest message was said that is not acknowledged; null where there is none. */
  oldest(): number | null
  /** Takes nothing more and tries nothing again. Resolves when nothing is under way. */
  stop(): Promise<void>
}

/** In the headers of a message that was put to the end of the queue: how often it could not be applied. */
const TRIES = 'x-crosscell-tries'

/** So many tries are as good as more: the longest pause was reached long before. */
const MOST_TRIES = 30

const triesOf = ({ properties }: ConsumeMessage): number => {
  const tries = properties.headers?.[TRIES]
  return Number.isInteger(tries) && tries > 0 ? Math.min(tries, MOST_TRIES) : 0
}

/**
 * A message is acknowledged when its hint is applied, or when the broker has confirmed that it has it in another place. One whose hint
 * has to come again stays with us for a pause that grows, and is tried again: requeued, it would be back at once. Where such messages
 * are half of all that may be under way, or have been for long, they go to the end of the queue instead, so that one cell that is
 * down keeps nobody waiting for the others.
 *
 * @param life - aborts when the channel is lost: nothing can be said any more, and all that was not acknowledged comes again
 * @param failed - the channel is of no use
 */
export const deliveriesOf = (
  channel: ConfirmChannel,
  feeding: Feeding,
  life: AbortSignal,
  failed: (error: unknown) => void,
): Deliveries => {
  const { settings, surroundings, pace, tally, sink } = feeding
  const { now, time, random, sleep } = surroundings
  /** Of every message that is not acknowledged, when it was said. */
  const open = new Map<ConsumeMessage, number>()
  const stopping = new AbortController()
  const quiet = AbortSignal.any([life, stopping.signal])
  let taken = 0
  let busy = 0
  let held = 0
  let idle = (): void => {}

  const under = async (work: () => Promise<unknown>): Promise<void> => {
    busy++
    await work().catch(failed)
    busy--
    if (busy === 0) idle()
  }

  const settle = (message: ConsumeMessage): void => {
    open.delete(message)
    channel.ack(message)
  }

  /** Resolves when the broker has it in the queue. One that it can't put there comes back, and the channel is given up. */
  const send = (queue: string, { content, properties }: ConsumeMessage, headers: object): Promise<void> =>
    new Promise((sent, refused) => {
      const { contentType, contentEncoding, messageId } = properties
      const kept = { contentType, contentEncoding, messageId }
      channel.sendToQueue(queue, content, { ...kept, headers, persistent: true, mandatory: true }, error => {
        if (error === null) sent()
        else refused(error)
      })
    })

  const move = async (queue: string, message: ConsumeMessage, headers: object): Promise<boolean> => {
    await send(queue, message, headers)
    if (life.aborted) return false
    settle(message)
    return true
  }

  const bury = async (message: ConsumeMessage, why: string): Promise<void> => {
    const { exchange, routingKey } = message.fields
    const headers = { 'x-crosscell-why': why, 'x-crosscell-exchange': exchange, 'x-crosscell-key': routingKey }
    if (await move(settings.deadLetters, message, headers)) tally.poison++
  }

  const hold = async (message: ConsumeMessage, tries: number, since: number, retry: () => Promise<unknown>) => {
    held++
    await sleep(pause(pace.again, pace.longestAgain, tries, random()), quiet)
    held--
    if (quiet.aborted) return
    const isMany = held >= settings.prefetch / 2
    if (isMany || now() - since >= pace.longestHold)
      await under(() => move(settings.queue, message, { [TRIES]: tries + 1 }))
    else await under(retry)
  }

  const apply = async (message: ConsumeMessage, hint: Hint, tries: number, since: number): Promise<void> => {
    const outcome = await sink.hint(hint)
    if (life.aborted) return
    if (outcome === 'applied') {
      tally.applied++
      settle(message)
    } else {
      tally.requeued++
      void hold(message, tries, since, () => apply(message, hint, tries + 1, since))
    }
  }

  const treat = async (message: ConsumeMessage): Promise<void> => {
    const read = readNotification(message.content)
    open.set(message, (read.kind === 'hint' ? read.hint.at : undefined) ?? time())
    if (read.kind === 'poison') return bury(message, read.why)
    if (read.kind === 'hint') {
      const hint = settings.cell === null ? read.hint : { ...read.hint, cell: settings.cell }
      return apply(message, hint, triesOf(message), now())
    }
    tally.ignored++
    settle(message)
  }

  const take = (message: ConsumeMessage): void => {
    if (quiet.aborted) return
    tally.received++
    taken++
    void under(() => treat(message))
  }

  return {
    take,
    taken: () => taken,
    oldest: () => (open.size === 0 ? null : [...open.values()].reduce((a, b) => Math.min(a, b))),
    stop: () =>
      new Promise(resolve => {
        stopping.abort()
        idle = resolve
        if (busy === 0) resolve()
      }),
  }
}
