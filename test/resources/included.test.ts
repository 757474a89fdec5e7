import t from 'tap'
import { instances } from '../../src/index.js'
import { sideReads } from '../../src/resources/included.js'
import type { IncludedRelation } from '../../src/resources/resource.js'
import { withoutApi } from '../../src/resources/without-api.js'

const reads = (include: readonly (keyof typeof instances.relations)[]) =>
  sideReads(instances.relations, include)
const from = { table: 't', column: 'c', references: 'uuid' } as const

t.test('relations that read the same rows take one statement, with each column once', async t => {
  const [extra, ...others] = reads(['flavor', 'old_flavor', 'keypairs', 'new_flavor', 'numa_topology'])
  t.same(others, [])
  t.same(extra!.columns, ['flavor', 'keypairs', 'numa_topology'])
  t.same(
    extra!.parts.map(({ name }) => name),
    ['flavor', 'old_flavor', 'keypairs', 'new_flavor', 'numa_topology'],
  )
  const [, , keypairs, , numa] = extra!.parts
  t.same(keypairs!.collect([['{"cur"', '{"objects": []}', null]]), [], 'each looks at its own column')
  t.equal(numa!.collect([['x', 'y', null]]), null)
})

t.test('no statement for nothing, one for each table, whatever is included', async t => {
  t.same(reads([]), [])
  const all = reads(Object.keys(instances.relations) as (keyof typeof instances.relations)[])
  t.same(
    all.map(read => read.from.table),
    [
      ...['tags', 'instance_metadata', 'instance_system_metadata', 'instance_info_caches', 'instance_faults'],
      ...['instance_extra', 'block_device_mapping', 'pci_devices', 'services', 'migrations', 'request_specs'],
    ],
  )
})

t.test('other conditions, another order, or the last row alone are another statement', async t => {
  const columns = { a: { kind: 'int' } } as const
  const relations = {
    rows: { shape: 'rows', relation: from, columns },
    same: { shape: 'rows', relation: { ...from }, columns: { ...columns, b: { kind: 'bool' } } },
    latest: { shape: 'latest', relation: from, columns },
    labels: { shape: 'labels', relation: from, label: 'a' },
    live: { shape: 'rows', relation: { ...from, only: [{ column: 'deleted', eq: 0 }] }, columns },
    api: { shape: 'rows', relation: { ...from, database: 'api' }, columns },
  } as const satisfies Record<string, IncludedRelation>
  t.same(
    sideReads(relations, Object.keys(relations)).map(({ parts, columns, last, orderBy }) => [
      parts.map(({ name }) => name).join(),
      columns.join(),
      last,
      orderBy,
    ]),
    [
      ['rows,same', 'a,b', false, 'id'],
      ['latest', 'a', true, 'id'],
      ['labels', 'a', false, 'a'],
      ['live', 'a', false, 'id'],
      ['api', 'a', false, 'id'],
    ],
  )
})

t.test('what each shape makes of its rows, and of none', async t => {
  const columns = { a: { kind: 'int' }, b: { kind: 'bool', nullable: true } } as const
  const of = (relation: IncludedRelation, rows: readonly (readonly (string | number | null)[])[]) =>
    sideReads({ it: relation }, ['it'])[0]!.parts[0]!.collect(rows)
  const labels = { shape: 'labels', relation: from, label: 'l' } as const
  t.same([of(labels, [['x'], ['y']]), of(labels, [])], [['x', 'y'], []])
  const map = { shape: 'map', relation: from, key: 'k', value: 'v' } as const
  t.same(
    [
      of(map, [
        ['x', 'y'],
        ['n', null],
      ]),
      of(map, []),
    ],
    [{ x: 'y', n: null }, {}],
  )
  const some = [
    [1, 0],
    [2, null],
  ]
  const rows = { shape: 'rows', relation: from, columns } as const
  t.same(
    [of(rows, some), of(rows, [])],
    [
      [
        { a: 1, b: false },
        { a: 2, b: null },
      ],
      [],
    ],
  )
  const latest = { shape: 'latest', relation: from, columns } as const
  t.same([of(latest, some), of(latest, [])], [{ a: 2, b: null }, null])
  const document = { shape: 'document', relation: from, document: 'd', read: 'json' } as const
  t.same([of(document, [['{"a": 1}']]), of(document, [[null]]), of(document, [])], [{ a: 1 }, null, null])
  t.equal(of(document, [['{"a": ']]), undefined, 'it can’t be read')
})

t.test('without an API database, its relations are not there', async t => {
  const cells = withoutApi(instances)
  t.equal('request_spec' in cells.relations, false)
  t.same(Object.keys(cells.relations), Object.keys(instances.relations).slice(0, -1))
  t.same({ ...cells, relations: instances.relations }, instances)
})
