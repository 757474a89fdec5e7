import type { Question } from '../../test/nova/fixtures/question.js'
import { type Asked, DIRS, LATEST, OLDEST, OTHER_PROJECT, PROJECT, question, SORT_KEYS } from './asked.js'
import { apiFilterCases, type FilterCase, filterCases, LIVE_ONLY, of } from './filters.js'

/** Each key in each direction: a first page, a page behind a row of each cell, all of a project, a page of it. */
const sorts: Asked[] = SORT_KEYS.flatMap(key =>
  DIRS.flatMap((dir, at) => {
    const sort = [`${key}:${dir}`]
    return [
      { sort, limit: 20 },
      { sort, limit: 20, marker: at === 0 ? '@1.85' : '@2.60' },
      { sort, limit: 15, filter: of('vm_state is'), marker: at === 0 ? '@2.77' : '@1.40' },
      { sort, as: PROJECT },
      { sort, as: PROJECT, limit: 10, marker: at === 0 ? '@2.66' : '@1.73' },
    ]
  }),
)

const SEVERAL = [
  ['display_name:asc', 'created_at:desc'],
  ['display_name:desc', 'created_at:asc'],
  ['vm_state:asc', 'display_name:asc'],
  ['vm_state:desc', 'updated_at:asc'],
  ['project_id:asc', 'user_id:asc', 'created_at:asc'],
  ['project_id:desc', 'created_at:desc'],
  ['instance_type_id:asc', 'image_ref:desc'],
  ['instance_type_id:desc', 'power_state:asc', 'created_at:asc'],
  ['locked:desc', 'created_at:asc'],
  ['locked_by:asc', 'created_at:asc'],
  ['availability_zone:asc', 'host:asc', 'launched_at:desc'],
  ['key_name:desc', 'display_name:asc', 'created_at:desc'],
  ['created_at:asc', 'display_name:desc'],
  ['config_drive:asc', 'auto_disk_config:desc', 'launch_index:asc'],
  ['power_state:asc', 'uuid:desc'],
  ['created_at:desc', 'id:desc'],
  ['created_at:asc', 'id:asc'],
]
const severalKeys: Asked[] = SEVERAL.flatMap(sort => [
  { sort, limit: 25 },
  { sort, limit: 25, marker: '@1.120' },
  { sort, as: PROJECT, limit: 12, marker: '@2.92' },
])

const filters: Asked[] = filterCases.flatMap((filter, at) => [
  { filter },
  { filter, sort: OLDEST, limit: 7, marker: at % 2 === 0 ? '@1.40' : '@2.31' },
  { filter, as: PROJECT, sort: at % 2 === 0 ? LATEST : OLDEST, limit: 5 },
])

/** Nova has no context of a user alone: its databases refuse one (nova/context.py, `require_context`). */
const USER: Asked = {
  filter: {
    name: 'of a user',
    nova: { deleted: false, user_id: 'user-a' },
    query: {},
    where: `CAST(user_id AS BINARY) = 'user-a' AND ${LIVE_ONLY.where}`,
  },
  query: { scope: { user_id: 'user-a' } },
}

const tenants: Asked[] = [
  USER,
  { ...USER, sort: OLDEST, limit: 4 },
  { ...USER, sort: OLDEST, limit: 4, marker: '@1.25' },
  { ...USER, sort: ['instance_type_id:asc'], limit: 9 },
  { as: OTHER_PROJECT, note: 'a project in another case of letters' },
  { as: { project_id: 'PROJECT-1', user_id: 'somebody' }, note: 'a project in another case of letters' },
  { as: { project_id: 'nobody', user_id: 'somebody' } },
  {
    as: PROJECT,
    nova: { filters: { deleted: false, project_id: 'tenant-b' } },
    note: 'asking for another project',
    query: { filters: { project_id: 'project-1' } },
  },
]

/** Markers that are no row of the answer, or of no answer. */
const MARKERS: readonly (readonly [why: string, marker: string])[] = [
  ['deleted', '@1.58'],
  ['deleted, without a time of creation', '@1.61'],
  ['soft-deleted', '@2.29'],
  ['hidden', '@1.133'],
  ['moved, with a hidden copy', '@1.50'],
  ['in cell0', '@0.20'],
  ['without a name and vm_state', '@1.49'],
  ['the first', '@1.1'],
  ['the last of cell2', '@2.130'],
]
const markers: Asked[] = [
  ...MARKERS.flatMap(([note, marker]) => [
    { marker, limit: 10, note },
    { marker, limit: 10, sort: OLDEST, note },
    { marker, limit: 10, sort: ['instance_type_id:asc'], note },
    { marker, limit: 10, sort: ['display_name:asc'], note },
    { marker, limit: 10, filter: of('vm_state is'), note },
  ]),
  { marker: 'd7c4a5a8-0000-4000-8000-00000000dead', limit: 5, refused: 'marker-not-found' },
  { marker: '@1.85', as: PROJECT, limit: 5, refused: 'marker-not-found', note: 'a marker of another project' },
  {
    marker: '@2.31',
    as: PROJECT,
    limit: 5,
    sort: OLDEST,
    refused: 'marker-not-found',
    note: 'a marker of another project',
  },
  { filter: of('uuid in'), marker: '@2.20', note: 'a uuid filter and a marker' },
  { filter: of('uuid in'), marker: '@2.20', sort: OLDEST, limit: 2, note: 'a uuid filter and a marker' },
]

const sizes: Asked[] = [
  { limit: 0 },
  { limit: 0, marker: '@1.85' },
  { limit: 1 },
  { limit: 1, marker: '@1.85' },
  { limit: 1, marker: '@2.60', sort: OLDEST },
  { limit: 1000 },
  { limit: 250, marker: '@0.20' },
  ...[1, 3, 10].flatMap(batch => [
    { call: 'instance_records' as const, batch, limit: 40 },
    { call: 'instance_records' as const, batch, sort: OLDEST, as: PROJECT },
    { call: 'instance_records' as const, batch, sort: ['instance_type_id:desc'], limit: 40, marker: '@1.85' },
    { call: 'instance_records' as const, batch, sort: ['display_name:asc'], as: PROJECT },
    { call: 'instance_records' as const, batch, sort: ['task_state:desc'], filter: of('vm_state is') },
  ]),
]

const refused: Asked[] = [
  {
    sort: ['flavour:asc'],
    refused: 'unknown-sort-key',
  },
  { sort: ['metadata:asc'], refused: 'unknown-sort-key' },
  {
    nova: { sort_keys: ['created_at'], sort_dirs: ['up'] },
    query: { sort: ['created_at:up'] },
    refused: 'invalid-direction',
    note: 'a direction that is none',
  },
  {
    nova: { sort_keys: ['instance_type_id', 'created_at'], sort_dirs: ['desc'] },
    query: { sort: ['instance_type_id:desc', 'created_at:desc', 'uuid:asc'] },
    note: 'fewer directions than keys',
  },
  {
    nova: { filters: { deleted: false, display_name: '(' } },
    query: { filters: { display_name: { regexp: '(' } } },
    refused: 'invalid-filter-value',
    note: 'a regular expression that is none',
  },
  ...['tags', 'not-tags'].map(name => ({
    nova: { filters: { deleted: false, [name]: [] } },
    query: { filters: { [name.replaceAll('-', '_')]: [] } },
    refused: 'invalid-filter-value',
    note: `${name} with nothing in it`,
  })),
]

const api: Asked[] = apiFilterCases.flatMap((filter): Asked[] => [
  { call: 'get_all', filter },
  { call: 'get_all', filter, sort: OLDEST, limit: 6 },
  { call: 'get_all', filter, sort: OLDEST, limit: 6, marker: '@1.40' },
  { call: 'get_all', filter, as: PROJECT, sort: ['instance_type_id:desc', 'created_at:asc'] },
])
const apiMore: Asked[] = [
  ...['deleted', 'deleted or not', 'changes-since', 'changes between', 'metadata one', 'tags two'].map(
    name => ({
      call: 'get_all' as const,
      filter: of(name),
      limit: 30,
    }),
  ),
  ...SORT_KEYS.map(key => ({
    call: 'get_all' as const,
    as: PROJECT,
    filter: of('vm_state is'),
    sort: [`${key}:asc`],
    limit: 8,
    marker: '@1.73',
  })),
]

export const instanceQuestions: readonly Question[] = [
  ...[...sorts, ...severalKeys, ...filters, ...tenants, ...markers, ...sizes, ...refused],
  ...[...api, ...apiMore],
].map(question)

const migrations = (
  name: string,
  nova: FilterCase['nova'],
  query: FilterCase['query'],
  where: string,
): FilterCase => ({ name, nova, query, where: `deleted = 0 AND (${where})` })

const migrationFilters: readonly FilterCase[] = [
  migrations('all', {}, {}, 'TRUE'),
  migrations('status is', { status: 'running' }, { status: 'running' }, "status = 'running'"),
  migrations(
    'status in',
    { status: ['error', 'completed'] },
    { status: ['error', 'completed'] },
    "status IN ('error', 'completed')",
  ),
  migrations(
    'host',
    { host: 'compute-cell1-007' },
    { host: 'compute-cell1-007' },
    "'compute-cell1-007' IN (source_compute, dest_compute)",
  ),
  migrations(
    'source_compute',
    { source_compute: 'compute-cell1-007' },
    { source_compute: 'compute-cell1-007' },
    "source_compute = 'compute-cell1-007'",
  ),
  migrations(
    'node',
    { node: 'compute-cell2-030.example.org' },
    { node: 'compute-cell2-030.example.org' },
    "'compute-cell2-030.example.org' IN (source_node, dest_node)",
  ),
  migrations(
    'instance_uuid',
    { instance_uuid: '@1.20' },
    { instance_uuid: '@1.20' },
    "instance_uuid = '@1.20'",
  ),
  migrations(
    'migration_type',
    { migration_type: 'resize' },
    { migration_type: 'resize' },
    "migration_type = 'resize'",
  ),
  migrations('hidden', { hidden: true }, { hidden: true }, 'hidden = 1'),
  migrations('not hidden', { hidden: false }, { hidden: false }, 'hidden = 0'),
  migrations(
    'changes-since',
    { 'changes-since': '2025-09-01T12:00:00Z' },
    { changes_since: '2025-09-01T12:00:00Z' },
    "updated_at >= '2025-09-01 12:00:00'",
  ),
  migrations(
    'changes between',
    { 'changes-since': '2025-09-01T12:00:00Z', 'changes-before': '2025-12-01T12:00:00Z' },
    { changes_since: '2025-09-01T12:00:00Z', changes_before: '2025-12-01T12:00:00Z' },
    "updated_at BETWEEN '2025-09-01 12:00:00' AND '2025-12-01 12:00:00'",
  ),
  migrations('user_id', { user_id: 'user-a' }, { user_id: 'user-a' }, "user_id = 'user-a'"),
  migrations(
    'project_id',
    { project_id: 'project-1' },
    { project_id: 'project-1' },
    "project_id = 'project-1'",
  ),
  migrations(
    'four columns',
    { status: ['error', 'finished'], migration_type: 'resize', hidden: false, project_id: 'project-1' },
    { status: ['error', 'finished'], migration_type: 'resize', hidden: false, project_id: 'project-1' },
    "status IN ('error', 'finished') AND migration_type = 'resize' AND hidden = 0 AND project_id = 'project-1'",
  ),
]

const migrationSorts = [
  ...[
    'created_at',
    'updated_at',
    'status',
    'source_compute',
    'dest_compute',
    'migration_type',
    'instance_uuid',
  ],
  ...['uuid', 'hidden', 'project_id'],
].flatMap(key => DIRS.map(dir => [`${key}:${dir}`]))

export const migrationQuestions: readonly Question[] = [
  ...migrationFilters.flatMap(filter => [
    { filter },
    { filter, limit: 5 },
    { filter, sort: OLDEST, limit: 5, marker: '@m1.20' },
    { filter, limit: 5, marker: '@m2.21' },
  ]),
  ...migrationSorts.flatMap((sort, at) => [
    { filter: migrationFilters[0]!, sort, limit: 20 },
    { filter: migrationFilters[0]!, sort, limit: 10, marker: at % 2 === 0 ? '@m1.20' : '@m2.21' },
  ]),
  ...[0, 1000].map(limit => ({ filter: migrationFilters[0]!, limit })),
  {
    filter: migrationFilters[0]!,
    marker: 'd7c4a5a8-0000-4000-8000-00000000dead',
    refused: 'marker-not-found',
  },
].map(asked => question({ call: 'migrations', ...asked }))
