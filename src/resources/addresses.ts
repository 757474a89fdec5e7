import { listOf, number, object, or, type Reader, text } from './json.js'

/** One address of an instance, from its cached network information (nova/network/model.py). */
export interface Address {
  /** The network's label; null when Nova did not find the network. */
  readonly network: string | null
  readonly address: string
  readonly version: 4 | 6
  readonly type: 'fixed' | 'floating'
  /** The port's MAC address. */
  readonly mac: string
}

interface Ip {
  readonly address: string
  readonly version: 4 | 6
}

const version = number as Reader<4 | 6>
const readPorts = listOf(
  object({
    address: text,
    network: object({
      label: or(text, null),
      subnets: listOf(
        object({
          ips: listOf(
            object({
              address: text,
              version,
              floating_ips: or(listOf(object<Ip>({ address: text, version })), []),
            }),
          ),
        }),
      ),
    }),
  }),
)

/** The addresses of all ports in their order, each fixed one before its floating ones. */
export const readAddresses: Reader<readonly Address[]> = value =>
  readPorts(value).flatMap(({ address: mac, network: { label: network, subnets } }) =>
    subnets.flatMap(({ ips }) =>
      ips.flatMap(({ floating_ips, ...fixed }): Address[] => [
        { network, ...fixed, type: 'fixed', mac },
        ...floating_ips.map(ip => ({ network, ...ip, type: 'floating' as const, mac })),
      ]),
    ),
  )
