import { FLAVOR_OBJECTS } from './flavor-data.js'
import { belonging, digits, kin, novaObject } from './side-data.js'
import { json, text } from './sql-text.js'

/** The instances that have a GPU. */
export const HAS_PCI = `(i.instance_type_id = 6 AND i.host IS NOT NULL AND ${digits(1)} < 0.25)`

/** What the request for the GPU and the GPU have in common. */
export const PCI_REQUEST = kin("'4e90'")

const ofType = (texts: readonly string[], type: string): string => `ELT(${type}, ${texts.map(text).join(', ')})`

// An instance was resized to the flavor that it has, from the one before that.
const flavor = `CONCAT('{"cur": ', ${ofType(FLAVOR_OBJECTS, 'i.instance_type_id')}, IF(i.vm_state = 'resized', CONCAT('\
, "old": ', ${ofType(FLAVOR_OBJECTS, `1 + (i.instance_type_id + ${FLAVOR_OBJECTS.length - 2}) % ${FLAVOR_OBJECTS.length}`)}, '\
, "new": ', ${ofType(FLAVOR_OBJECTS, 'i.instance_type_id')}, '}'), ', "old": null, "new": null}'))`

const pairs = Array.from({ length: 15 }, (_, at) => `SUBSTR(i.user_id, ${2 * at + 1}, 2)`).join(', ')
const keyPair = novaObject('KeyPair', '1.4', {
  id: '@i.id',
  name: '=i.key_name',
  user_id: '=i.user_id',
  fingerprint: `=CONCAT_WS(':', ${pairs}, LPAD(LOWER(HEX(3 * CHAR_LENGTH(i.key_name) + ASCII(i.key_name))), 2, '0'))`,
  public_key: "=CONCAT('ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB', SUBSTR(i.user_id, 3), '== ', i.key_name)",
  type: 'ssh',
  ...{ created_at: '2024-07-31T12:00:00Z', updated_at: null, deleted_at: null, deleted: false },
})
const keyPairs = (objects: readonly object[]): string => json(novaObject('KeyPairList', '1.3', { objects }))

const upTo = (count: number): number[] => Array.from({ length: count }, (_, cpu) => cpu)
const numaTopology = (cpus: number, nodes: number, memory: number): string =>
  JSON.stringify(
    novaObject('InstanceNUMATopology', '1.3', {
      cells: upTo(nodes).map(id => {
        const own = upTo(cpus / nodes).map(cpu => cpu + (id * cpus) / nodes)
        return novaObject('InstanceNUMACell', '1.6', {
          ...{ id, cpuset: [], pcpuset: own, cpuset_reserved: null, memory: memory / nodes, pagesize: 4 },
          cpu_topology: novaObject('VirtCPUTopology', '1.0', { sockets: 1, cores: own.length / 2, threads: 2 }),
          cpu_pinning_raw: Object.fromEntries(own.map(cpu => [cpu, cpu + 2])),
          ...{ cpu_policy: 'dedicated', cpu_thread_policy: null },
        })
      }),
      emulator_threads_policy: null,
    }),
  )

const pciRequests = [
  {
    ...{ count: 1, spec: [{ vendor_id: '10de', product_id: '1eb8' }], alias_name: 'gpu', is_new: false },
    ...{ numa_policy: 'legacy', request_id: `=${PCI_REQUEST}`, requester_id: null },
  },
]

const cpuModel = novaObject('VirtCPUModel', '1.0', {
  ...{
    arch: 'x86_64',
    vendor: 'Intel',
    topology: null,
    mode: 'host-model',
    model: 'Broadwell-IBRS',
    match: 'exact',
  },
  features: ['vmx', 'pcid'].map(name => novaObject('VirtCPUFeature', '1.0', { policy: 'require', name })),
})

const devices = [
  novaObject('NetworkInterfaceMetadata', '1.2', {
    ...{
      mac: "=CONCAT('fa:16:3e:', SUBSTR(i.uuid, 1, 2), ':', SUBSTR(i.uuid, 3, 2), ':', SUBSTR(i.uuid, 5, 2))",
    },
    ...{ vlan: 7, vf_trusted: false, bus: novaObject('PCIDeviceBus', '1.0', { address: '0000:00:03.0' }) },
    tags: ['front'],
  }),
  novaObject('DiskMetadata', '1.0', {
    ...{ serial: `=${kin("'7003'")}`, path: '/dev/vdc', tags: ['database'] },
    bus: novaObject('PCIDeviceBus', '1.0', { address: '0000:00:06.0' }),
  }),
]

const migrationContext = novaObject('MigrationContext', '1.2', {
  ...{ instance_uuid: '=i.uuid', migration_id: '@i.id', new_pci_devices: null, old_pci_devices: null },
  ...{ new_numa_topology: null, old_numa_topology: null, new_resources: null, old_resources: null },
  new_pci_requests: novaObject('InstancePCIRequests', '1.1', { instance_uuid: '=i.uuid', requests: [] }),
  old_pci_requests: novaObject('InstancePCIRequests', '1.1', { instance_uuid: '=i.uuid', requests: [] }),
})

const memory = [
  novaObject('Resource', '1.0', {
    provider_uuid: `=${kin("'9e00'")}`,
    ...{ resource_class: 'CUSTOM_PMEM_NAMESPACE_4GB', identifier: '=i.hostname' },
    metadata: novaObject('LibvirtVPMEMDevice', '1.0', {
      ...{ label: '4GB', name: '=i.hostname', size: 4_292_870_144, devpath: '/dev/dax0.0', align: 2_097_152 },
    }),
  }),
]

const when = (condition: string, value: string): string => `IF(${condition}, ${value}, NULL)`

/** Fills `instance_extra`: a flavor each, and the other parts where an instance has them. */
export const insertExtra = (): string =>
  belonging('instance_extra', 1, {
    flavor,
    keypairs: `IF(i.key_name IS NULL, ${keyPairs([])}, ${keyPairs([keyPair])})`,
    trusted_certs: when(
      `${digits(33)} < 0.02`,
      json(novaObject('TrustedCerts', '1.0', { ids: [`=${kin("'ce01'")}`, `=${kin("'ce02'")}`] })),
    ),
    numa_topology: when(
      `i.host IS NOT NULL AND i.instance_type_id = 5 OR ${HAS_PCI}`,
      ofType([numaTopology(8, 1, 16_384), numaTopology(32, 2, 65_536)], 'i.instance_type_id - 4'),
    ),
    pci_requests: `IF(${HAS_PCI}, ${json(pciRequests)}, '[]')`,
    vcpu_model: when(`i.host IS NOT NULL AND ${digits(25)} < 0.05`, json(cpuModel)),
    device_metadata: when(
      `i.host IS NOT NULL AND ${digits(33)} > 0.95`,
      json(novaObject('InstanceDeviceMetadata', '1.0', { devices })),
    ),
    resources: when(
      `i.host IS NOT NULL AND ${digits(29)} < 0.01`,
      json(novaObject('ResourceList', '1.0', { objects: memory })),
    ),
    migration_context: when("i.vm_state = 'resized'", json(migrationContext)),
  })
