import { type Address, readAddresses } from './addresses.js'
import {
  type DeviceMetadata,
  type HeldResource,
  type Keypair,
  type PciRequest,
  readDeviceMetadata,
  readKeypairs,
  readPciRequests,
  readResources,
  readTrustedCerts,
} from './extra.js'
import { type Flavor, readCurrentFlavor, readNewFlavor, readOldFlavor } from './flavor.js'
import { anyObject, type JsonObject, type Reader } from './json.js'
import { type NumaTopology, readNumaTopology } from './numa-topology.js'
import { type RequestSpec, readRequestSpec } from './request-spec.js'

export type { Json } from './json.js'
export type { CpuTopology, NumaCell } from './numa-topology.js'
export type { RequestedImage } from './request-spec.js'
export type {
  Address,
  DeviceMetadata,
  Flavor,
  HeldResource,
  JsonObject,
  Keypair,
  NumaTopology,
  PciRequest,
  RequestSpec,
}

/** What each kind of JSON document that Nova keeps in a text column reads as. */
export interface Documents {
  readonly flavor: Flavor
  readonly old_flavor: Flavor | null
  readonly new_flavor: Flavor | null
  readonly addresses: readonly Address[]
  readonly keypairs: readonly Keypair[]
  readonly trusted_certs: readonly string[]
  readonly numa_topology: NumaTopology
  readonly pci_requests: readonly PciRequest[]
  readonly device_metadata: readonly DeviceMetadata[]
  readonly resources: readonly HeldResource[]
  readonly request_spec: RequestSpec
  /** An object that is not looked into, without the envelopes of Nova's objects. */
  readonly json: JsonObject
}

const parsed =
  <T>(read: Reader<T>): ((text: string) => T) =>
  text =>
    read(JSON.parse(text))

/** The readers by the kind of document. They throw on what they can't read. */
export const readers: { readonly [K in keyof Documents]: (text: string) => Documents[K] } = {
  flavor: parsed(readCurrentFlavor),
  old_flavor: parsed(readOldFlavor),
  new_flavor: parsed(readNewFlavor),
  addresses: parsed(readAddresses),
  keypairs: parsed(readKeypairs),
  trusted_certs: parsed(readTrustedCerts),
  numa_topology: parsed(readNumaTopology),
  pci_requests: parsed(readPciRequests),
  device_metadata: parsed(readDeviceMetadata),
  resources: parsed(readResources),
  request_spec: parsed(readRequestSpec),
  json: parsed(anyObject),
}
