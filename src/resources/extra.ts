import {
  anything,
  className,
  flag,
  type Json,
  listOf,
  mapOf,
  member,
  number,
  object,
  or,
  type Reader,
  text,
} from './json.js'

/** A key pair as it was when the instance got it (nova/objects/keypair.py). */
export interface Keypair {
  readonly name: string
  /** `ssh` or `x509`. */
  readonly type: string
  readonly public_key: string | null
  readonly fingerprint: string | null
  readonly user_id: string | null
}

export const readKeypairs = member(
  'objects',
  listOf(
    object<Keypair>({
      name: text,
      type: text,
      public_key: or(text, null),
      fingerprint: or(text, null),
      user_id: or(text, null),
    }),
  ),
)

/** The ids of the certificates that the image's signature was checked with; REST's `trusted_image_certificates`. */
export const readTrustedCerts = member('ids', listOf(text))

/** PCI devices that an instance needs (nova/objects/instance_pci_requests.py). */
export interface PciRequest {
  readonly count: number
  /** What a device has to be, any of these. */
  readonly spec: readonly Readonly<Record<string, string | null>>[]
  /** The alias in the flavor that it comes from; null when it comes from a port. */
  readonly alias_name: string | null
  /** What `request_id` of a device refers to. */
  readonly request_id: string | null
  /** The port's id, or that of a request group. */
  readonly requester_id: string | null
  /** `required`, `preferred`, `legacy`, `socket`, or null. */
  readonly numa_policy: string | null
}

export const readPciRequests = listOf(
  object<PciRequest>({
    count: number,
    spec: listOf(mapOf(or(text, null))),
    alias_name: or(text, null),
    request_id: or(text, null),
    requester_id: or(text, null),
    numa_policy: or(text, null),
  }),
)

/** A device that has a role (nova/objects/virt_device_metadata.py). What is not of its class is null. */
export interface DeviceMetadata {
  /** Nova's class: `NetworkInterfaceMetadata`, `DiskMetadata`. */
  readonly device: string
  /** Nova's class: `PCIDeviceBus`, `USBDeviceBus`, `SCSIDeviceBus`, `IDEDeviceBus`, `XenDeviceBus`. */
  readonly bus: string | null
  /** Where on the bus. */
  readonly address: string | null
  readonly tags: readonly string[]
  /** A network interface's. */
  readonly mac: string | null
  /** A network interface's. */
  readonly vlan: number | null
  /** A network interface's. */
  readonly vf_trusted: boolean | null
  /** A disk's. */
  readonly serial: string | null
  /** A disk's. */
  readonly path: string | null
}

type Bus = Pick<DeviceMetadata, 'bus' | 'address'>

const readAddress = member('address', or(text, null))
const readBus: Reader<Bus> = value => ({ bus: className(value), address: readAddress(value) })

const readDevice = object<Omit<DeviceMetadata, 'device' | keyof Bus> & { readonly bus: Bus }>({
  bus: or(readBus, { bus: null, address: null }),
  tags: or(listOf(text), []),
  mac: or(text, null),
  vlan: or(number, null),
  vf_trusted: or(flag, null),
  serial: or(text, null),
  path: or(text, null),
})

export const readDeviceMetadata = member(
  'devices',
  listOf((value): DeviceMetadata => {
    const { bus, ...rest } = readDevice(value)
    return { device: className(value), ...bus, ...rest }
  }),
)

/** A resource of the host that an instance holds (nova/objects/resource.py): persistent memory. */
export interface HeldResource {
  /** Of the resource provider in Placement. */
  readonly provider_uuid: string
  readonly resource_class: string
  readonly identifier: string
  /** What the virt driver knows of it. */
  readonly metadata: Json
}

export const readResources: Reader<readonly HeldResource[]> = member(
  'objects',
  listOf(
    object<HeldResource>({
      provider_uuid: text,
      resource_class: text,
      identifier: text,
      metadata: or(anything, null),
    }),
  ),
)
