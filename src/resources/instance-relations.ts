import { big, bool, int, live, no, text, time, zero } from './nova.js'
import type { Resource } from './resource.js'

/** What is not deleted of a table whose rows name their instance. */
const liveRows = <const T extends string>(table: T) =>
  ({ table, column: 'instance_uuid', references: 'uuid', only: [live] }) as const

export const tags = { table: 'tags', column: 'resource_id', references: 'uuid' } as const
export const metadata = liveRows('instance_metadata')
export const systemMetadata = {
  table: 'instance_system_metadata',
  column: 'instance_uuid',
  references: 'uuid',
} as const
export const infoCache = liveRows('instance_info_caches')

/** A document in a column of `instance_extra`. */
const part = <const C extends string, const K extends string>(document: C, read: K) =>
  ({ shape: 'document', relation: liveRows('instance_extra'), document, read }) as const

/** The compute service of the instance's host: `nova-compute` registers itself by the host's name. */
const computeService = {
  table: 'services',
  column: 'host',
  references: 'host',
  only: [live, { column: 'binary', eq: 'nova-compute' }],
} as const

/** Nova's final statuses (nova/db/main/api.py, migration_get_in_progress_by_host_and_node); `finished` awaits its confirmation. */
const inProgress = {
  table: 'migrations',
  column: 'instance_uuid',
  references: 'uuid',
  only: [
    live,
    {
      column: 'status',
      not_in: ['confirmed', 'reverted', 'error', 'failed', 'completed', 'cancelled', 'done'],
    },
  ],
} as const

const required = { kind: 'text' } as const
const count = { kind: 'int' } as const

/** What `include` can add to an instance: what Nova's own object of it has, by the same names where it has one. */
export const relations = {
  tags: { shape: 'labels', relation: tags, label: 'tag' },
  metadata: { shape: 'map', relation: metadata, key: 'key', value: 'value' },
  system_metadata: { shape: 'map', relation: systemMetadata, key: 'key', value: 'value' },
  addresses: {
    shape: 'document',
    relation: infoCache,
    document: 'network_info',
    read: 'addresses',
  },
  fault: {
    shape: 'latest',
    relation: liveRows('instance_faults'),
    columns: { code: count, message: text, details: text, host: text, created_at: time },
  },

  // The flavor that the instance has now; those before and after a resize, until it is confirmed or reverted.
  flavor: part('flavor', 'flavor'),
  old_flavor: part('flavor', 'old_flavor'),
  new_flavor: part('flavor', 'new_flavor'),
  keypairs: part('keypairs', 'keypairs'),
  trusted_certs: part('trusted_certs', 'trusted_certs'),
  numa_topology: part('numa_topology', 'numa_topology'),
  pci_requests: part('pci_requests', 'pci_requests'),
  device_metadata: part('device_metadata', 'device_metadata'),
  resources: part('resources', 'resources'),
  vcpu_model: part('vcpu_model', 'json'),
  migration_context: part('migration_context', 'json'),

  // Without `connection_info`: it holds the volumes' secrets.
  block_devices: {
    shape: 'rows',
    relation: liveRows('block_device_mapping'),
    columns: {
      uuid: text,
      source_type: text,
      destination_type: text,
      device_name: text,
      device_type: text,
      disk_bus: text,
      boot_index: int,
      volume_id: text,
      volume_size: int,
      volume_type: text,
      image_id: text,
      snapshot_id: text,
      attachment_id: text,
      delete_on_termination: no,
      guest_format: text,
      no_device: bool,
      tag: text,
    },
  },
  pci_devices: {
    shape: 'rows',
    relation: liveRows('pci_devices'),
    columns: {
      uuid: text,
      compute_node_id: count,
      address: required,
      parent_addr: text,
      vendor_id: required,
      product_id: required,
      dev_type: required,
      dev_id: text,
      label: required,
      status: required,
      request_id: text,
      numa_node: int,
    },
  },
  service: {
    shape: 'latest',
    relation: computeService,
    columns: {
      uuid: text,
      host: text,
      binary: text,
      version: zero,
      disabled: no,
      disabled_reason: text,
      forced_down: no,
      last_seen_up: time,
      report_count: count,
      created_at: time,
      updated_at: time,
    },
  },
  migration: {
    shape: 'latest',
    relation: inProgress,
    columns: {
      id: count,
      uuid: text,
      status: text,
      migration_type: {
        kind: 'enum',
        nullable: true,
        members: ['migration', 'resize', 'live-migration', 'evacuation'],
      },
      source_compute: text,
      source_node: text,
      dest_compute: text,
      dest_node: text,
      dest_host: text,
      old_instance_type_id: int,
      new_instance_type_id: int,
      memory_total: big,
      memory_processed: big,
      memory_remaining: big,
      disk_total: big,
      disk_processed: big,
      disk_remaining: big,
      cross_cell_move: no,
      user_id: text,
      project_id: text,
      created_at: time,
      updated_at: time,
    },
  },
  request_spec: {
    shape: 'document',
    relation: { table: 'request_specs', column: 'instance_uuid', references: 'uuid', database: 'api' },
    document: 'spec',
    read: 'request_spec',
  },
} as const satisfies Resource['relations']
