import { type ChannelModel, connect } from 'amqplib'
import type { BusAddress } from './address.js'
import type { Feeding } from './tally.js'

/** Connects once. What operators see of the connection is what the feed is called. */
export const dial = (
  address: BusAddress,
  { settings, pace }: Pick<Feeding, 'settings' | 'pace'>,
): Promise<ChannelModel> => {
  const { host: hostname, port, user: username, password, vhost, tls } = address
  return connect(
    {
      protocol: tls ? 'amqps' : 'amqp',
      hostname,
      port,
      username,
      password,
      // amqplib takes it as it stands in a URL.
      vhost: encodeURIComponent(vhost),
      heartbeat: settings.heartbeat,
    },
    {
      ...settings.tls,
      timeout: pace.connect,
      noDelay: true,
      keepAlive: true,
      clientProperties: { connection_name: `crosscell ${settings.name}` },
    },
  )
}
