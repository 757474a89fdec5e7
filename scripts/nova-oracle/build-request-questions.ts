import type { Question } from '../../test/nova/fixtures/question.js'
import { type Asked, DIRS, LATEST, OLDEST, OTHER_PROJECT, PROJECT, question, SORT_KEYS } from './asked.js'
import { pattern, requestFilters, value } from './build-request-filters.js'
import { live, of } from './filters.js'

/** Nova orders the build requests among themselves by what is asked for, then by time and id; a cell's rows by uuid. */
const total = (...sort: readonly string[]): readonly string[] => [...sort, 'uuid:asc']
const OLDEST_FIRST = total(...OLDEST)

const sorts: Asked[] = SORT_KEYS.flatMap(key =>
  DIRS.flatMap((dir, at): Asked[] => {
    const sort = key === 'uuid' ? [`uuid:${dir}`] : total(`${key}:${dir}`)
    return [
      { sort, limit: 30 },
      { sort, as: PROJECT, limit: 12, marker: at === 0 ? '@b.14' : '@b.3' },
    ]
  }),
)

const severalKeys: Asked[] = [
  ['display_name:asc', 'created_at:desc'],
  ['vm_state:desc', 'created_at:asc'],
  ['project_id:asc', 'user_id:desc', 'created_at:asc'],
  ['instance_type_id:desc', 'image_ref:asc'],
  ['locked:desc', 'created_at:asc'],
  ['created_at:desc', 'id:desc'],
  ['created_at:asc', 'id:asc'],
].flatMap((keys): Asked[] => [
  { sort: total(...keys), limit: 40 },
  { sort: total(...keys), as: PROJECT, limit: 6, marker: '@b.1' },
])

const filtered: Asked[] = requestFilters.flatMap((filter, at): Asked[] => [
  { filter, limit: 40 },
  { filter, as: PROJECT, sort: OLDEST_FIRST, limit: 6, marker: at % 2 === 0 ? '@b.2' : '@1.73' },
])

const markers: Asked[] = [
  ...['@b.11', '@b.17', '@b.15', '@b.12', '@b.19', '@b.10', '@1.57', '@0.20', '@0.14'].flatMap(
    (marker): Asked[] => [
      { marker, limit: 10 },
      { marker, limit: 25, sort: OLDEST_FIRST },
    ],
  ),
  { marker: '@b.4', as: PROJECT, limit: 5, refused: 'marker-not-found', note: 'a marker of another project' },
  {
    marker: '@b.5',
    as: OTHER_PROJECT,
    limit: 5,
    refused: 'marker-not-found',
    note: 'a marker of a like-named project',
  },
  { marker: 'd7c4a5a8-0000-4000-8000-00000000dead', limit: 5, refused: 'marker-not-found' },
]

const others: Asked[] = [
  ...[0, 1, 3, 18, 19, 20, 1000].map(limit => ({ limit })),
  ...[0, 1, 17, 18].map(limit => ({ limit, marker: '@b.1' })),
  {},
  { as: PROJECT },
  { as: OTHER_PROJECT },
  { as: { project_id: 'TENANT-B', user_id: 'somebody' } },
  { as: { project_id: 'project-36', user_id: 'somebody' } },
  { as: { project_id: 'nobody', user_id: 'somebody' } },
  { sort: OLDEST, limit: 30, note: 'ties' },
  { sort: ['vm_state:asc'], as: PROJECT, note: 'ties' },
  { sort: ['instance_type_id:desc'], as: PROJECT, limit: 9, marker: '@b.3', note: 'ties' },
]

export const buildRequestQuestions: readonly Question[] = [
  ...[...sorts, ...severalKeys, ...filtered, ...markers, ...others],
].map(asked => question({ call: 'get_all', ...asked }))

/** About build requests that are rows of a cell as well: b.15 is 1.1002, and b.16 is 2.1003. */
const written: Asked[] = [
  { limit: 60 },
  { limit: 30, marker: '@1.150' },
  { limit: 30, marker: '@b.15' },
  { limit: 30, marker: '@2.1003' },
  { limit: 5, marker: '@2.115' },
  { limit: 5, sort: OLDEST_FIRST, marker: '@1.137' },
  { limit: 25, sort: OLDEST_FIRST, marker: '@b.15' },
  { limit: 25, sort: OLDEST_FIRST, marker: '@2.1003' },
  { sort: OLDEST_FIRST, limit: 1000 },
  { sort: total('instance_type_id:desc'), limit: 60 },
  { sort: ['uuid:asc'], limit: 1000 },
  { as: PROJECT },
  { as: PROJECT, sort: OLDEST_FIRST, limit: 6, marker: '@b.18' },
  { as: PROJECT, limit: 10, marker: '@b.15' },
  { as: PROJECT, limit: 10, marker: '@2.1003' },
  { as: OTHER_PROJECT },
  ...['no host', 'tags one', 'tags-any two', 'metadata one', 'metadata two'].map(
    (name): Asked => ({ filter: of(name) }),
  ),
  ...['deleted', 'deleted or not', 'hidden', 'changes-since'].map(
    (name): Asked => ({ filter: of(name), limit: 60 }),
  ),
  { filter: value('task_state', 'scheduling') },
  { filter: value('task_state', 'spawning') },
  { filter: pattern('display_name', '^api') },
  {
    filter: live(
      'uuid in',
      { uuid: ['@b.1', '@b.15', '@2.1003'] },
      { uuid: ['@b.1', '@b.15', '@2.1003'] },
      "uuid IN ('@b.1', '@b.15', '@2.1003')",
    ),
  },
]

export const writtenQuestions: readonly Question[] = written.map(asked =>
  question({ call: 'get_all', ...asked }),
)

const strange: Asked[] = [
  {},
  { limit: 7 },
  { sort: OLDEST_FIRST, limit: 30 },
  { sort: OLDEST_FIRST, limit: 30, marker: '@b.24' },
  { as: PROJECT },
  { as: PROJECT, sort: OLDEST_FIRST, limit: 8, marker: '@b.23' },
  { sort: total('display_name:asc'), limit: 40 },
  { sort: total('power_state:desc'), limit: 60 },
  { sort: total('progress:asc'), limit: 20, marker: '@b.20' },
  { sort: total('launch_index:asc'), limit: 20 },
  { as: PROJECT, sort: total('display_name:asc') },
  { as: PROJECT, sort: total('vm_state:desc'), limit: 20 },
  { as: PROJECT, sort: total('created_at:desc'), limit: 4, marker: '@b.25' },
  { as: OTHER_PROJECT, sort: LATEST, limit: 12 },
  { as: { project_id: 'project-36', user_id: 'somebody' }, note: 'which has none of them' },
  ...['no vm_state', 'no host', 'tags one', 'metadata one'].map(
    (name): Asked => ({ filter: of(name), limit: 30 }),
  ),
  { filter: pattern('display_name', '^newer') },
  { filter: live('no display_name', { display_name: null }, { display_name: null }, 'display_name IS NULL') },
  {
    filter: live(
      'uuid in',
      { uuid: ['@b.21', '@b.22', '@b.23', '@b.24', '@b.25', '@1.50'] },
      { uuid: ['@b.21', '@b.22', '@b.23', '@b.24', '@b.25', '@1.50'] },
      "uuid IN ('@b.21', '@b.22', '@b.23', '@b.24', '@b.25', '@1.50')",
    ),
  },
]

export const strangeQuestions: readonly Question[] = strange.map(asked =>
  question({ call: 'get_all', ...asked }),
)
