import t from 'tap'
import { instances } from '../../src/index.js'
import type { Column } from '../../src/resources/column.js'
import type { Resource } from '../../src/resources/resource.js'
import { addressesAt } from '../../src/search/addresses.js'
import { documentOf, type FullRecord, type Kept } from '../../src/search/document.js'
import { frameOf, keyOrNull } from '../../src/search/frame.js'
import { FORM, type Layout } from '../../src/search/layout.js'
import { memberships } from '../../src/search/membership.js'
import { plainFold } from '../../src/search/weigher.js'
import { wholeInclude, wholeOf } from '../../src/search/whole-resource.js'
import { compareTexts } from '../../src/testing/memory-documents.js'
import { textResource } from './fixtures/text-resource.js'
import { weightsNamed } from './fixtures/weights.js'

/** What a document is made of; that it is found as its record is, tests.test.ts shows on real cells. */

const texts = Object.entries(instances.columns).flatMap(([name, { kind }]) => (kind === 'text' ? [name] : []))
const layout: Layout = {
  form: FORM,
  resource: 'instances',
  weights: [weightsNamed('a')],
  texts: Object.fromEntries(texts.map(name => [name, 0])),
  members: Object.fromEntries(memberships(instances).map(({ name, columns }) => [name, columns.map(() => 0)])),
  enums: { locked_by: ['owner', 'admin'] },
}
const frame = frameOf(instances, layout)

const record: FullRecord = {
  ...Object.fromEntries(Object.keys(instances.columns).map(name => [name, null])),
  ...Object.fromEntries(instances.indexed.relations.map(name => [name, null])),
  ...{ uuid: 'u', id: 7, project_id: 'p ', user_id: 'U', display_name: 'Web 1 ', hostname: 'web-1' },
  ...{ created_at: '2026-01-02T03:04:05Z', updated_at: '0000-00-00T00:00:00Z', locked_by: 'admin' },
  ...{ hidden: 2, locked: 0, cleaned: 1 },
  tags: ['blue', 'Größe'],
  metadata: { role: 'web', none: null },
  system_metadata: {},
  addresses: [{ network: null, address: '10.0.0.1', version: 4, type: 'fixed', mac: '' }],
  'tags.tag': ['blue', 'Größe'],
  'instance_metadata.key.value': [
    { key: 'role', value: 'db' },
    { key: 'role', value: 'web' },
    { key: 'none', value: null },
  ],
  'instance_system_metadata.key.value': [],
  'instance_info_caches.network_info': [
    { network_info: '[{"network": {"subnets": [{"ips": [{"address": "FE80::1"}]}]}}]' },
    { network_info: null },
  ],
}
const head = { cell: 'c', uuid: 'u', version: 9, digest: 8 }
const document = documentOf(frame, head, record)
const key = frame.weigherOf('uuid')!.key

t.test('keys: every column that can be compared, as it compares', async t => {
  t.same(Object.keys(document.keys).sort(), [...Object.keys(instances.columns), 'cell'].sort())
  t.match(document.keys, {
    cell: 'c',
    id: 7,
    display_name: key('WEB 1'),
    hostname: key('web-1'),
    created_at: '2026-01-02 03:04:05',
    updated_at: '0000-00-00 00:00:00',
    locked_by: 2,
    hidden: 2,
    locked: 0,
    vm_state: null,
  })
  t.same(
    Object.keys(document.folds),
    ['project_id', 'display_name'],
    'only where spaces are not what they are in a key',
  )
})

t.test('the record is what callers get', async t => {
  const { c, r, u } = JSON.parse(document.record) as Kept
  const shown = Object.fromEntries(Object.keys(instances.columns).map((name, i) => [name, c[i]]))
  t.match(shown, { id: 7, hidden: true, locked: false, cleaned: true, updated_at: '0000-00-00T00:00:00Z' })
  t.same(Object.keys(r), [...instances.indexed.relations])
  t.same(r.metadata, { role: 'web', none: null })
  t.equal(u, undefined)
  const unread = documentOf(frame, head, { ...record, addresses: null, undecodable: ['addresses', 'keypairs'] })
  t.same((JSON.parse(unread.record) as Kept).u, ['addresses'])
  t.same(unread.texts.addresses, [])
})

t.test('owners are as they are; members and addresses are those of all rows', async t => {
  t.same(document.owners, { project_id: 'p ', user_id: 'U' })
  t.same(document.members['instance_metadata.key.value'], [key('role') + key('db'), key('role') + key('web')])
  t.same(document.members['tags.tag'], [key('blue'), key('grÖße'.replace('Ö', 'ö'))])
  t.same(document.addresses, [{ digits: 'fe800000000000000000000000000001', text: 'fe80::1' }])
})

t.test('what can’t be compared is no part of a document', async t => {
  const bare = frameOf(instances, { ...layout, texts: { uuid: 0 }, members: {}, enums: {} })
  const { keys, members, owners } = documentOf(bare, head, record)
  t.equal(keys.uuid, key('u'))
  t.notOk('display_name' in keys || 'locked_by' in keys)
  t.same([members, bare.shape.members], [{}, []])
  t.same(owners, { project_id: 'p ', user_id: 'U' })
})

t.test('texts are what a search looks at, folded', async t => {
  const { fold } = frame
  t.same(document.texts, {
    ...Object.fromEntries(frame.shape.texts.map(name => [name, []])),
    display_name: [fold('web 1 ')],
    hostname: [fold('WEB-1')],
    uuid: [fold('u')],
    project_id: [fold('p ')],
    user_id: [fold('u')],
    tags: [fold('blue'), fold('größe')],
    metadata: [fold('role'), fold('web'), fold('none')],
    addresses: [fold('10.0.0.1')],
  })
})

t.test('where a title’s collation does not have all characters a search does without', async t => {
  const latin = frameOf(textResource, {
    ...layout,
    weights: [weightsNamed('a', { held: 'ab' })],
    texts: { s: 0 },
  })
  t.equal(latin.fold, plainFold)
  const none = frameOf(textResource, { ...layout, weights: [], texts: {} })
  t.equal(none.fold, plainFold)
  t.same([none.weigherOf('s'), none.collationOf('s'), none.keyOf('s')], [undefined, undefined, undefined])
  t.equal(plainFold('İSTANBUL 😀'), plainFold('istanbul 😀'))
  t.not(plainFold('a'), plainFold('ä'))
  t.equal([...plainFold('a\0\u0001😀\u{10ffff}')].length, 6)
  t.ok([...plainFold('\0\u0001')].every(character => character > '\u0001'))
})

t.test('values of all kinds', async t => {
  const columns: Record<string, Column> = {
    int: { kind: 'int' },
    bool: { kind: 'bool', default: false },
    nobool: { kind: 'bool' },
    time: { kind: 'time' },
    choice: { kind: 'enum', members: ['b', 'a'] },
    other: { kind: 'enum', members: ['b', 'a'] },
    big: { kind: 'bigint' },
    exact: { kind: 'decimal' },
    float: { kind: 'float' },
  }
  const resource: Resource = { ...textResource, columns, sortKeys: Object.keys(columns) }
  const frame = frameOf(resource, { ...layout, enums: { choice: ['b', 'a'] } })
  t.same(frame.shape.keys, {
    int: 'number',
    bool: 'number',
    nobool: 'number',
    time: 'text',
    choice: 'number',
    cell: 'text',
  })
  const keysOf = (column: string, values: readonly (string | number | null)[]) =>
    values.map(value => keyOrNull(frame.keyOf(column)!, value))
  t.same(keysOf('choice', ['b', 'a', '', 'c', 'B', null]), [1, 2, 0, -1, -1, null])
  t.same(
    keysOf('time', [
      '2026-01-01 00:00:00',
      '2026-01-01 00:00:00.000',
      '2026-01-01 00:00:00.100',
      '2026-01-01 00:00:10',
      null,
    ]),
    ['2026-01-01 00:00:00', '2026-01-01 00:00:00', '2026-01-01 00:00:00.1', '2026-01-01 00:00:10', null],
  )
  const whole = wholeOf(resource)
  t.same(whole.columns.bool, { kind: 'int', default: 0 })
  t.same(whole.columns.nobool, { kind: 'int' })
  t.same(wholeInclude(resource), [])
})

t.test('what filters look at in other tables is read row by row', async t => {
  const { relations } = wholeOf(instances)
  t.match(relations['tags.tag'], { shape: 'labels', label: 'tag' })
  t.match(relations['instance_metadata.key.value'], { shape: 'rows', columns: { key: {}, value: {} } })
  t.match(relations['instance_info_caches.network_info'], { shape: 'rows', columns: { network_info: {} } })
  const added = wholeInclude(instances).filter(name => !(name in instances.relations))
  t.equal(added.length, 4)
  t.ok(added.every(name => name in relations))
})

t.test('addresses as the servers find and read them', async t => {
  const at = (document: string) => addressesAt('$[*].network.subnets[*].ips[*]', document)
  const of = (address: string) => at(`[{"network": {"subnets": [{"ips": [{"address": ${address}}]}]}}]`)
  for (const nothing of ['', 'x', 'null', '5', '{}', '[]', '[null, 5, {}]', '[{"network": [{"subnets": []}]}]'])
    t.same(at(nothing), [], nothing)
  for (const [address, digits, text] of [
    ['"10.0.0.1"', '0a000001', '10.0.0.1'],
    ['"010.000.0.001"', '0a000001', '010.000.0.001'],
    ['"10.0.0.1/24"', '', '10.0.0.1'],
    ['"10.0.0.256"', '', '10.0.0.256'],
    ['"FE80::A"', 'fe80000000000000000000000000000a', 'fe80::a'],
    ['"::ffff:010.0.0.1"', '00000000000000000000ffff0a000001', '::ffff:010.0.0.1'],
    ['"::10.0.0.256"', '', '::10.0.0.256'],
    ['"fe80::1/64"', '', 'fe80::1'],
    ['"0000:0000:0000:0000:0000:ffff:100.100.100.100"', '', '0000:0000:0000:0000:0000:ffff:100.100.100.100'],
    ['"nowhere"', '', ''],
    ['10.50', '', '10.5'],
    ['false', '', 'fa'],
  ] as const)
    t.same(of(address), [{ digits, text }], address)
  for (const none of ['null', '{}', '["10.0.0.1"]']) t.same(of(none), [], none)
})

t.test('nobody’s characters have their place as well', async t => {
  const own = frameOf(textResource, {
    ...layout,
    weights: [weightsNamed('bin', { beyond: null, pads: false })],
    texts: { s: 0 },
  }).weigherOf('s')!
  const last = ['\u{10fff9}', '\u{10fffa}', '\u{10fffb}', '\u{10fffc}', '\u{10fffe}', '\u{10ffff}']
  const keys = ['\0', 'A', '\ud7fe', '\ud7ff', '\ue000', '\uffff', '😀', ...last, `${last.at(-1)}A`].map(
    own.key,
  )
  t.same([...keys].sort(compareTexts), keys)
  t.equal(new Set(keys).size, keys.length)
})
