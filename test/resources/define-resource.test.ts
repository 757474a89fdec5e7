import t from 'tap'
import { computeNodes, defineResource, instances, migrations, services } from '../../src/index.js'
import { type SideRead, sideReads } from '../../src/resources/included.js'
import { instanceActions } from '../../src/resources/instance-actions.js'
import type { Resource } from '../../src/resources/resource.js'
import { apiSchema, cellSchema } from '../../src/testing/schema.js'

const columns = { id: { kind: 'int' }, uuid: { kind: 'text' }, n: { kind: 'int' } } as const

t.test('defaults', async t => {
  t.match(defineResource({ name: 'things', columns, sortKeys: ['n'] }), {
    table: 'things',
    id: 'id',
    uuid: 'uuid',
    scope: {},
    defaultSort: ['id:asc'],
    flags: [],
    filters: {},
    relations: {},
  })
})

t.test('a definition that contradicts itself says where', async t => {
  const relation = { table: 't', column: 'c', references: 'nope' }
  const inApi = (references: string) => ({ ...relation, references, database: 'api' })
  for (const [definition, path] of [
    [{ id: 'nope' }, '/id'],
    [{ uuid: 'nope' }, '/uuid'],
    [{ scope: { user_id: 'nope' } }, '/scope/user_id'],
    [{ sortKeys: ['n', 'nope'] }, '/sortKeys/1'],
    [{ sortKeys: [] }, '/sortKeys'],
    [{ defaultSort: ['nope:asc'] }, '/defaultSort/0'],
    [{ flags: [{ names: ['x'], rules: [{ when: {}, shows: [[{ column: 'nope', eq: 0 }]] }] }] }, '/flags'],
    [{ filters: { x: { kind: 'bound', column: 'nope', op: 'gte' } } }, '/filters/x'],
    [{ filters: { x: { kind: 'either', columns: ['n', 'nope'] } } }, '/filters/x'],
    [{ filters: { x: { kind: 'labels', relation, label: 'l', match: 'all' } } }, '/filters/x'],
    [{ relations: { x: { shape: 'labels', relation, label: 'l' } } }, '/relations/x'],
    [
      { mapped: 'uuid', relations: { x: { shape: 'labels', relation: inApi('n'), label: 'l' } } },
      '/relations/x',
    ],
    [{ relations: { x: { shape: 'labels', relation: inApi('uuid'), label: 'l' } } }, '/relations/x'],
    [{ uuid: null, relations: { x: { shape: 'labels', relation: inApi('id'), label: 'l' } } }, '/relations/x'],
    [{ table: 'a`b' }, '/columns'],
    ...(
      [
        ['int', 1.5],
        ['float', '1'],
        ['bool', 1],
        ['bigint', 1],
        ['bigint', '1.5'],
        ['decimal', 'one'],
        ['decimal', 1],
        ['time', 'never'],
        ['time', 0],
        ['enum', 'z'],
        ['text', 1],
      ] as const
    ).map(
      ([kind, value]) =>
        [
          { columns: { ...columns, d: { kind, default: value, members: ['a'] } } },
          '/columns/d/default',
        ] as const,
    ),
  ] as const)
    t.throws(
      () => defineResource({ name: 'things', columns, sortKeys: ['n'], ...definition } as never),
      { code: 'invalid-resource', path },
      path,
    )
})

t.test('every column of Nova’s resources is in Nova’s schema, and as nullable', async t => {
  for (const resource of [instances, migrations, services, computeNodes] as Resource[]) {
    const table = cellSchema[resource.table]!
    for (const [name, { nullable = false, kind, members }] of Object.entries(resource.columns)) {
      const { type, nullable: really } = table.columns[name]!
      t.equal(nullable, really, `${resource.table}.${name}`)
      if (kind === 'enum') t.equal(type, `enum(${members!.map(member => `'${member}'`).join(',')})`)
    }
  }
})

t.test('what relations read is in Nova’s schema, and as nullable', async t => {
  for (const resource of [instances, instanceActions] as Resource[])
    for (const [name, included] of Object.entries(resource.relations)) {
      const { database, table, column, only = [] } = included.relation
      const { columns } = (database === 'api' ? apiSchema : cellSchema)[table]!
      const [{ last, orderBy, columns: read }] = sideReads(resource.relations, [name]) as [SideRead]
      const all = [column, orderBy, ...read, ...only.map(condition => condition.column)]
      t.ok(all.every(one => one in columns) && (!last || orderBy === 'id'), `${name}: ${all}`)
      if (included.shape !== 'rows' && included.shape !== 'latest') continue
      for (const [of, { nullable = false, kind, members }] of Object.entries(included.columns)) {
        t.equal(nullable, columns[of]!.nullable, `${table}.${of}`)
        if (kind === 'enum')
          t.equal(columns[of]!.type, `enum(${members!.map(member => `'${member}'`).join(',')})`)
      }
    }
})

t.test('a relation in the API database references the uuid of an instance', async t => {
  const relation = { table: 't', column: 'c', references: 'uuid', database: 'api' } as const
  const things = defineResource({
    name: 'things',
    columns,
    mapped: 'uuid',
    sortKeys: ['n'],
    relations: { x: { shape: 'labels', relation, label: 'l' } },
  })
  t.equal(things.relations.x.relation.database, 'api')
})

t.test('a default is a value of its column', async t => {
  for (const column of [
    { kind: 'int', default: 0 },
    { kind: 'float', default: 0.5 },
    { kind: 'bool', default: false },
    { kind: 'bigint', default: '-9007199254740993' },
    { kind: 'decimal', default: '0.10' },
    { kind: 'time', default: '2026-01-02T03:04:05Z' },
    { kind: 'enum', members: ['a', 'b'], default: 'b' },
    { kind: 'text', default: '' },
  ] as const)
    t.doesNotThrow(() =>
      defineResource({ name: 'things', columns: { ...columns, d: column }, sortKeys: ['n'] }),
    )
})
