import { InvalidOptionError } from '../../errors.js'

/** One node of a bus. */
export interface BusAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly vhost: string
  readonly tls: boolean
}

// The form of oslo.messaging's `transport_url`, which has several nodes between `//` and `/`, and that of RabbitMQ, which is the same
// with one. A password may hold what WHATWG's URLs can't: it ends at the last '@' before the next ','.
const WHOLE = /^(?<scheme>amqps?|rabbit):\/\/(?<nodes>[^/?#]*)(?:\/(?<vhost>[^/?#]*))?(?:\?(?<query>[^#]*))?$/
const NODE =
  /^(?:(?<user>[^:@]*)(?::(?<password>.*))?@)?(?:\[(?<ipv6>[\da-f:.]+)\]|(?<name>[^:@[\]]+))(?::(?<port>\d{1,5}))?$/i

const EXPECTED = 'amqp[s]://user:password@host:port/vhost, or as transport_url in nova.conf'

/**
 * The nodes that a URL names. `overTls`: whatever it says of TLS.
 *
 * Never shows the URL in an error: it holds a password.
 *
 * @throws InvalidOptionError when it is no such URL
 */
export const parseBusUrl = (url: string, path: string, overTls: boolean): BusAddress[] => {
  const refuse = (): never => {
    throw new InvalidOptionError(
      path,
      'not the URL of a bus (it is not shown: it may hold a password)',
      EXPECTED,
    )
  }
  const decode = (text: string): string => {
    try {
      return decodeURIComponent(text)
    } catch {
      return refuse()
    }
  }
  const { scheme, nodes, vhost = '', query = '' } = WHOLE.exec(url)?.groups ?? refuse()
  const tls = overTls || scheme === 'amqps' || TLS.test(query)
  return nodes!.split(',').map(node => {
    const parts = NODE.exec(node)?.groups ?? refuse()
    const port = Number(parts.port ?? (tls ? 5671 : 5672))
    if (port < 1 || port > 65_535) refuse()
    return {
      host: (parts.ipv6 ?? parts.name)!,
      port,
      user: decode(parts.user ?? 'guest'),
      password: decode(parts.password ?? (parts.user === undefined ? 'guest' : '')),
      vhost: decode(vhost) || '/',
      tls,
    }
  })
}

/** What oslo.messaging takes for a wish for TLS. */
const TLS = /(?:^|&)ssl=(?:1|true|yes|on)(?:&|$)/i
