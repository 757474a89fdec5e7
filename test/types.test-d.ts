/**
 * What the compiler has to accept and to refuse. `npm run types` compiles this; nothing here is run.
 */
import {
  type Cells,
  defineResource,
  type Flavor,
  type Instance,
  type instances,
  openCells,
} from '../src/index.js'

declare const cells: Cells

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const is = <T extends true>(): T | undefined => undefined

// Of an instance that has no cell yet, the document may be unreadable.
type Always = 'cell' | 'asOf' | 'undecodable'
type From = { readonly cell: { readonly uuid: string; readonly name: string } }

// Fields narrow the row.
const narrowed = await cells.instances.list({ scope: 'all', fields: ['uuid', 'host', 'locked_by', 'hidden'] })
type Narrowed = (typeof narrowed.items)[number]
is<Equal<keyof Narrowed, 'uuid' | 'host' | 'locked_by' | 'hidden' | Always>>()
is<Equal<Narrowed['uuid'], string>>()
is<Equal<Narrowed['host'], string | null>>()
is<Equal<Narrowed['locked_by'], 'owner' | 'admin' | null>>()
is<Equal<Narrowed['hidden'], boolean | null>>()
is<Equal<Narrowed['cell'], From['cell']>>()
// @ts-expect-error: a field that was not asked for
narrowed.items[0]!.display_name

// Without fields, a record has every column.
const whole = await cells.instances.list({ scope: { project_id: 'p' } })
is<Equal<keyof (typeof whole.items)[number], keyof Instance | Always>>()
is<Equal<(typeof whole.items)[number]['undecodable'], readonly 'instance'[] | undefined>>()
is<Equal<(typeof whole.items)[number]['id'], number>>()

// All verbs narrow alike.
for await (const row of cells.instances.iterate({ scope: 'all', fields: ['uuid'] }))
  is<Equal<keyof typeof row, 'uuid' | Always>>()
for await (const page of cells.instances.pages({ scope: 'all', fields: ['uuid'] }))
  is<Equal<keyof (typeof page.items)[number], 'uuid' | Always>>()
const one = await cells.instances.get('u', { scope: 'all', fields: ['uuid'] })
is<Equal<keyof NonNullable<typeof one>, 'uuid' | Always>>()

// Include widens the row.
const wide = await cells.instances.list({
  scope: 'all',
  fields: ['uuid'],
  include: ['tags', 'metadata', 'flavor', 'fault'],
})
type Wide = (typeof wide.items)[number]
is<Equal<keyof Wide, 'uuid' | 'tags' | 'metadata' | 'flavor' | 'fault' | Always>>()
is<Equal<Wide['tags'], readonly string[]>>()
is<Equal<Wide['metadata'], Readonly<Record<string, string | null>>>>()
is<Equal<Wide['flavor'], Flavor | null>>()
is<Equal<NonNullable<Wide['fault']>['code'], number>>()
is<Equal<Wide['undecodable'], readonly ('tags' | 'metadata' | 'flavor' | 'fault' | 'instance')[] | undefined>>()
// @ts-expect-error: no such relation
await cells.instances.list({ scope: 'all', include: ['nope'] })

// Each shape of a relation has its own type.
const full = await cells.instances.get('u', {
  scope: 'all',
  include: [
    ...(['block_devices', 'pci_devices', 'service', 'migration', 'request_spec', 'keypairs'] as const),
    ...(['old_flavor', 'trusted_certs', 'numa_topology', 'vcpu_model', 'addresses'] as const),
  ],
})
type Full = NonNullable<typeof full>
is<Equal<Full['block_devices'][number]['boot_index'], number | null>>()
is<Equal<Full['block_devices'][number]['delete_on_termination'], boolean | null>>()
is<Equal<Full['pci_devices'][number]['address'], string>>()
is<Equal<NonNullable<Full['service']>['disabled'], boolean | null>>()
is<Equal<NonNullable<Full['service']>['report_count'], number>>()
is<Equal<null extends Full['service'] ? true : false, true>>()
is<Equal<NonNullable<Full['migration']>['memory_total'], string | null>>()
is<
  Equal<
    NonNullable<Full['migration']>['migration_type'],
    'migration' | 'resize' | 'live-migration' | 'evacuation' | null
  >
>()
is<Equal<NonNullable<Full['request_spec']>['availability_zone'], string | null>>()
is<Equal<NonNullable<Full['request_spec']>['scheduler_hints'], Readonly<Record<string, readonly string[]>>>>()
is<Equal<NonNullable<Full['request_spec']>['flavor'], Flavor>>()
is<Equal<NonNullable<Full['keypairs']>[number]['name'], string>>()
is<Equal<Full['old_flavor'], Flavor | null>>()
is<Equal<Full['trusted_certs'], readonly string[] | null>>()
is<Equal<NonNullable<Full['numa_topology']>['cells'][number]['pcpuset'], readonly number[]>>()
is<Equal<NonNullable<Full['addresses']>[number]['network'], string | null>>()
// @ts-expect-error: it holds passwords
full!.block_devices[0]!.connection_info
// @ts-expect-error: a JSON value may be anything
full!.vcpu_model!.model!.length

// A resource of one's own is typed as its relations say.
const things = defineResource({
  name: 'things',
  columns: { id: { kind: 'int' }, uuid: { kind: 'text' } },
  sortKeys: ['id'],
  relations: {
    events: {
      shape: 'rows',
      relation: {
        table: 'events',
        column: 'thing',
        references: 'id',
        only: [
          { column: 'deleted', eq: 0 },
          { column: 'status', not_in: ['done'] },
        ],
      },
      columns: { at: { kind: 'time', nullable: true }, ok: { kind: 'bool' } },
    },
  },
})
const events = await cells.of(things).list({ scope: 'all', fields: ['id'], include: ['events'] })
is<Equal<keyof (typeof events.items)[number], 'id' | 'events' | 'cell' | 'undecodable'>>()
is<Equal<(typeof events.items)[number]['events'][number]['at'], string | null>>()
is<Equal<(typeof events.items)[number]['undecodable'], readonly 'events'[] | undefined>>()
const bare = await cells.of(things).list({ scope: 'all', fields: ['id'] })
is<Equal<keyof (typeof bare.items)[number], 'id' | 'cell'>>()
const noneOfNothing = {
  table: 't',
  column: 'c',
  references: 'id',
  only: [{ column: 'a', not_in: [] }],
} as const
defineResource({
  name: 'things',
  columns: { id: { kind: 'int' }, uuid: { kind: 'text' } },
  sortKeys: ['id'],
  // @ts-expect-error: a list of nothing
  relations: { x: { shape: 'labels', label: 'l', relation: noneOfNothing } },
})

// No scope, no query.
// @ts-expect-error: scope is missing
await cells.instances.list({})
// @ts-expect-error: scope is missing
cells.instances.iterate({ sort: ['host'] })
// @ts-expect-error: scope is missing
await cells.instances.get('u', {})
// @ts-expect-error: a scope of two tenants
await cells.instances.list({ scope: { project: 'p' } })

// Whitelists.
// @ts-expect-error: no such sort key
await cells.instances.list({ scope: 'all', sort: ['nope'] })
// @ts-expect-error: a column that is no sort key
await cells.instances.list({ scope: 'all', sort: ['user_data'] })
// @ts-expect-error: no such direction
await cells.instances.list({ scope: 'all', sort: ['host:up'] })
// @ts-expect-error: no such field
await cells.instances.list({ scope: 'all', fields: ['nope'] })
// @ts-expect-error: no such filter
await cells.instances.list({ scope: 'all', filters: { nope: 1 } })
// @ts-expect-error: a filter of another type
await cells.instances.list({ scope: 'all', filters: { vcpus: 'many' } })
// @ts-expect-error: no member of the enumeration
await cells.instances.list({ scope: 'all', filters: { locked_by: 'boss' } })
// @ts-expect-error: tags are a list
await cells.instances.list({ scope: 'all', filters: { tags: 'blue' } })
// @ts-expect-error: metadata are pairs
await cells.instances.list({ scope: 'all', filters: { metadata: ['k'] } })
await cells.instances.list({
  scope: 'all',
  filters: {
    tags_any: ['a'],
    metadata: { k: 'v', l: ['v', 'w'] },
    address: '10.0.0.0/8',
    changes_since: '2026-01-01',
  },
})
// @ts-expect-error: iterate has no pages
cells.instances.iterate({ scope: 'all', limit: 5 })
// @ts-expect-error: not a policy
await cells.instances.list({ scope: 'all' }, { downCells: 'ignore' })

await cells.instances.list(
  {
    scope: { user_id: 'u' },
    sort: ['host', 'created_at:desc', { key: 'vcpus', dir: 'desc' }],
    filters: {
      vm_state: ['active', null],
      display_name: { contains: 'web' },
      vcpus: { gte: 2, lt: 8 },
      deleted: 'any',
    },
    limit: 5,
  },
  { deadline: 500, downCells: 'fail', signal: new AbortController().signal },
)
await openCells({ cells: [{ uuid: 'u', name: 'n', database: 'mysql://h/d' }] })
is<Equal<(typeof instances)['name'], 'instances'>>()

// Only an index searches, and only what one keeps.
const found = await cells.instances.search({
  scope: 'all',
  text: 'web',
  sort: 'relevance',
  facets: ['host', 'cell'],
  fields: ['uuid'],
})
is<Equal<keyof (typeof found.items)[number], 'uuid' | 'highlights' | Always>>()
is<Equal<(typeof found)['source'], 'index'>>()
is<Equal<keyof (typeof found)['facets'], 'host' | 'cell'>>()
is<Equal<(typeof found)['facets']['host'][number]['value'], string | null>>()
is<Equal<(typeof found)['facets']['cell'][number]['value'], string>>()
// @ts-expect-error: no facet
await cells.instances.search({ scope: 'all', facets: ['user_data'] })
// @ts-expect-error: no index keeps them
cells.migrations.search
