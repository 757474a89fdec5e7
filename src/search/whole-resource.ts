import type { Columns } from '../resources/column.js'
import type { IncludedRelation, Relation, Resource, SpecialFilter } from '../resources/resource.js'
import { memberships } from './membership.js'

/**
 * A resource as it is read for an index. A flag keeps whatever number it is; and what filters look at in other tables comes row by row, also
 * where records show only one of several rows, or can't be shown at all.
 */
export const wholeOf = (resource: Resource): Resource => ({
  ...resource,
  columns: Object.fromEntries(
    Object.entries(resource.columns).map(([name, column]) => [
      name,
      column.kind === 'bool' ? asNumber(column) : column,
    ]),
  ),
  relations: { ...resource.relations, ...lookedAt(resource) },
})

/** The relations that are read for an index. */
export const wholeInclude = (resource: Resource): readonly string[] => [
  ...resource.indexed!.relations,
  ...Object.keys(lookedAt(resource)),
]

const asNumber = (column: Columns[string]): Columns[string] => ({
  ...column,
  kind: 'int',
  ...(column.default !== undefined && { default: Number(column.default) }),
})

const text = { kind: 'text', nullable: true } as const

const lookedAt = (resource: Resource): Readonly<Record<string, IncludedRelation>> => ({
  ...Object.fromEntries(
    memberships(resource).map(({ name, kind, relation, columns }): [string, IncludedRelation] => [
      name,
      kind === 'labels'
        ? { shape: 'labels', relation, label: columns[0]! }
        : { shape: 'rows', relation, columns: Object.fromEntries(columns.map(column => [column, text])) },
    ]),
  ),
  ...Object.fromEntries(
    Object.values(resource.filters)
      .filter(isAddress)
      .map(filter => [
        documentName(filter),
        { shape: 'rows', relation: filter.relation, columns: { [filter.document]: text } },
      ]),
  ),
})

type AddressFilter = Extract<SpecialFilter, { readonly kind: 'address' }>

export const isAddress = (filter: SpecialFilter): filter is AddressFilter => filter.kind === 'address'

/** The relation of the documents that an address filter looks at. */
export const documentName = ({
  relation,
  document,
}: {
  readonly relation: Relation
  readonly document: string
}): string => `${relation.table}.${document}`
