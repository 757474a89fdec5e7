import { byShare, hash, insert, numbers, oneOf, steps, text } from './sql-text.js'
import { BURIED_STATES, FLAVORS, IMAGES, STATES, STEMS } from './vocabulary.js'

/** The instances of one cell. The same values give the same rows, on every server. */
export interface CellData {
  readonly seed: number
  /** The cell's name: it is part of what every value is drawn from. */
  readonly cell: string
  /** How many instances. */
  readonly count: number
  /** The cell is cell0: its instances failed before they reached a host. */
  readonly buried: boolean
}

const PROJECTS = 400
const DAYS = 730
const SECONDS = DAYS * 86_400

// Each draw is four hex digits of the row's hash behind the 32 that make the uuid: 24 draws, each uniform in [0, 1).
const DRAWS = (
  'project user fate created tied updated hidden stem suffix number host zone image flavor key_pair lock_owner ' +
  'access drive lifetime task no_created no_updated no_name batch'
).split(' ')

const draws = Object.fromEntries(
  DRAWS.map((name, at) => [`${name}_draw`, `CONV(SUBSTR(h, ${33 + 4 * at}, 4), 16, 10) / 65536`]),
)

const UUID =
  "CONCAT(SUBSTR(h, 1, 8), '-', SUBSTR(h, 9, 4), '-4', SUBSTR(h, 14, 3), '-', " +
  "SUBSTR('89ab', 1 + CONV(SUBSTR(h, 17, 1), 16, 10) % 4, 1), SUBSTR(h, 18, 3), '-', SUBSTR(h, 21, 12))"

const after = (start: string, seconds: string): string => `${start} + INTERVAL FLOOR(${seconds}) SECOND`

/** A SELECT with one row for each instance: its identity, owner, state and times, for whatever table needs them. */
export const instanceRows = ({ seed, cell, count, buried }: CellData): string =>
  steps(
    count,
    numbers(count),
    { h: `CONVERT(SHA2(CONCAT(${text(`${seed}:${cell}:`)}, n), 512) USING latin1)` },
    draws,
    {
      uuid: UUID,
      // POW(m, u) is Zipf's law: the k-th project has a share in proportion to 1 / k.
      project: `FLOOR(POW(${PROJECTS + 1}, project_draw))`,
      vm_state: byShare('fate_draw', buried ? BURIED_STATES : STATES),
      // Ids grow with time, roughly: rows come in another order than they were made, as after years of operation.
      age: `0.9 * n / ${count} + 0.1 * created_draw`,
    },
    {
      // Every fifth project has a name that a person can type, the others have Keystone's.
      project_id: `IF(project % 5 = 1, CONCAT('project-', project), ${hash(`CONCAT(${text(`${seed}:project:`)}, project)`)})`,
      user_id: hash(`CONCAT(${text(`${seed}:user:`)}, project, ':', FLOOR(user_draw * 5))`),
      // Two in five were made by a job at noon: many rows with exactly the same time.
      born: after(
        "TIMESTAMP('2024-08-01 00:00:00')",
        `IF(tied_draw < 0.4, FLOOR(age * ${DAYS}) * 86400 + 43200, age * ${SECONDS})`,
      ),
      placed: buried ? '0' : "COALESCE(vm_state, '') NOT IN ('building', 'shelved_offloaded')",
      gone: "COALESCE(vm_state, '') = 'deleted'",
      going: "COALESCE(vm_state, '') IN ('deleted', 'soft-delete')",
    },
    {
      created_at: 'IF(no_created_draw < 0.005, NULL, born)',
      ended: after('born', 'lifetime_draw * lifetime_draw * 5184000'),
    },
  )

const NAME = `CONCAT(${oneOf('stem_draw', STEMS)}, CASE WHEN suffix_draw < 0.25 THEN '' \
WHEN suffix_draw < 0.6 THEN CONCAT('-', FLOOR(number_draw * 100)) WHEN suffix_draw < 0.7 THEN CONCAT('_', FLOOR(number_draw * 10)) \
WHEN suffix_draw < 0.8 THEN FLOOR(number_draw * 1000) WHEN suffix_draw < 0.9 THEN ' ' ELSE CONCAT('.', LPAD(FLOOR(number_draw * 1000), 4, '0')) END)`

const TASK = `CASE WHEN vm_state = 'building' THEN ${oneOf('task_draw', ['scheduling', 'networking', 'block_device_mapping', 'spawning'])} \
WHEN vm_state = 'active' AND task_draw < 0.03 THEN ${oneOf('user_draw', ['rebooting', 'migrating', 'image_snapshot', 'deleting', 'resize_prep'])} END`

const POWER =
  "CASE WHEN NOT placed OR gone OR vm_state IS NULL THEN 0 WHEN vm_state = 'paused' THEN 3 " +
  "WHEN vm_state IN ('stopped', 'soft-delete', 'shelved') THEN 4 WHEN vm_state = 'suspended' THEN 7 ELSE 1 END"

const LOCK = byShare('lock_owner_draw', [
  [0.02, 'owner'],
  [0.01, 'admin'],
  [0, null],
])

const flavor = (key: 'memory_mb' | 'vcpus' | 'root_gb' | 'ephemeral_gb') =>
  oneOf(
    'flavor_draw',
    FLAVORS.map(it => it[key]),
  )

/**
 * One statement that fills `instances` of a cell: projects whose sizes follow Zipf's law, times with many ties, names
 * in mixed case and scripts with accents and trailing spaces, NULLs wherever Nova has them. 10 % are deleted, 2 %
 * soft-deleted, 2 % hidden (and 1 % NULL there), 0.5 % have no `created_at`, 0.5 % no `vm_state`, 0.5 % no name.
 */
export const insertInstances = (data: CellData): string =>
  insert(
    'instances',
    {
      created_at: 'created_at',
      updated_at: `IF(going, ended, IF(no_updated_draw < 0.05, NULL, ${after('born', '60 + updated_draw * updated_draw * 7776000')}))`,
      deleted_at: 'IF(going, ended, NULL)',
      id: 'n + 1',
      user_id: 'user_id',
      project_id: 'project_id',
      image_ref: `IF(image_draw < 0.2, '', ${oneOf('image_draw', IMAGES)})`,
      kernel_id: "''",
      ramdisk_id: "''",
      launch_index: 'IF(batch_draw < 0.1, FLOOR(batch_draw * 100), 0)',
      key_name: `IF(key_pair_draw < 0.3, NULL, ${oneOf('key_pair_draw', ['laptop', 'Laptop', 'ci', 'ops-2025', 'clé'])})`,
      power_state: POWER,
      vm_state: 'vm_state',
      memory_mb: flavor('memory_mb'),
      vcpus: flavor('vcpus'),
      hostname: "CONCAT('host-', SUBSTR(uuid, 1, 8))",
      host: `IF(placed, CONCAT(${text(`compute-${data.cell}-`)}, LPAD(FLOOR(host_draw * 40), 3, '0')), NULL)`,
      reservation_id: `CONCAT('r-', SUBSTR(${hash('IF(batch_draw < 0.1, CAST(born AS DATETIME), uuid)')}, 1, 8))`,
      launched_at: `IF(placed AND vm_state IS NOT NULL, ${after('born', '5 + updated_draw * 60')}, NULL)`,
      terminated_at: 'IF(gone, ended, NULL)',
      display_name: `IF(no_name_draw < 0.005, NULL, ${NAME})`,
      display_description: "IF(suffix_draw < 0.5, NULL, CONCAT('Made by ', SUBSTR(user_id, 1, 6)))",
      availability_zone: `IF(placed, ${oneOf('zone_draw', ['nova', 'az1', 'az2', 'AZ-3'])}, NULL)`,
      locked: `(${LOCK}) IS NOT NULL`,
      os_type: "IF(image_draw < 0.5, 'linux', NULL)",
      launched_on: `IF(placed, CONCAT(${text(`compute-${data.cell}-`)}, LPAD(FLOOR(host_draw * 40), 3, '0')), NULL)`,
      instance_type_id: `1 + FLOOR(flavor_draw * ${FLAVORS.length})`,
      uuid: 'uuid',
      architecture: "IF(placed, 'x86_64', NULL)",
      root_device_name: "IF(placed, '/dev/vda', NULL)",
      access_ip_v4: "IF(access_draw < 0.1, CONCAT('198.51.100.', FLOOR(access_draw * 2500)), NULL)",
      access_ip_v6:
        "IF(access_draw < 0.05, CONCAT('2001:db8::', LOWER(HEX(FLOOR(access_draw * 65536)))), NULL)",
      config_drive: "IF(drive_draw < 0.3, 'True', '')",
      task_state: TASK,
      progress: 'IF(task_draw < 0.03, FLOOR(number_draw * 101), 0)',
      auto_disk_config: 'drive_draw < 0.5',
      shutdown_terminate: '0',
      disable_terminate: '0',
      root_gb: flavor('root_gb'),
      ephemeral_gb: flavor('ephemeral_gb'),
      node: `IF(placed, CONCAT(${text(`compute-${data.cell}-`)}, LPAD(FLOOR(host_draw * 40), 3, '0'), '.example.org'), NULL)`,
      deleted: 'IF(gone, n + 1, 0)',
      locked_by: LOCK,
      cleaned: 'gone',
      hidden: 'IF(hidden_draw < 0.02, 1, IF(hidden_draw < 0.03, NULL, 0))',
    },
    `(${instanceRows(data)}) AS instance`,
  )
