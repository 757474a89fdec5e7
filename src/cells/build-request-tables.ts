import { sideReads } from '../resources/included.js'
import type { IncludedRelation, Resource } from '../resources/resource.js'
import type { ColumnKind } from '../sql/codec.js'
import { name, type Sql } from '../sql/fragment.js'

/**
 * The build requests of `nova_api` as if they were a cell: a statement that was made for a cell, behind the tables and columns
 * that it names. It filters, sorts and pages them by the same server's rules.
 *
 * An instance is a nova_object, serialized as JSON (nova/objects/build_request.py). What its row knows by itself comes from the
 * row, as Nova reads it: uuid, project, times, tags and block devices. Every minor version of the object reads alike: an
 * unknown field is passed over, a missing one is NULL. A document that is no instance of a known major version is NULL
 * throughout.
 *
 * A build request counts as long as its instance mapping names no cell: from then on the instance is the cell's.
 */
export const toBuildRequests = (
  resource: Resource,
  collation: string,
  lengthOf: (column: string) => number,
): ((statement: Sql) => Sql) => {
  const as: Text = expression =>
    `CONVERT(${expression} USING utf8mb4) COLLATE ${name(collation).text.slice(1, -1)}`
  const side = { ...noRows(resource), ...sideTables(resource, as) }
  return statement => {
    const { text } = statement
    const has = (word: string): boolean => text.includes(name(word).text)
    const named = Object.entries(resource.columns).filter(([column]) => column === resource.id || has(column))
    const tables = { [resource.table]: instances(Object.fromEntries(named), as, lengthOf), ...side }
    const needed = Object.entries(tables).filter(([table]) => has(table))
    const all = [['requests', REQUESTS], ...needed].map(
      ([table, select]) => `${name(table!).text} AS (${select})`,
    )
    return { ...statement, text: `WITH ${all.join(', ')} ${text}` }
  }
}

/** TRUE for a build request whose document can be read. */
export const isReadable = (request: string): string =>
  `(IF(JSON_VALID(${request}.instance), JSON_VALUE(${request}.instance, '$."nova_object.name"') = 'Instance' AND JSON_VALUE(${request}.instance, '$."nova_object.version"') LIKE '2.%', FALSE) IS TRUE)`

/** An expression as text that compares by the collation. */
type Text = (expression: string) => string

type Tables = Readonly<Record<string, string>>

/** The build requests that count. */
export const CURRENT =
  'FROM build_requests AS b LEFT JOIN instance_mappings AS m ON m.instance_uuid = b.instance_uuid WHERE m.cell_id IS NULL AND b.instance_uuid IS NOT NULL'

const REQUESTS = `SELECT b.*, CONVERT(IF(${isReadable('b')}, b.instance, '{}') USING utf8mb4) AS document ${CURRENT}`

/** What Nova sets when it reads a build request, whatever the document says, or that only a cell can know. */
const FIXED: Tables = {
  id: 'r.id',
  created_at: 'r.created_at',
  updated_at: 'r.updated_at',
  deleted_at: 'CAST(NULL AS DATETIME)',
  launched_at: 'CAST(NULL AS DATETIME)',
  terminated_at: 'CAST(NULL AS DATETIME)',
  disable_terminate: '0',
  uuid: 'r.instance_uuid',
  project_id: 'r.project_id',
  host: 'NULL',
  node: 'NULL',
  launched_on: 'NULL',
  cell_name: 'NULL',
  // A cell's row always has them, a document may not.
  deleted: 'COALESCE(d.deleted, 0)',
  hidden: 'COALESCE(d.hidden, 0)',
  cleaned: 'COALESCE(d.cleaned, 0)',
}

const DATA = '$."nova_object.data"'

const JSON_TYPES: Readonly<Record<ColumnKind, string>> = {
  int: 'INT',
  bigint: 'BIGINT',
  decimal: 'DECIMAL(65, 30)',
  float: 'DOUBLE',
  bool: 'TINYINT',
  time: 'DATETIME',
  enum: 'VARCHAR(255) CHARACTER SET utf8mb4',
  text: 'MEDIUMTEXT CHARACTER SET utf8mb4',
}

/** A VARCHAR sorts by its own length, a MEDIUMTEXT by the longest that a server sorts by: MySQL runs out of memory then. */
const LONGEST = 1_024
const jsonType = (kind: ColumnKind, length: number): string =>
  kind === 'text' && length <= LONGEST ? `VARCHAR(${length}) CHARACTER SET utf8mb4` : JSON_TYPES[kind]

type Columns = Resource['columns']

const isWritten = (kind: ColumnKind): boolean => kind === 'text' || kind === 'enum'

/** The fields of a JSON object as the columns of a JSON_TABLE. */
const fields = (columns: Columns, path: string, lengthOf: (column: string) => number): string =>
  Object.entries(columns)
    .map(
      ([column, { kind }]) =>
        `${name(column).text} ${jsonType(kind, lengthOf(column))} PATH '${path}.${column}'`,
    )
    .join(', ')

/** Columns of a table `d`, or what stands for them. */
const selected = (columns: Columns, as: Text, instead: Tables = {}): string =>
  Object.entries(columns)
    .map(([column, { kind }]) => {
      const value = instead[column] ?? `d.${name(column).text}`
      return `${isWritten(kind) ? as(value) : value} AS ${name(column).text}`
    })
    .join(', ')

// MySQL takes a column of a derived table in JSON_TABLE only inside an expression.
const instances = (columns: Columns, as: Text, lengthOf: (column: string) => number): string =>
  `SELECT ${selected(columns, as, FIXED)} FROM requests AS r, JSON_TABLE(CONVERT(r.document USING utf8mb4), '$' COLUMNS (${fields(columns, DATA, lengthOf)})) AS d`

/** The tables of what belongs to an instance, as far as a build request has it. */
const sideTables = ({ relations }: Resource, as: Text): Tables => {
  const owner = `${as('r.instance_uuid')} AS instance_uuid, 0 AS deleted`
  const dictionary = (member: string): string =>
    `SELECT ${owner}, k.n AS id, ${as('k.word')} AS \`key\`, ${as('v.word')} AS value FROM requests AS r, ${words(`JSON_KEYS(r.document, '${DATA}.${member}')`)} AS k, ${words(`JSON_EXTRACT(r.document, '${DATA}.${member}.*')`)} AS v WHERE k.n = v.n`
  const part = (column: string, path = column): string => {
    const value = `JSON_EXTRACT(r.document, '${DATA}.${path}')`
    return `${as(`IF(JSON_TYPE(${value}) = 'NULL', NULL, ${value})`)} AS ${column}`
  }
  const devices = relations.block_devices as Extract<IncludedRelation, { readonly shape: 'rows' }> | undefined
  return {
    ...(devices && {
      block_device_mapping: `SELECT ${owner}, d.n AS id, ${selected(devices.columns, as)} FROM requests AS r, ${listed('r.block_device_mappings', `n FOR ORDINALITY, ${fields(devices.columns, '$', () => 255)}`)} AS d`,
    }),
    instance_metadata: dictionary('metadata'),
    instance_system_metadata: dictionary('system_metadata'),
    instance_extra: `SELECT ${owner}, r.id, ${as(`CONCAT('{"cur": ', JSON_EXTRACT(r.document, '${DATA}.flavor'), '}')`)} AS flavor, ${part('pci_requests', 'pci_requests."nova_object.data".requests')}, ${PARTS.map(column => part(column)).join(', ')} FROM requests AS r`,
    tags: `SELECT ${as('r.instance_uuid')} AS resource_id, ${as('d.tag')} AS tag FROM requests AS r, ${listed('r.tags', `tag VARCHAR(60) CHARACTER SET utf8mb4 PATH '$.tag'`)} AS d`,
    // Nothing has an address before it has a host.
    instance_info_caches: `SELECT ${owner}, r.id, ${as("'[]'")} AS network_info FROM requests AS r`,
  }
}

/** The columns of `instance_extra` that hold what the document has by the same name. */
const PARTS = [
  'keypairs',
  'trusted_certs',
  'numa_topology',
  'device_metadata',
  'resources',
  'vcpu_model',
  'migration_context',
]

/** The objects of a serialized list, as rows. */
const listed = (list: string, columns: string): string =>
  `JSON_TABLE(CONVERT(IF(JSON_VALID(${list}), ${list}, '{}') USING utf8mb4), '${DATA}.objects[*]."nova_object.data"' COLUMNS (${columns}))`

/** The members of a list of texts, as numbered rows. */
const words = (list: string): string =>
  `JSON_TABLE(${list}, '$[*]' COLUMNS (n FOR ORDINALITY, word VARCHAR(255) CHARACTER SET utf8mb4 PATH '$'))`

/** The tables that relations read, without a row: what only an instance in a cell can have. */
const noRows = ({ relations }: Resource): Tables =>
  Object.fromEntries(
    sideReads(relations, Object.keys(relations)).map(({ from, columns, orderBy }) => {
      const names = new Set([
        from.column,
        ...(from.only ?? []).map(({ column }) => column),
        ...columns,
        orderBy,
      ])
      return [
        from.table,
        `SELECT ${[...names].map(column => `NULL AS ${name(column).text}`).join(', ')} FROM DUAL WHERE FALSE`,
      ]
    }),
  )
