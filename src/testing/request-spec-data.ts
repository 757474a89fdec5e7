import { FLAVOR_OBJECTS } from './flavor-data.js'
import { type CellData, instanceRows } from './instance-data.js'
import { digits, IS_RECENT, kin, novaObject } from './side-data.js'
import { insert, json, oneOf, text } from './sql-text.js'
import { IMAGES } from './vocabulary.js'

const HINTS = `CASE WHEN ${digits(29)} < 0.1 THEN ${json({ group: [`=${kin("'9a00'")}`] })} \
WHEN ${digits(29)} < 0.12 THEN ${json({ different_host: [`=${kin("'d1f1'")}`, `=${kin("'d1f2'")}`] })} \
WHEN ${digits(29)} < 0.5 THEN 'null' ELSE '{}' END`

// Nova's object has no NULL there: an instance that boots from a volume has an image without an id.
const image = (id: object): string =>
  json(
    novaObject('ImageMeta', '1.8', {
      ...{
        ...id,
        name: `=${oneOf('i.flavor_draw', ['debian-12', 'ubuntu-24.04', 'rocky-9'])}`,
        min_ram: 0,
        min_disk: 0,
      },
      properties: novaObject('ImageMetaProps', '1.34', {}),
    }),
  )

const spec = novaObject('RequestSpec', '1.14', {
  image: `@IF(i.image_draw < 0.2, ${image({})}, ${image({ id: `=${oneOf('i.image_draw', IMAGES)}` })})`,
  ...{ numa_topology: null, instance_group: null },
  ...{ project_id: '=i.project_id', user_id: '=i.user_id' },
  availability_zone: `@IF(${digits(25)} < 0.3, CONCAT('"', ${oneOf('i.zone_draw', ['nova', 'az1', 'az2', 'AZ-3'])}, '"'), 'null')`,
  flavor: `@ELT(1 + FLOOR(i.flavor_draw * ${FLAVOR_OBJECTS.length}), ${FLAVOR_OBJECTS.map(text).join(', ')})`,
  ...{
    num_instances: 1,
    force_hosts: null,
    force_nodes: null,
    ignore_hosts: null,
    requested_destination: null,
  },
  ...{
    scheduler_hints: `@${HINTS}`,
    instance_uuid: '=i.uuid',
    is_bfv: `@IF(i.image_draw < 0.2, 'true', 'false')`,
  },
})

// Texts of one document have one collation: the uuids are latin1.
const rows = (
  data: CellData,
): string => `SELECT n, going, created_at, image_draw, flavor_draw, zone_draw, uuid, \
CONVERT(project_id USING latin1) AS project_id, CONVERT(user_id USING latin1) AS user_id FROM (${instanceRows(data)}) AS i \
WHERE NOT going AND ${IS_RECENT} LIMIT ${data.count}`

/**
 * One statement that fills the API database's `request_specs` for the recent instances of a cell that are not deleted: three in
 * ten have asked for the zone that they are in, one in eight gave hints to the scheduler.
 *
 * @param before how many instances there are in the cells before; ids go on from there
 */
export const insertRequestSpecs = (data: CellData, before: number): string =>
  insert(
    'request_specs',
    {
      created_at: 'i.created_at',
      updated_at: 'NULL',
      id: `${before} + i.n + 1`,
      instance_uuid: 'i.uuid',
      spec: json(spec),
    },
    `(${rows(data)}) AS i`,
  )
