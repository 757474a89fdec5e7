import { HAS_PCI, PCI_REQUEST } from './extra-data.js'
import { belonging, digits, hostNumber, IS_RECENT, kin } from './side-data.js'
import { insert, json } from './sql-text.js'

// An instance without an image has its system on a volume.
const IS_VOLUME = "(k.k = 3 OR k.k = 1 AND i.image_ref = '')"
const VOLUME = kin("CONCAT('700', k.k)")

const connection = json({
  driver_volume_type: 'iscsi',
  data: {
    ...{ target_discovered: false, target_portal: '10.254.0.1:3260', target_lun: 1, volume_id: `=${VOLUME}` },
    ...{ target_iqn: `=CONCAT('iqn.2010-10.org.openstack:volume-', ${VOLUME})`, auth_method: 'CHAP' },
    ...{ auth_username: '=SUBSTR(i.uuid, 25)', auth_password: "=CONCAT('secret-', SUBSTR(i.uuid, 1, 8))" },
  },
})

/**
 * Fills `block_device_mapping`: for each recent instance its system, on the host's disk or (one in five) on a volume; an empty disk where
 * the flavor has one; and a second volume on one in five. Their connections hold passwords, as they do.
 */
export const insertBlockDevices = (): string =>
  belonging(
    'block_device_mapping',
    3,
    {
      uuid: kin("CONCAT('bd0', k.k)"),
      source_type: `CASE WHEN ${IS_VOLUME} THEN 'volume' WHEN k.k = 1 THEN 'image' ELSE 'blank' END`,
      destination_type: `IF(${IS_VOLUME}, 'volume', 'local')`,
      device_name: "IF(i.host IS NULL, NULL, ELT(k.k, '/dev/vda', '/dev/vdb', '/dev/vdc'))",
      device_type: "'disk'",
      disk_bus: "IF(i.host IS NULL, NULL, 'virtio')",
      boot_index: 'ELT(k.k, 0, -1, NULL)',
      volume_id: `IF(${IS_VOLUME}, ${VOLUME}, NULL)`,
      volume_size: `ELT(k.k, IF(${IS_VOLUME}, i.root_gb, NULL), i.ephemeral_gb, 10 + FLOOR(${digits(29)} * 90))`,
      volume_type: `IF(${IS_VOLUME}, 'ssd', NULL)`,
      image_id: "IF(k.k = 1 AND i.image_ref <> '', i.image_ref, NULL)",
      attachment_id: `IF(${IS_VOLUME}, ${kin("CONCAT('a77', k.k)")}, NULL)`,
      delete_on_termination: 'k.k < 3',
      no_device: '0',
      tag: `IF(k.k = 3 AND ${digits(33)} > 0.95, 'database', NULL)`,
      connection_info: `IF(${IS_VOLUME} AND i.host IS NOT NULL, ${connection}, NULL)`,
    },
    {
      where: `${IS_RECENT} AND (k.k = 1 OR k.k = 2 AND i.ephemeral_gb > 0 OR k.k = 3 AND ${digits(5)} < 0.2)`,
    },
  )

const device = (address: string) => ({
  address,
  vendor_id: "'10de'",
  product_id: "'1eb8'",
  dev_type: "'type-PF'",
  dev_id: `CONCAT('pci_', REPLACE(REPLACE(${address}, ':', '_'), '.', '_'))`,
  label: "'label_10de_1eb8'",
  extra_info: `'{"capabilities": "{}"}'`,
})

const hexadecimal = (number: string, width: number): string => `LPAD(LOWER(HEX(${number})), ${width}, '0')`

/** Fills `pci_devices`: the GPUs that instances have, and one on each host that nobody has. Needs `compute_nodes`. */
export const insertPciDevices = (): string[] => [
  insert(
    'pci_devices',
    {
      id: 'i.id',
      created_at: 'i.created_at',
      updated_at: 'i.launched_at',
      deleted: '0',
      uuid: kin("'9c1d'"),
      compute_node_id: `1 + ${hostNumber('i.host')}`,
      ...device(`CONCAT(${hexadecimal('i.id DIV 8192', 4)}, ':', ${hexadecimal('i.id DIV 32 % 256', 2)}, \
':', ${hexadecimal('i.id % 32', 2)}, '.0')`),
      status: "'allocated'",
      request_id: PCI_REQUEST,
      numa_node: `FLOOR(${digits(29)} * 2)`,
      instance_uuid: 'i.uuid',
    },
    `instances AS i WHERE i.deleted = 0 AND ${HAS_PCI}`,
  ),
  insert(
    'pci_devices',
    {
      id: '100000000 + n.id',
      created_at: 'n.created_at',
      deleted: '0',
      uuid: "INSERT(n.uuid, 1, 4, '9c1d')",
      compute_node_id: 'n.id',
      ...device("'ffff:00:00.0'"),
      status: "'available'",
    },
    'compute_nodes AS n',
  ),
]
