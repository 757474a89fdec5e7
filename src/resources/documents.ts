/**
 * The JSON documents that Nova keeps in text columns, as values. A reader throws on what it can't read.
 *
 * @module
 */

/** A flavor as it was when the instance got it (nova/objects/flavor.py). */
export interface Flavor {
  readonly id: number
  readonly name: string
  readonly flavorid: string
  /** MiB. */
  readonly memory_mb: number
  readonly vcpus: number
  /** GiB. */
  readonly root_gb: number
  /** GiB. */
  readonly ephemeral_gb: number
  /** MiB. */
  readonly swap: number
  readonly extra_specs: Readonly<Record<string, string>>
}

/** One address of an instance, from its cached network information (nova/network/model.py). */
export interface Address {
  /** The network's label. */
  readonly network: string
  readonly address: string
  readonly version: 4 | 6
  readonly type: 'fixed' | 'floating'
  /** The port's MAC address. */
  readonly mac: string
}

/** What each kind of document reads as. */
export interface Documents {
  readonly flavor: Flavor
  readonly addresses: readonly Address[]
}

interface Vif {
  readonly address: string
  readonly network: { readonly label: string; readonly subnets: readonly { readonly ips: readonly Ip[] }[] }
}

interface Ip {
  readonly address: string
  readonly version: 4 | 6
  readonly floating_ips?: readonly Ip[]
}

/** A nova_object of any minor version, and all in it, without its envelope. Of another major version nothing is known. */
const unwrap = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(unwrap)
  if (typeof value !== 'object' || value === null) return value
  const { 'nova_object.data': data, 'nova_object.version': version } = value as Record<string, unknown>
  if (data === undefined)
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, unwrap(member)]))
  if (!/^1\.\d+$/.test(String(version))) throw new TypeError('a major version that is not known')
  return unwrap(data)
}

const readFlavor = (text: string): Flavor => {
  const { cur } = unwrap(JSON.parse(text)) as { cur: Flavor }
  const { id, name, flavorid, memory_mb, vcpus, root_gb, ephemeral_gb, swap, extra_specs = {} } = cur
  return { id, name, flavorid, memory_mb, vcpus, root_gb, ephemeral_gb, swap, extra_specs }
}

const readAddresses = (text: string): readonly Address[] =>
  (JSON.parse(text) as Vif[]).flatMap(({ address: mac, network: { label, subnets } }) =>
    subnets.flatMap(({ ips }) =>
      ips.flatMap(({ address, version, floating_ips = [] }): Address[] => [
        { network: label, address, version, type: 'fixed', mac },
        ...floating_ips.map(ip => ({
          network: label,
          address: ip.address,
          version: ip.version,
          type: 'floating' as const,
          mac,
        })),
      ]),
    ),
  )

/** The readers by the kind of document. */
export const readers: { readonly [K in keyof Documents]: (text: string) => Documents[K] } = {
  flavor: readFlavor,
  addresses: readAddresses,
}
