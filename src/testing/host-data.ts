import { hostNumber } from './side-data.js'
import { insert, text } from './sql-text.js'

const BORN = "'2024-07-31 12:00:00'"
const ALIVE = "'2026-08-01 12:00:00'"

const service = (binary: string, topic: string) => ({
  created_at: BORN,
  binary: text(binary),
  topic: text(topic),
  version: '64',
})

const HOSTS = `(SELECT host, MAX(node) AS node, MIN(uuid) AS first, ${hostNumber('host')} AS number, \
SUM(deleted = 0) AS running, SUM(IF(deleted = 0, vcpus, 0)) AS vcpus, SUM(IF(deleted = 0, memory_mb, 0)) AS memory, \
SUM(IF(deleted = 0, root_gb + ephemeral_gb, 0)) AS disk FROM instances WHERE host IS NOT NULL GROUP BY host) AS h`

// As many of a size as hold what is used.
const capacity = (size: number, used: string): string => `${size} * (1 + ${used} DIV ${size})`
const MEMORY = capacity(524_288, '(512 + h.memory)')
const DISK = capacity(10_000, 'h.disk')

const computeNodes = insert(
  'compute_nodes',
  {
    created_at: BORN,
    updated_at: ALIVE,
    deleted: 'IF(h.number = 17, 1 + h.number, 0)',
    id: '1 + h.number',
    uuid: "INSERT(h.first, 1, 4, 'c0de')",
    host: 'h.host',
    hypervisor_hostname: 'h.node',
    hypervisor_type: "'QEMU'",
    hypervisor_version: '7002000',
    host_ip: "CONCAT('10.255.0.', 1 + h.number)",
    cpu_info: `'{"arch": "x86_64", "model": "Broadwell-IBRS", "vendor": "Intel"}'`,
    vcpus: capacity(64, 'h.vcpus'),
    vcpus_used: 'h.vcpus',
    memory_mb: MEMORY,
    memory_mb_used: '512 + h.memory',
    free_ram_mb: `${MEMORY} - 512 - h.memory`,
    local_gb: DISK,
    local_gb_used: 'h.disk',
    free_disk_gb: `${DISK} - h.disk`,
    disk_available_least: `IF(h.number = 29, NULL, CAST(${DISK} AS SIGNED) - h.disk - 100)`,
    running_vms: 'h.running',
    current_workload: '0',
    cpu_allocation_ratio: '16',
    ram_allocation_ratio: '1.5',
    disk_allocation_ratio: '1',
    mapped: '1',
  },
  HOSTS,
)

// The number of a host, where a draw would do for more than forty of them.
const NUMBER = '(n.id - 1)'
const compute = { ...service('nova-compute', 'compute'), host: 'n.host', report_count: '1000 * n.id' }

const computeServices = [
  insert(
    'services',
    {
      ...compute,
      updated_at: ALIVE,
      deleted_at: `IF(n.deleted = 0, NULL, ${ALIVE})`,
      id: '10 + n.id',
      uuid: "INSERT(n.uuid, 1, 4, '5e10')",
      version: `IF(${NUMBER} = 31, NULL, 64)`,
      disabled: `${NUMBER} % 10 = 3`,
      disabled_reason: `IF(${NUMBER} % 10 = 3, ELT(1 + ${NUMBER} DIV 20, 'maintenance', 'Speicher getauscht – läuft'), NULL)`,
      last_seen_up: `IF(${NUMBER} = 29, NULL, ${ALIVE} - INTERVAL n.id SECOND)`,
      forced_down: `${NUMBER} % 20 = 7`,
      deleted: 'IF(n.deleted = 0, 0, 10 + n.id)',
    },
    'compute_nodes AS n',
  ),
  insert(
    'services',
    {
      ...compute,
      deleted_at: ALIVE,
      id: '100 + n.id',
      uuid: "INSERT(n.uuid, 1, 4, '5e11')",
      disabled: '1',
      forced_down: '1',
      deleted: '100 + n.id',
    },
    `compute_nodes AS n WHERE ${NUMBER} % 10 = 5`,
  ),
]

/**
 * Fills `services` and `compute_nodes` for the hosts that instances name, and `services` with the conductor; in cell0, whose
 * instances are on no host, with the scheduler too. Host 5, 15, … was registered twice; the service of host 17 is deleted; host 3,
 * 13, … is disabled; host 7 and 27 are forced down; host 29 has never been seen; host 31 does not say its version.
 */
export const insertHosts = (cell: string, buried: boolean): string[] => [
  ...['conductor', ...(buried ? ['scheduler'] : [])].map((name, at) =>
    insert(
      'services',
      {
        ...service(`nova-${name}`, name),
        ...{ updated_at: ALIVE, last_seen_up: ALIVE, report_count: '6300000', disabled: '0', forced_down: '0' },
        ...{ id: String(at + 1), deleted: '0', host: text(`${name}-${cell}`) },
        uuid: `(SELECT INSERT(MIN(uuid), 1, 4, '5e0${at}') FROM instances)`,
      },
      '(SELECT 1 AS one) AS one',
    ),
  ),
  computeNodes,
  ...computeServices,
]
