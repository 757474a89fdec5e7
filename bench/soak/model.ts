import type { instances, ListQuery, Scope } from '../../src/index.js'

/** A record as crosscell gives it. */
export interface Record {
  readonly uuid: string
  readonly id: number
  readonly created_at: string | null
  readonly memory_mb: number | null
  readonly vcpus: number | null
  readonly project_id: string | null
  readonly display_name: string | null
  readonly vm_state: string | null
  readonly cell: { readonly name: string }
  readonly stub?: boolean | undefined
  readonly late?: boolean
  readonly tags?: readonly string[] | null
}

export const FIELDS = [
  'uuid',
  'id',
  'created_at',
  'memory_mb',
  'vcpus',
  'project_id',
  'display_name',
  'vm_state',
] as const satisfies ListQuery<typeof instances>['fields']

/** A row of a cell. Quiet rows never change. */
export interface Row {
  readonly record: Record
  readonly cell: string
  readonly tags: readonly string[]
  /** What is known of when a volatile row was there, by the clock of this process. */
  readonly life?: Life
}

/** Times of statements: `sent` before, `done` after. A statement whose outcome nobody knows is sent, and never done. */
export interface Life {
  insertSent: number
  insertDone: number
  removeSent: number
  removeDone: number
}

/** Whether a row was there all the time, was not there at all, or may have been. */
export const presence = ({ life }: Row, from: number, to: number): 'there' | 'absent' | 'unknown' => {
  if (life === undefined) return 'there'
  if (life.insertDone < from && life.removeSent > to) return 'there'
  return life.insertSent > to || life.removeDone < from ? 'absent' : 'unknown'
}

type Direction = 'asc' | 'desc'
type Key = 'created_at' | 'memory_mb' | 'uuid'

/** A question, and what it means for rows. */
export interface Question {
  readonly scope: Scope
  readonly filters: ListQuery<typeof instances>['filters'] & object
  readonly sort: readonly { readonly key: Key; readonly dir: Direction }[]
  /** Whether a row of the model is asked for. */
  asksFor(record: Record): boolean
  /** Before 0, behind above. */
  compare(a: Record, b: Record): number
}

const byValue = <T extends string | number>(a: T | null, b: T | null): number =>
  a === b ? 0 : a === null ? -1 : b === null ? 1 : a < b ? -1 : 1

const SORTS: readonly Question['sort'][] = [
  [{ key: 'created_at', dir: 'desc' }],
  [{ key: 'created_at', dir: 'asc' }],
  [{ key: 'uuid', dir: 'asc' }],
  [
    { key: 'memory_mb', dir: 'desc' },
    { key: 'created_at', dir: 'asc' },
  ],
]

const FILTERS: readonly (Pick<Question, 'filters'> & { readonly passes: (record: Record) => boolean })[] = [
  { filters: {}, passes: () => true },
  { filters: { vm_state: 'active' }, passes: ({ vm_state }) => vm_state === 'active' },
  { filters: { memory_mb: { gte: 4_096 } }, passes: ({ memory_mb }) => (memory_mb ?? 0) >= 4_096 },
]

/** The order of crosscell: the keys, then `id` in the direction of the last, then `uuid`. */
const orderOf =
  (sort: Question['sort']): Question['compare'] =>
  (a, b) => {
    for (const { key, dir } of sort) {
      const order = byValue(a[key], b[key])
      if (order !== 0) return dir === 'asc' ? order : -order
    }
    const byId = byValue(a.id, b.id)
    if (byId !== 0) return sort.at(-1)!.dir === 'asc' ? byId : -byId
    return byValue(a.uuid, b.uuid)
  }

/** Every question there is. */
export const questionsFor = (projects: readonly string[]): Question[] =>
  (['all', ...projects.map(project_id => ({ project_id }))] as const satisfies readonly Scope[]).flatMap(
    scope =>
      SORTS.flatMap(sort =>
        FILTERS.map(({ filters, passes }) => ({
          scope,
          filters,
          sort,
          asksFor: (record: Record) =>
            (scope === 'all' || record.project_id === scope.project_id) && passes(record),
          compare: orderOf(sort),
        })),
      ),
  )

/** What a mapping knows of its instance. */
export type Mapped = Pick<Record, 'project_id' | 'created_at'> & { readonly cell: string }

/** All rows that an answer may have. */
export interface Model {
  readonly rows: readonly Row[]
  /** The row of this uuid. */
  known(uuid: string): Row | undefined
  /** What its mapping says; of rows that do not show as well. */
  mapped(uuid: string): Mapped | undefined
  add(row: Row): void
  /** Leaves out what has been gone for so long that no answer under way can have it. */
  forget(): void
}

const FORGET_MS = 60_000

export const modelOf = (quiet: readonly Row[], mappings: ReadonlyMap<string, Mapped>): Model => {
  let rows = [...quiet]
  const byUuid = new Map(rows.map(row => [row.record.uuid, row]))
  return {
    get rows() {
      return rows
    },
    known: uuid => byUuid.get(uuid),
    mapped: uuid => {
      const row = byUuid.get(uuid)
      return mappings.get(uuid) ?? (row && { ...row.record, cell: row.cell })
    },
    add: row => {
      rows.push(row)
      byUuid.set(row.record.uuid, row)
    },
    forget: () => {
      const then = performance.now() - FORGET_MS
      const isGone = ({ life }: Row): boolean => life !== undefined && life.removeDone < then
      const gone = rows.filter(isGone)
      if (gone.length === 0) return
      rows = rows.filter(row => !isGone(row))
      for (const { record } of gone) byUuid.delete(record.uuid)
    },
  }
}
