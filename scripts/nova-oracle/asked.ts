import type { Query, Question } from '../../test/nova/fixtures/question.js'
import { type FilterCase, LIVE_ONLY } from './filters.js'

/** The sort keys of Nova's REST API, with `locked`. */
export const SORT_KEYS = (
  'access_ip_v4 access_ip_v6 auto_disk_config availability_zone config_drive created_at display_description ' +
  'display_name host hostname image_ref instance_type_id kernel_id key_name launch_index launched_at locked ' +
  'locked_by node power_state progress project_id ramdisk_id root_device_name task_state terminated_at ' +
  'updated_at user_id uuid vm_state'
).split(' ')
export const DIRS = ['asc', 'desc']
export const LATEST: readonly string[] = []
export const OLDEST = ['created_at:asc']

export const ADMIN = 'admin'
export const PROJECT = { project_id: 'project-1', user_id: 'somebody' }
export const OTHER_PROJECT = { project_id: 'tenant-b', user_id: 'somebody' }
type Who = typeof ADMIN | { readonly project_id: string; readonly user_id: string }

/** A question, in short. */
export interface Asked {
  readonly call?: 'instance_objects' | 'instance_records' | 'get_all' | 'migrations'
  readonly as?: Who
  readonly filter?: FilterCase
  readonly sort?: readonly string[]
  readonly limit?: number
  readonly marker?: string
  readonly batch?: number
  /** Members of Nova's question that do not follow from the others. */
  readonly nova?: Readonly<Record<string, unknown>>
  /** Members of the query that do not follow from the others. */
  readonly query?: Partial<Query>
  readonly refused?: string
  readonly note?: string
}

const scopeOf = (who: Who): Query['scope'] => (who === ADMIN ? 'all' : { project_id: who.project_id })

/** A tenant's id is compared byte by byte. */
const owned = (who: Who): string =>
  who === ADMIN ? '' : `CAST(project_id AS BINARY) = '${who.project_id}' AND `

/** Nova appends `uuid:asc` to every order, and orders by `created_at` and `id` when there is none. */
const fullSort = (sort: readonly string[]): readonly string[] =>
  sort.length === 0 || sort.some(term => term.startsWith('uuid:')) ? sort : [...sort, 'uuid:asc']

export const question = (asked: Asked): Question => {
  const {
    call = 'instance_objects',
    as = ADMIN,
    filter = LIVE_ONLY,
    sort = LATEST,
    limit,
    marker,
    batch,
  } = asked
  const terms = sort.map(term => term.split(':'))
  const page = { ...(limit === undefined ? {} : { limit }), ...(marker === undefined ? {} : { marker }) }
  const order = fullSort(sort)
  const words = [
    call,
    as === ADMIN ? ADMIN : `of ${as.project_id}`,
    filter.name,
    sort.length > 0 && `by ${sort}`,
    limit !== undefined && `limit ${limit}`,
    marker && `behind ${marker}`,
    batch && `in batches of ${batch}`,
    asked.note,
  ]
  return {
    name: words.filter(Boolean).join(' | '),
    nova: {
      call,
      as,
      filters: filter.nova,
      ...(sort.length === 0
        ? {}
        : { sort_keys: terms.map(([key]) => key), sort_dirs: terms.map(([, dir]) => dir) }),
      ...page,
      ...(batch === undefined ? {} : { batch }),
      ...asked.nova,
    },
    query: {
      scope: scopeOf(as),
      ...(Object.keys(filter.query).length === 0 ? {} : { filters: filter.query }),
      ...(order.length === 0 ? {} : { sort: order }),
      ...page,
      ...asked.query,
    },
    ...(asked.refused === undefined ? { where: `${owned(as)}${filter.where}` } : { refused: asked.refused }),
  }
}
