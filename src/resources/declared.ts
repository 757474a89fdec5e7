import type { Column, Columns } from './column.js'
import type { IncludedRelation, Relation, Resource, SpecialFilter } from './resource.js'

/** One table of the cells, as far as it is read. What may be missing is nullable, or has a default. */
export interface DeclaredTable {
  readonly columns: Columns
  /** A cell without it has no rows of it. */
  readonly optional: boolean
}

/** Tables by name. */
export type DeclaredTables = ReadonlyMap<string, DeclaredTable>

const known = new WeakMap<Resource, DeclaredTables>()

/** The tables of the cells that a resource reads: its own, and those of its filters and relations. */
export const declaredTables = (resource: Resource): DeclaredTables => {
  const tables = known.get(resource) ?? tablesOf(resource)
  known.set(resource, tables)
  return tables
}

const NEEDED: Column = { kind: 'text' }
const NULLABLE: Column = { kind: 'text', nullable: true }

/** Nothing can stand for it. */
export const isNeeded = ({ nullable = false, default: value }: Column): boolean =>
  !nullable && value === undefined

const tablesOf = ({ table, columns, id, uuid, relations, filters }: Resource): DeclaredTables => {
  const own = { ...columns, ...needed(uuid === null ? [id] : [id, uuid]) }
  const tables = new Map<string, DeclaredTable>([[table, { columns: own, optional: false }]])
  const add = (
    { table, column, only = [] }: Pick<Relation, 'table' | 'column'> & Only,
    read: Columns,
  ): void => {
    const { columns = {}, optional = true } = tables.get(table) ?? {}
    const before = Object.keys(columns).filter(name => isNeeded(columns[name]!))
    const all = { ...columns, ...read, ...needed([...before, column, ...only.map(one => one.column)]) }
    tables.set(table, { columns: all, optional })
  }
  for (const filter of Object.values(filters)) if ('relation' in filter) add(filter.relation, ofFilter(filter))
  for (const relation of Object.values(relations))
    if (relation.relation.database === undefined) add(relation.relation, ofRelation(relation))
  return tables
}

interface Only {
  readonly only?: readonly { readonly column: string }[]
}

const needed = (names: readonly string[]): Columns => Object.fromEntries(names.map(name => [name, NEEDED]))

type RelatedFilter = Extract<SpecialFilter, { readonly relation: Relation }>

const ofFilter = (filter: RelatedFilter): Columns => {
  switch (filter.kind) {
    case 'labels':
      return needed([filter.label])
    case 'pairs':
      return { ...needed([filter.key]), [filter.value]: NULLABLE }
    case 'address':
      return { [filter.document]: NULLABLE }
  }
}

const ofRelation = (relation: IncludedRelation): Columns => {
  switch (relation.shape) {
    case 'labels':
      return needed([relation.label])
    case 'map':
      return { ...needed([relation.key, 'id']), [relation.value]: NULLABLE }
    case 'document':
      return { ...needed(['id']), [relation.document]: NULLABLE }
    case 'rows':
    case 'latest':
      return { ...relation.columns, ...needed(['id']) }
  }
}
