import t from 'tap'
import { computeNodes, defineResource, instances, migrations, services } from '../../src/index.js'
import type { Resource } from '../../src/resources/resource.js'
import { cellSchema } from '../../src/testing/schema.js'

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
    [{ table: 'a`b' }, '/columns'],
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
