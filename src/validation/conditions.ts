import type { Scope } from '../resources/query.js'
import type { FlagCondition, LabelMatch, Relation, Resource, SpecialFilter } from '../resources/resource.js'
import { parseNetwork } from '../sql/address.js'
import { encode, type Value } from '../sql/codec.js'
import type { ColumnCondition, Condition, Operator } from '../sql/condition.js'
import type { SqlValue } from '../sql/fragment.js'
import type { Related } from '../sql/related.js'
import { checkRegexp } from './regexp.js'

/** Filters in their normal form, checked. */
export type NormalFilters = Readonly<Record<string, NormalFilter>>
type NormalFilter = boolean | string | readonly string[] | Readonly<Record<string, Value | readonly Value[]>>

/** The scope as conditions. */
export const scopeConditions = (scope: Scope, resource: Resource): Condition[] =>
  scope === 'all'
    ? []
    : Object.entries(scope).map(([tenant, id]) =>
        onColumn(resource, resource.scope[tenant as 'project_id']!, 'exactly', id as string),
      )

/** What shows, as the flags say: of each group the first rule that fits. */
export const flagConditions = (filters: NormalFilters, resource: Resource): Condition[] =>
  resource.flags.flatMap(({ names, rules }) => {
    const asked = (name: string): unknown =>
      names.includes(name) ? filters[name] : Object.hasOwn(filters, name)
    const { shows } = rules.find(({ when }) => Object.entries(when).every(([name, is]) => asked(name) === is))!
    const anyOf: Condition[][] = shows.map(all => all.map(one => flagCondition(one, resource)))
    return anyOf.length > 1 ? [{ anyOf }] : anyOf.flat()
  })

const flagCondition = ({ column, eq, ne }: FlagCondition, resource: Resource): ColumnCondition => ({
  ...onColumn(resource, column, eq === undefined ? 'ne' : 'eq', null),
  value: (eq ?? ne)!,
})

/** The caller's filters, on columns and beside them. */
export const filterConditions = (filters: NormalFilters, resource: Resource): Condition[] => {
  const flags = new Set(resource.flags.flatMap(({ names }) => names))
  return Object.entries(filters)
    .filter(([name]) => !flags.has(name))
    .flatMap(([name, filter]) => {
      const special = Object.hasOwn(resource.filters, name) ? resource.filters[name] : undefined
      if (special !== undefined) return specialConditions(special, filter, resource)
      return Object.entries(filter as Record<Operator, Value | readonly Value[]>).map(([op, value]) => {
        if (op === 'regexp') checkRegexp(value as string, `/filters/${name}/regexp`)
        return onColumn(resource, name, op as Operator, value)
      })
    })
}

const specialConditions = (special: SpecialFilter, filter: NormalFilter, resource: Resource): Condition[] => {
  switch (special.kind) {
    case 'bound':
      return [onColumn(resource, special.column, special.op, filter as string)]
    case 'either':
      return [
        {
          anyOf: special.columns.map(column => [onColumn(resource, column, 'in', filter as readonly string[])]),
        },
      ]
    case 'labels': {
      const has = (labels: readonly string[], not: boolean): Condition => ({
        related: related(special.relation, resource, [[special.label, labels]]),
        not,
      })
      return labelled[special.match](filter as readonly string[], has)
    }
    case 'pairs':
      return Object.entries(filter as Record<string, readonly string[]>).map(([key, values]) => ({
        related: related(special.relation, resource, [
          [special.key, [key]],
          [special.value, values],
        ]),
        not: false,
      }))
    case 'address': {
      const { network, prefix } = filter as { network?: string; prefix?: string }
      const like = prefix === undefined ? parseNetwork(network!)! : { prefix }
      const { document, path } = special
      return [
        {
          related: { ...related(special.relation, resource, []), address: { document, path, like } },
          not: false,
        },
      ]
    }
  }
}

type Has = (labels: readonly string[], not: boolean) => Condition

const labelled: Record<LabelMatch, (labels: readonly string[], has: Has) => Condition[]> = {
  all: (labels, has) => labels.map(label => has([label], false)),
  any: (labels, has) => [has(labels, false)],
  'not-all': (labels, has) => [{ anyOf: labels.map(label => [has([label], true)]) }],
  none: (labels, has) => [has(labels, true)],
}

const related = (
  { table, column, references, only = [] }: Relation,
  resource: Resource,
  values: Related['values'],
): Related => ({
  table,
  column,
  outer: { table: resource.table, column: references },
  values: [...values, ...only.map(({ column, eq }): Related['values'][number] => [column, [eq]])],
})

const onColumn = (
  { columns }: Resource,
  column: string,
  op: Operator,
  value: Value | readonly Value[],
): ColumnCondition => {
  const { kind, nullable = false } = columns[column]!
  const one = (member: Value): SqlValue => encode(op === 'is_null' ? 'bool' : kind, member)
  return { column, kind, nullable, op, value: Array.isArray(value) ? value.map(one) : one(value as Value) }
}
