import type { Question } from '../../test/nova/fixtures/question.js'
import { type Asked, OLDEST, OTHER_PROJECT, PROJECT, question } from './asked.js'
import { type FilterCase, live, of } from './filters.js'

const CALLS = ['instance_objects', 'get_all'] as const

/** Orders in which the copies are neighbours, and orders in which they are far apart; none with a NULL. */
const SORTS = [
  ['created_at:desc', 'uuid:asc'],
  ['created_at:asc', 'uuid:asc'],
  ['instance_type_id:asc', 'created_at:asc', 'uuid:asc'],
  ['uuid:asc'],
  ['uuid:desc'],
]

const COPIES: FilterCase = live(
  'moved ones by uuid',
  { uuid: ['@1.60', '@2.70', '@2.60', '@1.73', '@0.14'] },
  { uuid: ['@1.60', '@2.70', '@2.60', '@1.73', '@0.14'] },
  "uuid IN ('@1.60', '@2.70', '@2.60', '@1.73', '@0.14')",
)

const asked: Asked[] = CALLS.flatMap((call): Asked[] => [
  ...SORTS.map((sort): Asked => ({ call, sort, limit: 1000 })),
  // Pages that begin behind the current copy, behind its other one, and between them.
  ...['@2.1006', '@2.60', '@2.70', '@1.57', '@2.56'].map(
    (marker): Asked => ({ call, sort: SORTS[1]!, limit: 12, marker }),
  ),
  ...['@2.1004', '@2.60', '@1.12'].map((marker): Asked => ({ call, sort: SORTS[2]!, limit: 25, marker })),
  { call, as: PROJECT, sort: OLDEST },
  { call, as: PROJECT, sort: ['created_at:desc', 'uuid:asc'], limit: 4, marker: '@2.1006' },
  { call, as: OTHER_PROJECT, sort: OLDEST },
  { call, filter: COPIES, sort: SORTS[1]! },
  { call, filter: COPIES, sort: SORTS[1]!, limit: 3 },
  { call, filter: of('vm_state is'), sort: SORTS[1]!, limit: 60, marker: '@1.57' },
  { call, filter: of('deleted or not'), sort: SORTS[1]!, limit: 60, marker: '@1.76' },
  { call, filter: of('deleted'), sort: SORTS[1]! },
  { call, filter: of('tags one'), sort: SORTS[1]! },
  { call, filter: live('resized', { vm_state: 'resized' }, { vm_state: 'resized' }, "vm_state = 'resized'") },
  { call, filter: of('hidden'), sort: SORTS[1]! },
])

export const movedQuestions: readonly Question[] = asked.map(question)
