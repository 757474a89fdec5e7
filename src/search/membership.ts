import type { Relation, Resource } from '../resources/resource.js'
import type { Related } from '../sql/related.js'

/** Texts of another table that filters look for: its labels, or its keys and values. */
export interface Membership {
  readonly name: string
  readonly kind: 'labels' | 'pairs'
  readonly relation: Relation
  /** The columns that hold the texts. */
  readonly columns: readonly string[]
}

/** All that the filters of a resource look for. */
export const memberships = ({ filters }: Resource): readonly Membership[] => {
  const found = new Map<string, Membership>()
  for (const filter of Object.values(filters)) {
    if (filter.kind !== 'labels' && filter.kind !== 'pairs') continue
    const { kind, relation } = filter
    const columns = filter.kind === 'labels' ? [filter.label] : [filter.key, filter.value]
    const name = [relation.table, ...columns].join('.')
    if (!found.has(name)) found.set(name, { name, kind, relation, columns })
  }
  return [...found.values()]
}

/** Whether these are the rows that a condition asks about. Texts come first; what follows says which rows count. */
export const asksFor = (related: Related, { relation, columns }: Membership): boolean => {
  const { table, column, references, only = [] } = relation
  const own = { table, column, references, columns, only: only.map(({ column, eq }) => [column, [eq]]) }
  const asked = {
    table: related.table,
    column: related.column,
    references: related.outer.column,
    columns: related.values.slice(0, columns.length).map(([name]) => name),
    only: related.values.slice(columns.length),
  }
  return JSON.stringify(own) === JSON.stringify(asked)
}
