import { InvalidResourceError } from '../errors.js'
import type { Columns } from './column.js'
import { definitionShape } from './definition-shape.js'
import type { FlagGroup, IncludedRelation, Resource, SpecialFilter } from './resource.js'

/** What {@link defineResource} takes: a resource of which much has a default. */
export interface ResourceDefinition {
  /** Its name, plural. */
  readonly name: string
  /** Its table in every cell. Default: the name. */
  readonly table?: string
  readonly columns: Columns
  /** A NOT NULL integer column, the table's primary key. Default: `id`. */
  readonly id?: string
  /** A text column that is unique over all cells; null when there is none: then no `marker` and no `get`. Default: `uuid`. */
  readonly uuid?: string | null
  /**
   * The column that holds the uuid of the instance that a row is, or belongs to: of rows that moved between cells with their
   * instance only the current copies show. Default: none, nothing moves.
   */
  readonly mapped?: string
  /** The columns that belong to a tenant. Default: none, so that only the scope `'all'` sees anything. */
  readonly scope?: { readonly project_id?: string; readonly user_id?: string }
  /** The whitelist of sort keys, at least one. */
  readonly sortKeys: readonly string[]
  /** Default: the id, ascending. */
  readonly defaultSort?: readonly `${string}:${'asc' | 'desc'}`[]
  /** Default: none, so that every row shows. */
  readonly flags?: readonly FlagGroup[]
  /** Default: none but the columns. */
  readonly filters?: Readonly<Record<string, SpecialFilter>>
  /** Default: none. */
  readonly relations?: Readonly<Record<string, IncludedRelation>>
}

/** The resource that a definition makes. */
export type Defined<D extends ResourceDefinition> = {
  readonly name: D['name']
  readonly table: string
  readonly columns: D['columns']
  readonly id: string
  readonly uuid: D extends { readonly uuid: null } ? null : string
  readonly mapped?: string
  readonly scope: { readonly project_id?: string; readonly user_id?: string }
  readonly sortKeys: readonly (D['sortKeys'][number] & keyof D['columns'] & string)[]
  readonly defaultSort: readonly `${string}:${'asc' | 'desc'}`[]
  readonly flags: D extends { readonly flags: infer F extends readonly FlagGroup[] } ? F : readonly []
  readonly filters: D extends { readonly filters: infer F extends Resource['filters'] }
    ? F
    : Record<never, never>
  readonly relations: D extends { readonly relations: infer R extends Resource['relations'] }
    ? R
    : Record<never, never>
}

/**
 * Defines a resource: a table that every cell has, and what callers may ask of it. Give it to `cells.of`.
 *
 * @example
 * ```ts
 * const keypairs = defineResource({
 *   name: 'keypairs',
 *   columns: { id: { kind: 'int' }, uuid: { kind: 'text' }, owner: { kind: 'text' } },
 *   scope: { user_id: 'owner' },
 *   sortKeys: ['owner', 'id'],
 * })
 * const page = await cells.of(keypairs).list({ scope: 'all', sort: ['owner'] })
 * ```
 *
 * @throws {@link InvalidResourceError} when a part of it is not what it has to be, when it names a column that it does not have, or a
 * default that is none
 */
export const defineResource = <const D extends ResourceDefinition>(definition: D): Defined<D> => {
  definitionShape(definition, '')
  const given = Object.fromEntries(Object.entries(definition).filter(([, member]) => member !== undefined))
  const resource: Resource = {
    table: definition.name,
    id: 'id',
    uuid: 'uuid',
    scope: {},
    defaultSort: [`${definition.id ?? 'id'}:asc`],
    flags: [],
    filters: {},
    relations: {},
    ...(given as unknown as D),
  }
  requireColumns(resource)
  return resource as unknown as Defined<D>
}

const requireColumns = ({ columns, ...resource }: Resource): void => {
  const known = Object.keys(columns)
  const flagColumns = resource.flags.flatMap(({ rules }) => rules.flatMap(({ shows }) => shows.flat()))
  const named: readonly (readonly [path: string, column: string])[] = [
    ['/id', resource.id],
    ...(resource.uuid === null ? [] : [['/uuid', resource.uuid] as const]),
    ...(resource.mapped === undefined ? [] : [['/mapped', resource.mapped] as const]),
    ...Object.entries(resource.scope).map(([tenant, column]) => [`/scope/${tenant}`, column] as const),
    ...resource.sortKeys.map((column, i) => [`/sortKeys/${i}`, column] as const),
    ...resource.defaultSort.map((sort, i) => [`/defaultSort/${i}`, sort.split(':')[0]!] as const),
    ...flagColumns.map(({ column }) => ['/flags', column] as const),
    ...Object.entries(resource.filters).flatMap(([name, filter]) =>
      ownColumns(filter).map(column => [`/filters/${name}`, column] as const),
    ),
    ...Object.entries(resource.relations).map(
      ([name, { relation }]) => [`/relations/${name}`, relation.references] as const,
    ),
  ]
  for (const [path, column] of named)
    if (!known.includes(column))
      throw new InvalidResourceError(path, `there is no column ${column}`, `one of ${known.join(', ')}`)
  for (const [name, { relation }] of Object.entries(resource.relations))
    if (
      relation.database === 'api' &&
      !(relation.references === resource.uuid && resource.uuid === resource.mapped)
    )
      throw new InvalidResourceError(
        `/relations/${name}`,
        'the API database only knows instances',
        'a reference to the uuid, and that this is `mapped`',
      )
  if (resource.sortKeys.length === 0)
    throw new InvalidResourceError('/sortKeys', 'there is none', 'at least one sort key')
  for (const name of [...known, resource.table])
    if (!/^(?!__proto__$)\w+$/.test(name))
      throw new InvalidResourceError('/columns', `${name} is no name`, 'letters, digits and _')
}

const ownColumns = (filter: SpecialFilter): readonly string[] => {
  if (filter.kind === 'either') return filter.columns
  return filter.kind === 'bound' ? [filter.column] : [filter.relation.references]
}
