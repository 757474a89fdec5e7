/**
 * Hints from the notifications that Nova publishes to RabbitMQ. Needs `amqplib`.
 *
 * @module
 */

import type { Feed } from '../feed.js'
import { openRabbitFeed } from './feed.js'
import { type RabbitOptions, settingsOf } from './settings.js'

export type { BusTls, RabbitOptions } from './settings.js'

/**
 * A feed of the notifications of one bus. Nothing is connected before it runs, so that the broker may be down by then; it connects again
 * for ever. It makes two queues, for itself and for what nobody can read, and changes nothing else on the broker.
 *
 * @example
 * ```ts
 * const feed = rabbitFeed({ url: process.env.TRANSPORT_URL, cell: 'cell1' }) // transport_url in nova.conf of that cell
 * const indexer = createIndexer(cells, index, { feeds: [feed] })
 * ```
 * @throws InvalidOptionError an option that is not what it has to be; a URL is not shown
 * @throws UnknownOptionError an option that does not exist
 */
export const rabbitFeed = (options: RabbitOptions): Feed => openRabbitFeed(settingsOf(options))
