import { defineResource } from './define-resource.js'
import { deletedFlag, int, no, ratio, text, time, zero } from './nova.js'

const count = { kind: 'int' } as const

/** Nova's `services` of the cells: the compute services and the cells' conductors. Administrators only. */
export const services = defineResource({
  name: 'services',
  columns: {
    created_at: time,
    updated_at: time,
    deleted_at: time,
    id: count,
    uuid: text,
    host: text,
    binary: text,
    topic: text,
    report_count: count,
    disabled: no,
    disabled_reason: text,
    last_seen_up: time,
    forced_down: no,
    version: zero,
    deleted: zero,
  },
  sortKeys: ['id', 'uuid', 'host', 'binary', 'disabled', 'last_seen_up', 'created_at', 'updated_at', 'version'],
  flags: [deletedFlag],
})

/** Nova's `compute_nodes`: the hypervisors, with what they have and what is used of it. Administrators only. */
export const computeNodes = defineResource({
  name: 'compute_nodes',
  columns: {
    created_at: time,
    updated_at: time,
    deleted_at: time,
    id: count,
    uuid: text,
    service_id: int,
    host: text,
    hypervisor_hostname: text,
    hypervisor_type: { kind: 'text' },
    hypervisor_version: count,
    host_ip: text,
    vcpus: count,
    vcpus_used: count,
    memory_mb: count,
    memory_mb_used: count,
    free_ram_mb: int,
    local_gb: count,
    local_gb_used: count,
    free_disk_gb: int,
    disk_available_least: int,
    running_vms: int,
    current_workload: int,
    cpu_allocation_ratio: ratio,
    ram_allocation_ratio: ratio,
    disk_allocation_ratio: ratio,
    mapped: zero,
    deleted: zero,
  },
  sortKeys: [
    'id',
    'uuid',
    'host',
    'hypervisor_hostname',
    'vcpus',
    'vcpus_used',
    'memory_mb',
    'memory_mb_used',
    'free_ram_mb',
    'running_vms',
    'created_at',
    'updated_at',
  ],
  flags: [deletedFlag],
})
