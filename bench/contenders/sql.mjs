import { ORDERS, whereOf } from '../data/truth.mjs'

/** What is behind a row by the default order, as one would write it. NULLs come last. */
const behind = ({ created_at: time, id, uuid }, nulls) =>
  `(created_at < '${time}'${nulls ? ' OR created_at IS NULL' : ''} OR (created_at = '${time}' AND (id < ${id} OR (id = ${id} AND uuid > '${uuid}'))))`

/** With the columns that the page is sorted by. */
const columnsOf = ({ fields }) =>
  fields ? [...new Set([...fields, 'uuid', 'created_at', 'id'])].join(', ') : '*'

/** The rows of a page of one table, by the statement that one would write. */
export const pageOf = (table, question, before, { order = ORDERS[question.sort], nulls = true } = {}) => {
  const where = [whereOf(question), ...(before ? [behind(before, nulls)] : [])].join(' AND ')
  return `SELECT ${columnsOf(question)} FROM ${table} WHERE ${where} ORDER BY ${order} LIMIT ${question.limit}`
}

/** What the side tables hold for some instances, by hand: one statement for each. */
export const SIDE_TABLES = {
  tags: ['tags', 'resource_id'],
  metadata: ['instance_metadata', 'instance_uuid'],
  system_metadata: ['instance_system_metadata', 'instance_uuid'],
  addresses: ['instance_info_caches', 'instance_uuid'],
  fault: ['instance_faults', 'instance_uuid'],
  flavor: ['instance_extra', 'instance_uuid'],
  block_devices: ['block_device_mapping', 'instance_uuid'],
  pci_devices: ['pci_devices', 'instance_uuid'],
  migration: ['migrations', 'instance_uuid'],
}

export const sideStatements = (schema, detail, uuids) => {
  const list = uuids.map(uuid => `'${uuid}'`).join(', ')
  return Object.entries(SIDE_TABLES).flatMap(([relation, [table, column]]) =>
    detail.includes(relation) ? `SELECT * FROM ${schema}.${table} WHERE ${column} IN (${list})` : [],
  )
}
