import t from 'tap'
import { defineResource, instances } from '../../src/index.js'
import { checkConfig } from '../../src/validation/config.js'
import { validatorOf } from '../../src/validation/validator.js'

/** What the fuzzing has found, shrunk. */
const { query } = validatorOf(instances, 1_000)

/** An object whose member is another one each time that it is read. */
const flipping = (member: string, ...values: readonly unknown[]): object => {
  let turn = 0
  return Object.defineProperty({}, member, { enumerable: true, get: () => values[turn++ % values.length] })
}
const RAW = { toSqlString: () => '1 OR 1' }

t.test('what is checked is what is used, whatever it says when it is read again', async t => {
  const { scope, tenant } = query('list', { scope: flipping('project_id', 'mine', 'theirs', RAW) })
  t.same(scope, { project_id: 'mine' })
  t.match(tenant, [{ value: 'mine' }])
  const { filters } = query('list', { scope: 'all', filters: { host: flipping('eq', 'a', RAW) } })
  t.match(filters, [{ value: 'a' }])
  const list = new Proxy(['a'], {
    get: (target, member) => (member === '0' && list.read++ > 0 ? RAW : Reflect.get(target, member)),
  }) as string[] & { read: number }
  list.read = 0
  t.match(query('list', { scope: 'all', filters: { host: list } }).filters, [{ op: 'in', value: ['a'] }])
})

t.test('a list that is too long is not looked through', async t => {
  const endless = new Array(2 ** 32 - 1)
  for (const [member, code] of [
    ['sort', 'invalid-sort'],
    ['fields', 'unknown-field'],
    ['include', 'unknown-include'],
  ] as const)
    t.throws(() => query('list', { scope: 'all', [member]: endless }), { code, path: `/${member}` })
  t.throws(() => query('list', { scope: 'all', filters: { host: endless } }), {
    code: 'invalid-filter-value',
    path: '/filters/host/in',
  })
})

t.test('what is deeper than any query is refused as what it is', async t => {
  const cyclic: Record<string, unknown> = {}
  cyclic.role = cyclic
  t.throws(() => query('list', { scope: 'all', filters: { metadata: cyclic } }), {
    code: 'invalid-filter-value',
    path: '/filters/metadata/role',
  })
  t.throws(() => query('list', { scope: 'all', filters: { metadata: { role: [[[['x']]]] } } }), {
    code: 'invalid-filter-value',
    path: '/filters/metadata/role/0',
  })
})

t.test('a lone surrogate would be sent as another character', async t => {
  t.throws(() => query('list', { scope: { project_id: '\ud800' } }), {
    code: 'invalid-scope',
    path: '/scope/project_id',
  })
  t.throws(() => query('list', { scope: 'all', filters: { metadata: { '\ud800': 'x' } } }), {
    code: 'invalid-filter-value',
    path: '/filters/metadata',
  })
})

t.test('a URL in the place of a name is not shown', async t => {
  for (const member of ['fields', 'sort', 'include'])
    t.throws(() => query('list', { scope: 'all', [member]: ['mysql://u:secret@h/d'] }), {
      message: /^(?!.*secret)/,
    })
})

t.test('a definition of which a part is not what it has to be says where', async t => {
  const relation = { table: 't', column: 'c', references: 'id' }
  const things = { name: 'things', columns: { id: { kind: 'int' }, uuid: { kind: 'text' } }, sortKeys: ['id'] }
  for (const [definition, path] of [
    [null, ''],
    [[], ''],
    [{}, '/name'],
    [{ ...things, columns: [] }, '/columns'],
    [{ ...things, columns: { 'a/b~c': null } }, '/columns/a~1b~0c'],
    [{ ...things, columns: { ...things.columns, n: { kind: 'number' } } }, '/columns/n/kind'],
    [{ ...things, columns: { ...things.columns, n: { kind: 'enum' } } }, '/columns/n/members'],
    [{ ...things, table: Symbol('things') }, '/table'],
    [{ ...things, uuid: 7 }, '/uuid'],
    [{ ...things, sortKeys: new Array(2 ** 32 - 1) }, '/sortKeys'],
    [{ ...things, sortKeys: [Symbol('id')] }, '/sortKeys/0'],
    [{ ...things, sortKeys: ['id', 'uuid', 'id'] }, '/sortKeys/2'],
    [
      { ...things, columns: { ...things.columns, n: { kind: 'enum', members: ['a', 'a'] } } },
      '/columns/n/members/1',
    ],
    [{ ...things, defaultSort: [] }, '/defaultSort'],
    [{ ...things, defaultSort: ['id:asc', 'id:desc'] }, '/defaultSort/1'],
    [{ ...things, defaultSort: ['id:up'] }, '/defaultSort/0'],
    [{ ...things, scope: [] }, '/scope'],
    [{ ...things, scope: JSON.parse('{"__proto__":["id"]}') }, '/scope/__proto__'],
    [{ ...things, scope: { project: 'id' } }, '/scope/project'],
    [{ ...things, sort_keys: ['id'] }, '/sort_keys'],
    [{ ...things, flags: [{ names: ["'\ud800"], rules: [{ when: {}, shows: [] }] }] }, '/flags/0/names/0'],
    [{ ...things, relations: { '\ud800': {} } }, '/relations/\ud800'],
    [{ ...things, flags: [{ names: ['x'], rules: [] }] }, '/flags/0/rules'],
    [{ ...things, flags: [{ names: ['x'], rules: [{ when: { x: true }, shows: [] }] }] }, '/flags/0/rules'],
    [
      { ...things, flags: [{ names: ['x'], rules: [{ when: {}, shows: [[{ column: 'id' }]] }] }] },
      '/flags/0/rules/0/shows/0/0',
    ],
    [
      { ...things, flags: [{ names: ['x'], rules: [{ when: {}, shows: [[{ column: 'id', eq: {} }]] }] }] },
      '/flags/0/rules/0/shows/0/0/eq',
    ],
    [{ ...things, filters: { x: null } }, '/filters/x'],
    [{ ...things, filters: { x: { kind: 'constructor' } } }, '/filters/x/kind'],
    [
      { ...things, filters: { x: { kind: 'labels', relation, label: 'a`b', match: 'all' } } },
      '/filters/x/label',
    ],
    [
      { ...things, filters: { x: { kind: 'address', relation, document: 'd', path: "$'" } } },
      '/filters/x/path',
    ],
    [
      { ...things, relations: { x: { shape: 'rows', relation, columns: { 'a b': {} } } } },
      '/relations/x/columns/a b',
    ],
    [{ ...things, relations: { x: { shape: 'labels', relation: null, label: 'l' } } }, '/relations/x/relation'],
    [{ ...things, relations: [] }, '/relations'],
  ] as const)
    t.throws(() => defineResource(definition as never), { code: 'invalid-resource', path, expected: /./ }, path)
  t.equal(
    defineResource({ ...things, uuid: undefined } as never).uuid,
    'uuid',
    'what is undefined is not there',
  )
})

t.test('a definition that has every part there is', async t => {
  const relation = { table: 't', column: 'c', references: 'id', only: [{ column: 'deleted', eq: 0 }] } as const
  const gone = { column: 'id', ne: 0 } as const
  const things = defineResource({
    name: 'things',
    table: 'things_of_cells',
    columns: {
      id: { kind: 'int' },
      uuid: { kind: 'text' },
      at: { kind: 'time', nullable: true },
      state: { kind: 'enum', members: ['a', 'b'], default: 'a' },
    },
    id: 'id',
    uuid: null,
    mapped: 'uuid',
    scope: { project_id: 'uuid' },
    sortKeys: ['id', 'at'],
    defaultSort: ['at:desc'],
    flags: [
      {
        names: ['gone'],
        rules: [
          { when: { gone: 'any' }, shows: [[gone]] },
          { when: {}, shows: [] },
        ],
      },
    ],
    filters: {
      labels: { kind: 'labels', relation, label: 'l', match: 'not-all' },
      pairs: { kind: 'pairs', relation, key: 'k', value: 'v' },
      since: { kind: 'bound', column: 'at', op: 'gte' },
      either: { kind: 'either', columns: ['uuid'] },
      address: { kind: 'address', relation, document: 'd', path: '$[*].ips[*]' },
    },
    relations: {
      labels: { shape: 'labels', relation, label: 'l' },
      map: { shape: 'map', relation, key: 'k', value: 'v' },
      rows: { shape: 'rows', relation, columns: { n: { kind: 'int' } } },
      latest: {
        shape: 'latest',
        relation: {
          ...relation,
          only: [
            { column: 'state', not_in: ['x', 1] },
            { column: 'n', ne: 2 },
          ],
        },
        columns: { n: { kind: 'float', nullable: true } },
      },
      document: { shape: 'document', relation, document: 'd', read: 'json' },
    },
  })
  t.equal(things.table, 'things_of_cells')
})

t.test('configurations are checked by what was compiled once', async t => {
  for (const config of [Symbol('x'), [], { cells: 7 }])
    t.throws(() => checkConfig(config), { code: 'invalid-option' })
})
