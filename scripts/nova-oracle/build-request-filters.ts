import { type FilterCase, live, meta, of, systemMeta, tag } from './filters.js'

export const value = (column: string, is: string | number): FilterCase =>
  live(`${column} is ${is}`, { [column]: is }, { [column]: is }, `${column} = '${is}'`)

export const pattern = (column: string, sent: string): FilterCase =>
  live(
    `${column} matches ${sent}`,
    { [column]: sent },
    { [column]: { regexp: sent } },
    `${column} REGEXP '${sent.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
  )

const PATH = '$."nova_object.data"[*]'
const ODD = 'it\'s "odd"'

/** For build requests: of each kind that Nova's BuildRequestList treats in its own way. */
export const requestFilters: readonly FilterCase[] = [
  value('vm_state', 'building'),
  value('task_state', 'scheduling'),
  live(
    'task_state in',
    { task_state: ['scheduling', 'deleting', 'spawning'] },
    { task_state: ['scheduling', 'deleting', 'spawning'] },
    "task_state IN ('scheduling', 'deleting', 'spawning')",
  ),
  value('user_id', 'user-a'),
  value('image_ref', '7a1e0000-0000-4000-8000-000000000004'),
  value('instance_type_id', 3),
  live(
    'uuid in',
    { uuid: ['@b.1', '@b.15', '@1.50', '@b.12', '@2.20'] },
    { uuid: ['@b.1', '@b.15', '@1.50', '@b.12', '@2.20'] },
    "uuid IN ('@b.1', '@b.15', '@1.50', '@b.12', '@2.20')",
  ),
  ...['no host', 'no task_state', 'no vm_state', 'not locked', 'locked is'].map(of),
  ...['vm_state in', 'project_id is', 'vm_state in other case', 'task_state in, with NULL'].map(of),
  ...['web', '^caf', 'STRASSE', '^$', ' $', '[0-9]$', 'сервер', '-[12]$'].map(it =>
    pattern('display_name', it),
  ),
  pattern('display_name', '🚀'),
  pattern('hostname', '^(web|batch)'),
  pattern('display_description', '^Made by 1'),
  pattern('reservation_id', '^r-batch'),
  pattern('availability_zone', '^az'),
  pattern('key_name', 'LAPTOP'),
  pattern('access_ip_v4', '^198\\.51\\.100\\.'),
  pattern('config_drive', 'True'),
  pattern('root_device_name', 'vda'),
  ...[
    'power_state as text 0',
    'progress as text 1',
    'locked_by as text owner',
    'auto_disk_config as text true',
  ].map(of),
  live(
    'created_at as text',
    { created_at: '2025-04-21' },
    { created_at: { gte: '2025-04-21', lt: '2025-04-22' } },
    "DATE(created_at) = '2025-04-21'",
  ),
  ...[
    'tags one',
    'tags two',
    'tags three, case and accents',
    'tags-any two',
    'not-tags two',
    'not-tags-any one',
  ].map(of),
  live('tags in another case', { tags: ['BLUE'] }, { tags: ['BLUE'] }, tag('BLUE')),
  ...[
    'metadata one',
    'metadata two',
    'metadata a list of objects',
    'metadata empty value',
    'metadata quotes',
  ].map(of),
  ...['metadata other case', 'system_metadata one', 'system_metadata two'].map(of),
  live(
    'metadata with an emoji',
    { metadata: { '🚀 key': '✓ 😀' } },
    { metadata: { '🚀 key': '✓ 😀' } },
    meta('🚀 key', '✓ 😀'),
  ),
  live(
    'metadata like a path',
    { metadata: { [PATH]: "'; --" } },
    { metadata: { [PATH]: "'; --" } },
    meta(PATH, "''; --"),
  ),
  live(
    'system_metadata of an image',
    { system_metadata: { image_note: ODD } },
    { system_metadata: { image_note: ODD } },
    systemMeta('image_note', ODD.replaceAll("'", "''")),
  ),
  ...['deleted', 'deleted or not', 'live and soft-deleted', 'hidden', 'hidden, deleted or not'].map(of),
  ...['changes-since', 'changes-before', 'changes between', 'vm_state in nothing'].map(of),
  ...['name', 'image', 'flavor', 'tenant_id', 'ip', 'fixed_ip', 'ip6', 'name and tags'].map(of),
]
