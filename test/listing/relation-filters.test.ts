import fc from 'fast-check'
import t from 'tap'
import { openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { seed } from '../fixtures/seed.js'

/**
 * Tags, metadata and addresses, combined with each other, with sorts, pages and scopes. The truth is computed here,
 * from all the side tables read whole, without any of the library's SQL.
 */
const RUNS = 300

const local = await startLocalCells({ cells: 3, instances: [20, 120, 90, 70], seed: seed % 1_000 })
t.teardown(() => local.stop())
const cells = await openCells({ apiDatabase: local.apiDatabase! })
t.teardown(() => cells.close())

// A key with the value of another row, quotes and characters beyond the basic plane, and a cache that is no JSON.
const [[odd]] = (await local.query(
  'cell1',
  'SELECT uuid FROM instances WHERE deleted = 0 ORDER BY id LIMIT 1',
)) as [[string]]
for (const [key, value] of [
  [`it's "quoted" \\ %`, 'ünï'],
  ['role', 'other'],
] as const)
  await local.query(
    'cell1',
    'INSERT INTO instance_metadata (instance_uuid, `key`, value, deleted) VALUES (?, ?, ?, 0)',
    [odd, key, value],
  )
await local.query(
  'cell1',
  `UPDATE instance_info_caches SET network_info = '[{"network": tru' WHERE instance_uuid = ?`,
  [odd],
)

interface Known {
  readonly uuid: string
  readonly project: string
  readonly id: number
  readonly name: string
  readonly tags: Set<string>
  readonly metadata: Map<string, Set<string>>
  readonly system: Map<string, Set<string>>
  readonly addresses: string[]
}

const fold = (text: string) => text.toLowerCase()
const grouped = (rows: readonly (readonly unknown[])[]) => {
  const groups = new Map<string, Map<string, Set<string>>>()
  for (const [uuid, key, value] of rows as [string, string, string][]) {
    const keys = groups.get(uuid) ?? groups.set(uuid, new Map()).get(uuid)!
    const values = keys.get(fold(key)) ?? keys.set(fold(key), new Set()).get(fold(key))!
    values.add(fold(value))
  }
  return groups
}

const known: Known[] = []
for (const { name } of local.cells) {
  const read = (text: string) => local.query(name, text)
  const tags = grouped(await read(`SELECT resource_id, 'tag', tag FROM tags`))
  const metadata = grouped(
    await read('SELECT instance_uuid, `key`, value FROM instance_metadata WHERE deleted = 0'),
  )
  const system = grouped(
    await read('SELECT instance_uuid, `key`, value FROM instance_system_metadata WHERE value IS NOT NULL'),
  )
  const addresses = new Map<string, string[]>()
  for (const [uuid, json] of (await read(
    'SELECT instance_uuid, network_info FROM instance_info_caches WHERE deleted = 0',
  )) as [string, string][]) {
    try {
      const vifs = JSON.parse(json) as { network: { subnets: { ips: { address: string }[] }[] } }[]
      addresses.set(
        uuid,
        vifs.flatMap(vif => vif.network.subnets.flatMap(subnet => subnet.ips.map(ip => ip.address))),
      )
    } catch {}
  }
  for (const [uuid, project, id] of (await read(
    `SELECT uuid, project_id, id FROM instances WHERE deleted = 0 AND NOT hidden <=> 1 AND NOT vm_state <=> 'soft-delete'`,
  )) as [string, string, number][])
    known.push({
      uuid,
      project,
      id,
      name,
      tags: tags.get(uuid)?.get('tag') ?? new Set(),
      metadata: metadata.get(uuid) ?? new Map(),
      system: system.get(uuid) ?? new Map(),
      addresses: addresses.get(uuid) ?? [],
    })
}
const allTags = [...new Set(known.flatMap(row => [...row.tags]))]
const pairsOf = (which: 'metadata' | 'system') => [
  ...new Map(
    known.flatMap(row =>
      [...row[which]].flatMap(([key, values]) =>
        [...values].map(value => [`${key} ${value}`, [key, value] as const] as const),
      ),
    ),
  ).values(),
]
const allAddresses = [...new Set(known.flatMap(row => row.addresses))]
t.ok(
  allTags.length > 2 && pairsOf('metadata').length > 4 && allAddresses.length > 20,
  'there is something to look for',
)

type Filter = readonly [name: string, filter: unknown, holds: (row: Known) => boolean]
const someTags = fc.uniqueArray(fc.constantFrom(...allTags, 'no-such-tag'), { minLength: 1, maxLength: 3 })
const pairs = (name: 'metadata' | 'system_metadata', which: 'metadata' | 'system') =>
  fc
    .uniqueArray(fc.constantFrom(...pairsOf(which)), { minLength: 1, maxLength: 2, selector: ([key]) => key })
    .chain(chosen =>
      fc
        .boolean()
        .map(
          (more): Filter => [
            name,
            Object.fromEntries(chosen.map(([key, value]) => [key, more ? [value, 'another'] : value])),
            row =>
              chosen.every(
                ([key, value]) =>
                  row[which].get(key)?.has(value) || (more && row[which].get(key)?.has('another')) || false,
              ),
          ],
        ),
    )
const filter: fc.Arbitrary<Filter> = fc.oneof(
  someTags.map((tags): Filter => ['tags', tags, row => tags.every(tag => row.tags.has(tag))]),
  someTags.map((tags): Filter => ['tags_any', tags, row => tags.some(tag => row.tags.has(tag))]),
  someTags.map((tags): Filter => ['not_tags', tags, row => !tags.every(tag => row.tags.has(tag))]),
  someTags.map((tags): Filter => ['not_tags_any', tags, row => !tags.some(tag => row.tags.has(tag))]),
  pairs('metadata', 'metadata'),
  pairs('system_metadata', 'system'),
  fc
    .constantFrom(...allAddresses)
    .map((address): Filter => ['address', address, row => row.addresses.includes(address)]),
  fc.constantFrom(...allAddresses).map((address): Filter => {
    const prefix = address.slice(0, Math.ceil(address.length * 0.7))
    return ['address', { prefix }, row => row.addresses.some(one => one.startsWith(prefix))]
  }),
  fc.constantFrom(...allAddresses.filter(address => !address.includes(':'))).map((address): Filter => {
    const net = address.split('.').slice(0, 2).join('.')
    return ['address', `${address}/16`, row => row.addresses.some(one => one.startsWith(`${net}.`))]
  }),
)

const paged = async (query: object, limit: number) => {
  const uuids: string[] = []
  for await (const page of cells.instances.pages({ ...query, limit } as never)) {
    if (!page.complete) throw new Error(JSON.stringify(page.cells))
    uuids.push(...page.items.map(item => (item as { uuid: string }).uuid))
  }
  return uuids
}

t.test(`filters on relations, ${RUNS} times`, async t => {
  let shown = 0
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(filter, { minLength: 1, maxLength: 3, selector: ([name]) => name }),
      fc.constantFrom('asc' as const, 'desc' as const),
      fc.option(fc.constantFrom(...known.map(row => row.project))),
      fc.constantFrom(5, 40, 1_000),
      async (filters, dir, project, limit) => {
        const query = {
          scope: project === null ? 'all' : { project_id: project },
          filters: Object.fromEntries(filters),
          sort: [`id:${dir}`],
          fields: ['uuid'],
        }
        const want = known
          .filter(
            row => filters.every(([, , holds]) => holds(row)) && (project === null || row.project === project),
          )
          .sort((a, b) => (dir === 'asc' ? a.id - b.id : b.id - a.id) || (a.uuid < b.uuid ? -1 : 1))
        shown += want.length
        return String(want.map(row => row.uuid)) === String(await paged(query, limit))
      },
    ),
    { numRuns: RUNS, seed },
  )
  t.ok(shown > RUNS, `${shown} rows`)
})

t.test('one row has the key and the value', async t => {
  const found = (metadata: object) => paged({ scope: 'all', filters: { metadata }, fields: ['uuid'] }, 10)
  t.same(await found({ 'it\'s "quoted" \\ %': 'ünï' }), [odd])
  t.same(await found({ 'it\'s "quoted" \\ %': 'other' }), [], 'a value that is there under another key')
  t.same(await found({ '😀': '😀' }), [])
})

t.test('a list of thousands of uuids', async t => {
  const uuids = known.map(row => row.uuid)
  const many = [
    ...uuids,
    ...uuids,
    ...Array.from({ length: 5_000 }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`),
  ]
  t.same((await paged({ scope: 'all', filters: { uuid: many }, fields: ['uuid'] }, 100)).sort(), uuids.sort())
})
