import { insertActions } from './action-data.js'
import { insertBlockDevices, insertPciDevices } from './device-data.js'
import { insertExtra } from './extra-data.js'
import { insertHosts } from './host-data.js'
import { belonging, draw } from './side-data.js'
import { hash, insert, json, oneOf, text } from './sql-text.js'

const address = `CONCAT('10.', FLOOR(${draw('net')} * 4), '.', FLOOR(${draw('b')} * 256), '.', 2 + FLOOR(${draw('c')} * 250))`
const uuid = (what: string) => {
  const digits = hash(`CONCAT(i.uuid, ${text(what)})`)
  const part = (from: number, length: number) => `SUBSTR(${digits}, ${from}, ${length})`
  return `CONCAT_WS('-', ${part(1, 8)}, ${part(9, 4)}, ${part(13, 4)}, ${part(17, 4)}, ${part(21, 12)})`
}
const ip = (value: string, type: string, version: number, more = {}) => ({
  address: value,
  type,
  version,
  meta: {},
  ...more,
})

const subnet4 = {
  cidr: `=CONCAT('10.', FLOOR(${draw('net')} * 4), '.0.0/16')`,
  dns: [],
  gateway: ip(`=CONCAT('10.', FLOOR(${draw('net')} * 4), '.0.1')`, 'gateway', 4),
  ips: [
    ip(`=${address}`, 'fixed', 4, {
      floating_ips: `@IF(${draw('floats')} < 0.2, ${json([ip(`=CONCAT('203.0.113.', FLOOR(${draw('floating')} * 256))`, 'floating', 4)])}, '[]')`,
    }),
  ],
  routes: [],
  version: 4,
  meta: {},
}
const subnet6 = {
  cidr: '2001:db8::/64',
  dns: [],
  gateway: ip('2001:db8::1', 'gateway', 6),
  ips: [
    ip(`=CONCAT('2001:db8::', SUBSTR(i.uuid, 1, 4), ':', SUBSTR(i.uuid, 5, 4))`, 'fixed', 6, {
      floating_ips: [],
    }),
  ],
  routes: [],
  version: 6,
  meta: {},
}

// One port per instance; three in ten have a second subnet, of version 6. nova/network/model.py, VIF.
const network = (subnets: readonly object[]): string =>
  json([
    {
      id: `=${uuid('port')}`,
      address: `=CONCAT('fa:16:3e:', SUBSTR(i.uuid, 1, 2), ':', SUBSTR(i.uuid, 3, 2), ':', SUBSTR(i.uuid, 5, 2))`,
      network: {
        id: `=CONCAT('0e700000-0000-4000-8000-00000000000', FLOOR(${draw('net')} * 4))`,
        bridge: 'br-int',
        label: `=CONCAT('private-', FLOOR(${draw('net')} * 4))`,
        subnets,
        meta: { injected: false, tenant_id: '=i.project_id', mtu: 1442 },
      },
      type: 'ovs',
      details: { port_filter: true },
      devname: `=CONCAT('tap', SUBSTR(${uuid('port')}, 1, 11))`,
      ovs_interfaceid: `=${uuid('port')}`,
      qbh_params: null,
      qbg_params: null,
      active: true,
      vnic_type: 'normal',
      profile: {},
      preserve_on_delete: false,
      delegate_create: true,
      meta: {},
    },
  ])

/**
 * The statements that fill the side tables of a cell from its `instances`: metadata (the first of three keys on 60 %),
 * image metadata, tags (on what is not deleted), network information, `instance_extra`, faults (one or two, on what is
 * in error, and on 1 % of the rest), block and PCI devices, the services and compute nodes of its hosts, and actions.
 */
export const insertRelations = ({
  cell,
  buried,
}: {
  readonly cell: string
  readonly buried: boolean
}): string[] => [
  belonging(
    'instance_metadata',
    3,
    {
      key: "ELT(k.k, 'role', 'env', 'Owner')",
      value: oneOf(draw('value', 'k.k'), ['web', 'Web', 'db', 'prod', 'größe', '', 'staging']),
    },
    { where: `${draw('has', 'k.k')} < 0.6 / k.k` },
  ),
  belonging('instance_system_metadata', 3, {
    key: "ELT(k.k, 'image_base_image_ref', 'image_os_distro', 'image_min_ram')",
    value: `ELT(k.k, i.image_ref, ${oneOf(draw('distro'), ['debian', 'ubuntu', 'rocky'])}, '512')`,
  }),
  belonging('instance_info_caches', 1, {
    network_info: `CASE WHEN i.host IS NULL OR i.deleted <> 0 THEN '[]' WHEN ${draw('dual')} < 0.3 THEN ${network([subnet4, subnet6])} ELSE ${network([subnet4])} END`,
  }),
  insertExtra(),
  belonging(
    'instance_faults',
    2,
    {
      code: 'IF(k.k = 1 AND i.host IS NULL, 404, 500)',
      message: oneOf(draw('message', 'k.k'), [
        'No valid host was found. ',
        'Timed out',
        'Exceeded maximum number of retries.',
      ]),
      details: "'Traceback (most recent call last):\\n  …'",
      host: 'i.host',
    },
    {
      where: `${draw('fails')} < IF(i.vm_state = 'error', 1, 0.01) AND (k.k = 1 OR ${draw('again')} < 0.3)`,
      // The faults of an instance come one after the other; the latest is the one that Nova shows.
      created: 'COALESCE(i.updated_at, i.created_at) + INTERVAL k.k MINUTE',
    },
  ),
  insert(
    'tags',
    { resource_id: 'i.uuid', tag: "ELT(k.k, 'blue', 'Prod', 'größe')" },
    `instances AS i CROSS JOIN (SELECT 1 AS k UNION ALL SELECT 2 UNION ALL SELECT 3) AS k WHERE i.deleted = 0 AND ${draw('tag', 'k.k')} < 0.3 / k.k`,
  ),
  insertBlockDevices(),
  ...insertHosts(cell, buried),
  ...insertPciDevices(),
  ...insertActions(),
]
