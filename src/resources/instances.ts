import type { RowOf } from './column.js'
import { bool, gone, int, live, text, time } from './nova.js'
import type { Resource } from './resource.js'

const softDeleted = { column: 'vm_state', eq: 'soft-delete' } as const
const notSoftDeleted = { column: 'vm_state', ne: 'soft-delete' } as const

const tags = { table: 'tags', column: 'resource_id', references: 'uuid' } as const
const metadata = {
  table: 'instance_metadata',
  column: 'instance_uuid',
  references: 'uuid',
  only: live,
} as const
const systemMetadata = {
  table: 'instance_system_metadata',
  column: 'instance_uuid',
  references: 'uuid',
} as const
const extra = { table: 'instance_extra', column: 'instance_uuid', references: 'uuid', only: live } as const
const faults = { table: 'instance_faults', column: 'instance_uuid', references: 'uuid', only: live } as const
const infoCache = {
  table: 'instance_info_caches',
  column: 'instance_uuid',
  references: 'uuid',
  only: live,
} as const

/**
 * Nova's `instances`, column by column (nova/db/main/models.py). Sort keys: the 30 of the REST API
 * (nova/api/openstack/compute/schemas/servers.py), and sizes and ids that dashboards ask for.
 */
export const instances = {
  name: 'instances',
  table: 'instances',
  columns: {
    created_at: time,
    updated_at: time,
    deleted_at: time,
    id: { kind: 'int' },
    user_id: text,
    project_id: text,
    image_ref: text,
    kernel_id: text,
    ramdisk_id: text,
    launch_index: int,
    key_name: text,
    key_data: text,
    power_state: int,
    vm_state: text,
    memory_mb: int,
    vcpus: int,
    hostname: text,
    host: text,
    user_data: text,
    reservation_id: text,
    launched_at: time,
    terminated_at: time,
    display_name: text,
    display_description: text,
    availability_zone: text,
    locked: bool,
    os_type: text,
    launched_on: text,
    instance_type_id: int,
    vm_mode: text,
    uuid: { kind: 'text' },
    architecture: text,
    root_device_name: text,
    access_ip_v4: text,
    access_ip_v6: text,
    config_drive: text,
    task_state: text,
    default_ephemeral_device: text,
    default_swap_device: text,
    progress: int,
    auto_disk_config: bool,
    shutdown_terminate: bool,
    disable_terminate: bool,
    root_gb: int,
    ephemeral_gb: int,
    cell_name: text,
    node: text,
    deleted: int,
    locked_by: { kind: 'enum', nullable: true, members: ['owner', 'admin'] },
    cleaned: int,
    ephemeral_key_uuid: text,
    hidden: bool,
  },
  id: 'id',
  uuid: 'uuid',
  scope: { project_id: 'project_id', user_id: 'user_id' },
  sortKeys: [
    'access_ip_v4',
    'access_ip_v6',
    'auto_disk_config',
    'availability_zone',
    'config_drive',
    'created_at',
    'display_description',
    'display_name',
    'host',
    'hostname',
    'id',
    'image_ref',
    'instance_type_id',
    'kernel_id',
    'key_name',
    'launch_index',
    'launched_at',
    'locked',
    'locked_by',
    'memory_mb',
    'node',
    'power_state',
    'progress',
    'project_id',
    'ramdisk_id',
    'root_device_name',
    'root_gb',
    'task_state',
    'terminated_at',
    'updated_at',
    'user_id',
    'uuid',
    'vcpus',
    'vm_state',
  ],
  defaultSort: ['created_at:desc', 'id:desc'],
  // nova/db/main/api.py, instance_get_all_by_filters_sort: `deleted` alone means soft-deleted ones as well.
  flags: [
    {
      names: ['deleted', 'soft_deleted'],
      rules: [
        { when: { deleted: false, soft_deleted: true }, shows: [[live]] },
        { when: { deleted: false }, shows: [[live, notSoftDeleted]] },
        { when: { deleted: true, soft_deleted: false }, shows: [[gone]] },
        { when: { deleted: true }, shows: [[gone], [softDeleted]] },
        { when: { deleted: 'any', soft_deleted: false }, shows: [[notSoftDeleted]] },
        { when: { deleted: 'any' }, shows: [] },
        // As in Nova's API, what changed since or before a time includes what was deleted.
        { when: { changes_since: true, soft_deleted: false }, shows: [[notSoftDeleted]] },
        { when: { changes_since: true }, shows: [] },
        { when: { changes_before: true, soft_deleted: false }, shows: [[notSoftDeleted]] },
        { when: { changes_before: true }, shows: [] },
        { when: { soft_deleted: true }, shows: [[live]] },
        { when: { soft_deleted: 'any' }, shows: [[live]] },
        { when: {}, shows: [[live, notSoftDeleted]] },
      ],
    },
    {
      names: ['hidden'],
      rules: [
        { when: { hidden: true }, shows: [[{ column: 'hidden', eq: 1 }]] },
        { when: { hidden: 'any' }, shows: [] },
        { when: {}, shows: [[{ column: 'hidden', ne: 1 }]] },
      ],
    },
  ],
  filters: {
    changes_since: { kind: 'bound', column: 'updated_at', op: 'gte' },
    changes_before: { kind: 'bound', column: 'updated_at', op: 'lte' },
    tags: { kind: 'labels', relation: tags, label: 'tag', match: 'all' },
    tags_any: { kind: 'labels', relation: tags, label: 'tag', match: 'any' },
    not_tags: { kind: 'labels', relation: tags, label: 'tag', match: 'not-all' },
    not_tags_any: { kind: 'labels', relation: tags, label: 'tag', match: 'none' },
    metadata: { kind: 'pairs', relation: metadata, key: 'key', value: 'value' },
    system_metadata: { kind: 'pairs', relation: systemMetadata, key: 'key', value: 'value' },
    address: {
      kind: 'address',
      relation: infoCache,
      document: 'network_info',
      path: '$[*].network.subnets[*].ips[*]',
    },
  },
  relations: {
    tags: { shape: 'labels', relation: tags, label: 'tag' },
    metadata: { shape: 'map', relation: metadata, key: 'key', value: 'value' },
    system_metadata: { shape: 'map', relation: systemMetadata, key: 'key', value: 'value' },
    flavor: { shape: 'document', relation: extra, document: 'flavor', read: 'flavor' },
    addresses: { shape: 'document', relation: infoCache, document: 'network_info', read: 'addresses' },
    fault: {
      shape: 'latest',
      relation: faults,
      columns: {
        code: { kind: 'int' },
        message: text,
        details: text,
        host: text,
        created_at: time,
      },
    },
  },
} as const satisfies Resource

/** One row of `instances`. */
export type Instance = RowOf<(typeof instances)['columns']>
