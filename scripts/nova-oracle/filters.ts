/** One filter in three languages. A text like `@1.17` anywhere stands for the uuid of the row 17 of cell1. */
export interface FilterCase {
  readonly name: string
  readonly nova: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
  /** The right answer as SQL on `instances AS i`. */
  readonly where: string
}

const SHOWN = 'NOT hidden <=> 1'
const NOT_SOFT = "NOT vm_state <=> 'soft-delete'"
const LIVE = `deleted = 0 AND ${NOT_SOFT} AND ${SHOWN}`

/** Nova's API layer asks for `deleted: False` unless the caller wants otherwise; crosscell's default means the same. */
export const live = (
  name: string,
  nova: FilterCase['nova'],
  query: FilterCase['query'],
  where: string,
): FilterCase => ({
  name,
  nova: { deleted: false, ...nova },
  query,
  where: where === 'TRUE' ? LIVE : `${LIVE} AND (${where})`,
})

/** A column that both compare for being equal, by one value and by a list of them. */
const exact = (column: string, ...values: readonly (string | number | boolean)[]): FilterCase[] => {
  const literals = values.map(value => (typeof value === 'string' ? `'${value}'` : String(value)))
  const [value] = values
  return [
    live(`${column} is`, { [column]: value }, { [column]: value }, `${column} = ${literals[0]}`),
    live(`${column} in`, { [column]: values }, { [column]: values }, `${column} IN (${literals.join(', ')})`),
  ]
}

/** A column that Nova compares by REGEXP; `pattern` as Nova is given it, which escapes the `|`. */
const regexp = (column: string, pattern: string): FilterCase => {
  const sent = pattern.replaceAll('|', '\\|')
  return live(
    `${column} matches ${pattern}`,
    { [column]: pattern },
    { [column]: { regexp: sent } },
    `${column} REGEXP '${sent.replaceAll('\\', '\\\\')}'`,
  )
}

/** A column of numbers, times or an ENUM that Nova compares by REGEXP all the same; crosscell compares values. */
const asText = (column: string, value: string | number | boolean, query: unknown, where: string): FilterCase =>
  live(`${column} as text ${value}`, { [column]: value }, { [column]: query }, where)

const row = (table: string, by: string, holds: string): string =>
  `EXISTS (SELECT 1 FROM ${table} AS r WHERE r.cell = i.cell AND r.${by} = i.uuid AND ${holds})`
export const tag = (name: string): string => row('tags', 'resource_id', `r.tag = '${name}'`)
export const meta = (key: string, value: string): string =>
  row('instance_metadata', 'instance_uuid', `r.deleted = 0 AND r.\`key\` = '${key}' AND r.value = '${value}'`)
export const systemMeta = (key: string, value: string): string =>
  row('instance_system_metadata', 'instance_uuid', `r.\`key\` = '${key}' AND r.value = '${value}'`)
const address = (like: string): string =>
  row(
    'instance_info_caches',
    'instance_uuid',
    `r.deleted = 0 AND JSON_EXTRACT(r.network_info, '$[*].network.subnets[*].ips[*].address') LIKE '%"${like}%'`,
  )

export const LIVE_ONLY = live('', {}, {}, 'TRUE')

const SINCE = '2025-09-01T12:00:00Z'
const BEFORE = '2025-12-01T12:00:00Z'
const since = `updated_at >= '2025-09-01 12:00:00'`
const before = `updated_at <= '2025-12-01 12:00:00'`

const deletedness: FilterCase[] = [
  { name: 'deleted or not', nova: {}, query: { deleted: 'any' }, where: SHOWN },
  {
    name: 'deleted',
    nova: { deleted: true },
    query: { deleted: true },
    where: `(deleted = id OR vm_state = 'soft-delete') AND ${SHOWN}`,
  },
  {
    name: 'deleted, not soft-deleted',
    nova: { deleted: true, soft_deleted: false },
    query: { deleted: true, soft_deleted: false },
    where: `deleted = id AND ${SHOWN}`,
  },
  {
    name: 'live and soft-deleted',
    nova: { deleted: false, soft_deleted: true },
    query: { soft_deleted: true },
    where: `deleted = 0 AND ${SHOWN}`,
  },
  {
    name: 'hidden',
    nova: { deleted: false, hidden: true },
    query: { hidden: true },
    where: `deleted = 0 AND ${NOT_SOFT} AND hidden = 1`,
  },
  {
    name: 'hidden, deleted or not',
    nova: { hidden: true },
    query: { hidden: true, deleted: 'any' },
    where: 'hidden = 1',
  },
  {
    name: 'deleted of one vm_state',
    nova: { deleted: true, vm_state: ['deleted'] },
    query: { deleted: true, vm_state: ['deleted'] },
    where: `deleted = id AND vm_state = 'deleted' AND ${SHOWN}`,
  },
]

const changes: FilterCase[] = [
  {
    name: 'changes-since',
    nova: { 'changes-since': SINCE },
    query: { changes_since: SINCE },
    where: `${since} AND ${SHOWN}`,
  },
  {
    name: 'changes-before',
    nova: { 'changes-before': BEFORE },
    query: { changes_before: BEFORE },
    where: `${before} AND ${SHOWN}`,
  },
  {
    name: 'changes between',
    nova: { 'changes-since': SINCE, 'changes-before': BEFORE },
    query: { changes_since: SINCE, changes_before: BEFORE },
    where: `${since} AND ${before} AND ${SHOWN}`,
  },
  live('changes-since, live', { 'changes-since': SINCE }, { changes_since: SINCE, deleted: false }, since),
  live(
    'changes-before, live',
    { 'changes-before': BEFORE },
    { changes_before: BEFORE, deleted: false },
    before,
  ),
  {
    name: 'changes-since, deleted',
    nova: { 'changes-since': SINCE, deleted: true },
    query: { changes_since: SINCE, deleted: true },
    where: `${since} AND (deleted = id OR vm_state = 'soft-delete') AND ${SHOWN}`,
  },
]

const tags: FilterCase[] = [
  live('tags one', { tags: ['blue'] }, { tags: ['blue'] }, tag('blue')),
  live('tags two', { tags: ['blue', 'Prod'] }, { tags: ['blue', 'Prod'] }, `${tag('blue')} AND ${tag('Prod')}`),
  live(
    'tags three, case and accents',
    { tags: ['BLUE', 'prod', 'grösse'] },
    { tags: ['BLUE', 'prod', 'grösse'] },
    `${tag('BLUE')} AND ${tag('prod')} AND ${tag('grösse')}`,
  ),
  live('tags unknown', { tags: ['nobody'] }, { tags: ['nobody'] }, 'FALSE'),
  live('tags-any one', { 'tags-any': ['Prod'] }, { tags_any: ['Prod'] }, tag('Prod')),
  live(
    'tags-any two',
    { 'tags-any': ['blue', 'größe'] },
    { tags_any: ['blue', 'größe'] },
    `${tag('blue')} OR ${tag('größe')}`,
  ),
  live('not-tags one', { 'not-tags': ['blue'] }, { not_tags: ['blue'] }, `NOT ${tag('blue')}`),
  live(
    'not-tags two',
    { 'not-tags': ['blue', 'Prod'] },
    { not_tags: ['blue', 'Prod'] },
    `NOT (${tag('blue')} AND ${tag('Prod')})`,
  ),
  live('not-tags-any one', { 'not-tags-any': ['Prod'] }, { not_tags_any: ['Prod'] }, `NOT ${tag('Prod')}`),
  live(
    'not-tags-any two',
    { 'not-tags-any': ['blue', 'Prod'] },
    { not_tags_any: ['blue', 'Prod'] },
    `NOT (${tag('blue')} OR ${tag('Prod')})`,
  ),
  live(
    'tags with all others',
    { tags: ['blue'], 'tags-any': ['Prod', 'größe'], 'not-tags': ['blue', 'größe'], 'not-tags-any': ['x'] },
    { tags: ['blue'], tags_any: ['Prod', 'größe'], not_tags: ['blue', 'größe'], not_tags_any: ['x'] },
    `${tag('blue')} AND (${tag('Prod')} OR ${tag('größe')}) AND NOT (${tag('blue')} AND ${tag('größe')})`,
  ),
  {
    name: 'tags, deleted or not',
    nova: { tags: ['blue'] },
    query: { tags: ['blue'], deleted: 'any' },
    where: `${tag('blue')} AND ${SHOWN}`,
  },
]

const metadata: FilterCase[] = [
  live('metadata one', { metadata: { role: 'web' } }, { metadata: { role: 'web' } }, meta('role', 'web')),
  live(
    'metadata of a key with one value',
    { metadata: { Owner: 'staging' } },
    { metadata: { Owner: 'staging' } },
    meta('Owner', 'staging'),
  ),
  live(
    'metadata two',
    { metadata: { role: 'web', env: 'web' } },
    { metadata: { role: 'web', env: 'web' } },
    `${meta('role', 'web')} AND ${meta('env', 'web')}`,
  ),
  live(
    'metadata a list of objects',
    { metadata: [{ role: 'db' }, { env: 'prod' }] },
    { metadata: { role: 'db', env: 'prod' } },
    `${meta('role', 'db')} AND ${meta('env', 'prod')}`,
  ),
  live('metadata empty value', { metadata: { role: '' } }, { metadata: { role: '' } }, meta('role', '')),
  live(
    'metadata quotes',
    { metadata: { 'it\'s "odd"': 'a,b=c;d\\' } },
    { metadata: { 'it\'s "odd"': 'a,b=c;d\\' } },
    meta('it\'\'s "odd"', 'a,b=c;d\\\\'),
  ),
  live('metadata deleted row', { metadata: { role: 'was' } }, { metadata: { role: 'was' } }, 'FALSE'),
  live(
    'metadata other case',
    { metadata: { ROLE: 'GRÖSSE' } },
    { metadata: { ROLE: 'GRÖSSE' } },
    meta('ROLE', 'GRÖSSE'),
  ),
  live(
    'system_metadata one',
    { system_metadata: { image_os_distro: 'debian' } },
    { system_metadata: { image_os_distro: 'debian' } },
    systemMeta('image_os_distro', 'debian'),
  ),
  live(
    'system_metadata two',
    { system_metadata: { image_os_distro: 'rocky', image_min_ram: '512' } },
    { system_metadata: { image_os_distro: 'rocky', image_min_ram: '512' } },
    `${systemMeta('image_os_distro', 'rocky')} AND ${systemMeta('image_min_ram', '512')}`,
  ),
  live(
    'system_metadata key and value of two rows',
    { system_metadata: { image_os_distro: '512' } },
    { system_metadata: { image_os_distro: '512' } },
    'FALSE',
  ),
  live(
    'system_metadata deleted row',
    { system_metadata: { old_vm_state: 'was' } },
    { system_metadata: { old_vm_state: 'was' } },
    systemMeta('old_vm_state', 'was'),
  ),
]

const exacts: FilterCase[] = [
  ...exact('project_id', 'project-1', 'tenant-b'),
  ...exact('user_id', 'user-a', 'user-b'),
  ...exact('image_ref', '7a1e0000-0000-4000-8000-000000000004', '7a1e0000-0000-4000-8000-000000000009', ''),
  ...exact('vm_state', 'active', 'error', 'stopped', 'building'),
  ...exact('task_state', 'rebooting', 'powering-off', 'spawning'),
  ...exact('instance_type_id', 2, 3, 6),
  ...exact('uuid', '@1.50', '@2.20', '@0.6', '@2.90', '@1.50'),
  ...exact('host', 'compute-cell1-007', 'compute-cell2-030', 'compute-cell1-020'),
  ...exact('locked', true),
  live('not locked', { locked: false }, { locked: false }, 'locked = 0'),
  live('vm_state in nothing', { vm_state: [] }, { vm_state: [] }, 'FALSE'),
  live('no task_state', { task_state: null }, { task_state: null }, 'task_state IS NULL'),
  live(
    'task_state in, with NULL',
    { task_state: [null, 'rebooting'] },
    { task_state: [null, 'rebooting'] },
    "task_state IS NULL OR task_state = 'rebooting'",
  ),
  live('no host', { host: null }, { host: null }, 'host IS NULL'),
  live('no vm_state', { vm_state: null }, { vm_state: null }, 'vm_state IS NULL'),
  live('vm_state in other case', { vm_state: 'ERROR' }, { vm_state: 'ERROR' }, "vm_state = 'ERROR'"),
  live(
    'four columns',
    { vm_state: 'active', locked: false, instance_type_id: [1, 2, 3], task_state: null },
    { vm_state: 'active', locked: false, instance_type_id: [1, 2, 3], task_state: null },
    "vm_state = 'active' AND locked = 0 AND instance_type_id IN (1, 2, 3) AND task_state IS NULL",
  ),
]

const regexps: FilterCase[] = [
  ...[
    'web',
    '^caf',
    'worker.gpu',
    'a|b',
    '[0-9]$',
    ' $',
    'ß',
    'STRASSE',
    '^$',
    '%',
    '^(a|b)',
    'сервер',
    '\\.0',
  ].map(pattern => regexp('display_name', pattern)),
  regexp('display_description', '^Made by [0-7]'),
  regexp('hostname', '^host-[0-3]'),
  regexp('node', 'cell[12]-00'),
  regexp('availability_zone', '^az'),
  regexp('key_name', 'LAPTOP'),
  regexp('key_name', 'cle'),
  regexp('config_drive', 'True'),
  regexp('config_drive', '^$'),
  regexp('reservation_id', '^r-[ab]'),
  regexp('access_ip_v4', '^198\\.51\\.100\\.1'),
  regexp('access_ip_v6', '::1'),
  regexp('root_device_name', 'vda'),
  regexp('os_type', 'linux'),
  regexp('kernel_id', '^$'),
]

const values: FilterCase[] = [
  asText('power_state', 1, 1, 'power_state = 1'),
  asText('power_state', 0, 0, 'power_state = 0'),
  asText('launch_index', 3, 3, 'launch_index = 3'),
  asText('progress', 1, 1, 'progress = 1'),
  asText('progress', 100, 100, 'progress = 100'),
  asText('locked_by', 'owner', 'owner', "locked_by = 'owner'"),
  asText('auto_disk_config', true, true, 'auto_disk_config = 1'),
  asText(
    'created_at',
    '2025-03-23',
    { gte: '2025-03-23', lt: '2025-03-24' },
    "DATE(created_at) = '2025-03-23'",
  ),
  asText(
    'launched_at',
    '2025-0[1-3]',
    { gte: '2025-01-01', lt: '2025-04-01' },
    "launched_at >= '2025-01-01' AND launched_at < '2025-04-01'",
  ),
  asText('terminated_at', '2025', { gte: '2025-01-01', lt: '2026-01-01' }, 'YEAR(terminated_at) = 2025'),
]

export const filterCases: readonly FilterCase[] = [
  ...deletedness,
  ...changes,
  ...tags,
  ...metadata,
  ...exacts,
  ...regexps,
  ...values,
]

/** What only `API.get_all` has: its names for columns, and addresses. */
export const apiFilterCases: readonly FilterCase[] = [
  LIVE_ONLY,
  live('name', { name: 'web' }, { display_name: { regexp: 'web' } }, "display_name REGEXP 'web'"),
  live(
    'image',
    { image: '7a1e0000-0000-4000-8000-000000000004' },
    { image_ref: '7a1e0000-0000-4000-8000-000000000004' },
    "image_ref = '7a1e0000-0000-4000-8000-000000000004'",
  ),
  live('flavor', { flavor: 'f3' }, { instance_type_id: 3 }, 'instance_type_id = 3'),
  live('tenant_id', { tenant_id: 'project-1' }, { project_id: 'project-1' }, "project_id = 'project-1'"),
  live(
    'description',
    { description: '^Made by [0-7]' },
    { display_description: { regexp: '^Made by [0-7]' } },
    "display_description REGEXP '^Made by [0-7]'",
  ),
  live('ip', { ip: '^10\\.1\\.' }, { address: { prefix: '10.1.' } }, address('10.1.')),
  live('ip of a network', { ip: '10\\.2\\.' }, { address: '10.2.0.0/16' }, address('10.2.')),
  live('ip of no network', { ip: '192\\.168\\.' }, { address: { prefix: '192.168.' } }, 'FALSE'),
  live('floating ip', { ip: '203\\.0\\.113\\.' }, { address: '203.0.113.0/24' }, 'FALSE'),
  live('fixed_ip', { fixed_ip: '10.3.164.39' }, { address: '10.3.164.39' }, address('10.3.164.39"')),
  live('ip6', { ip6: '2001:db8::' }, { address: '2001:db8::/32' }, address('2001:db8::')),
  live(
    'ip6 beginning',
    { ip6: '2001:db8::[9]' },
    { address: { prefix: '2001:db8::9' } },
    address('2001:db8::9'),
  ),
  live(
    'ip and vm_state',
    { ip: '10\\.1\\.', vm_state: ['active'] },
    { address: { prefix: '10.1.' }, vm_state: ['active'] },
    `${address('10.1.')} AND vm_state = 'active'`,
  ),
  live(
    'name and tags',
    { name: 'e', 'tags-any': ['blue', 'Prod'] },
    { display_name: { regexp: 'e' }, tags_any: ['blue', 'Prod'] },
    `display_name REGEXP 'e' AND (${tag('blue')} OR ${tag('Prod')})`,
  ),
]

/** A case by its name. */
export const of = (name: string): FilterCase => {
  const found = [...filterCases, ...apiFilterCases].find(filter => filter.name === name)
  if (found === undefined) throw new Error(`no filter ${name}`)
  return found
}
