import t from 'tap'
import { addFilter, type FilterArguments } from '../../src/cli/filter.js'
import { instances } from '../../src/resources/instances.js'
import type { Resource } from '../../src/resources/resource.js'

const filters = (...terms: string[]): FilterArguments =>
  terms.reduce((before, term) => addFilter(instances, before, term), {} as FilterArguments)

t.test('KEY=VALUE is membership in one or, given again, in several values', async t => {
  t.same(filters('vm_state=active'), { vm_state: { in: ['active'] } })
  t.same(filters('vm_state=active', 'vm_state=error', 'host=a'), {
    vm_state: { in: ['active', 'error'] },
    host: { in: ['a'] },
  })
  t.same(filters('vm_state:in=active', 'vm_state=error'), { vm_state: { in: ['active', 'error'] } })
})

t.test('a value may hold whatever the syntax is made of', async t => {
  t.same(filters('display_name=a=b:c,d'), { display_name: { in: ['a=b:c,d'] } })
  t.same(filters('display_name:contains=:=['), { display_name: { contains: ':=[' } })
  t.same(filters('display_name=two\nlines'), { display_name: { in: ['two\nlines'] } })
  t.same(filters('display_name='), { display_name: { in: [''] } })
})

t.test('KEY:OPERATOR=VALUE; operators of one key add up', async t => {
  t.same(filters('vcpus:gte=2', 'vcpus:lt=8', 'vcpus=4'), { vcpus: { gte: 2, lt: 8, in: [4] } })
})

t.test('values are of the kind that the column is', async t => {
  t.same(filters('vcpus=4', 'memory_mb=-1', 'locked=true', 'hidden=false', 'host:is_null=true'), {
    vcpus: { in: [4] },
    memory_mb: { in: [-1] },
    locked: { in: [true] },
    hidden: false,
    host: { is_null: true },
  })
  t.same(filters('display_name=7', 'hostname=true', 'created_at:gte=2026-01-01', 'locked_by=admin'), {
    display_name: { in: ['7'] },
    hostname: { in: ['true'] },
    created_at: { gte: '2026-01-01' },
    locked_by: { in: ['admin'] },
  })
})

t.test('a resource may have columns of every kind; the exact ones stay text', async t => {
  const columns = {
    float: { kind: 'float' },
    bigint: { kind: 'bigint' },
    decimal: { kind: 'decimal' },
  } as const
  const resource: Resource = { ...instances, columns: { ...instances.columns, ...columns } }
  t.same(addFilter(resource, {}, 'float=1.5'), { float: { in: [1.5] } })
  t.same(addFilter(resource, {}, 'bigint=9223372036854775807'), { bigint: { in: ['9223372036854775807'] } })
  t.same(addFilter(resource, {}, 'decimal=0.10'), { decimal: { in: ['0.10'] } })
})

t.test('what is of another kind or has no such name is left to the library', async t => {
  t.same(filters('vcpus=four', 'locked=yes', 'host:is_null=1', 'constructor=x', '__proto__=y'), {
    vcpus: { in: ['four'] },
    locked: { in: ['yes'] },
    host: { is_null: '1' },
    constructor: { in: ['x'] },
    ['__proto__']: { in: ['y'] },
  })
})

t.test('flags are true, false or any, and have no operators', async t => {
  t.same(filters('deleted=true', 'soft_deleted=false', 'hidden=any'), {
    deleted: true,
    soft_deleted: false,
    hidden: 'any',
  })
  t.same(filters('deleted:ne=0'), { deleted: { ne: 0 } })
})

t.test('KEY:=JSON is a filter as the library takes it', async t => {
  t.same(filters('task_state:=["spawning",null]', 'host:=null', 'vcpus:={"gte":2}', 'vcpus:lt=4'), {
    task_state: ['spawning', null],
    host: null,
    vcpus: { gte: 2, lt: 4 },
  })
})

t.test('what has none of the forms, or contradicts itself, is refused', async t => {
  for (const term of ['', 'vm_state', '=active', ':=1', ':eq=1', 'vcpus:gte:lt=1'])
    t.throws(() => filters(term), { code: 'commander.invalidArgument', message: /KEY:OPERATOR=VALUE/ }, term)
  t.throws(() => filters('vcpus:=four'), { code: 'commander.invalidArgument', message: /JSON/ })
  for (const terms of [
    ['vcpus:gte=1', 'vcpus:gte=2'],
    ['deleted=true', 'deleted=false'],
    ['vcpus=1', 'vcpus:=2'],
    ['vcpus:=2', 'vcpus=1'],
    ['vcpus:=[2]', 'vcpus=1'],
    ['vcpus:=null', 'vcpus=1'],
  ])
    t.throws(() => filters(...terms), { message: /another filter for (vcpus|deleted)/ }, terms.join(' '))
})

t.test('filters beside the columns', async t => {
  t.same(
    filters(
      'tags=blue',
      'tags=red',
      'not_tags_any=x',
      'metadata:role=web',
      'metadata:role=db',
      'metadata:a=b=c',
      'changes_since=2026-01-01',
      'address=10.0.0.0/8',
    ),
    {
      tags: ['blue', 'red'],
      not_tags_any: ['x'],
      metadata: { role: ['web', 'db'], a: ['b=c'] },
      changes_since: '2026-01-01',
      address: '10.0.0.0/8',
    },
  )
  t.same(filters('address:prefix=10.1.', 'tags:=["a"]'), { address: { prefix: '10.1.' }, tags: ['a'] })
  for (const terms of [
    ['tags:eq=blue'],
    ['tags:={}', 'tags=blue'],
    ['address=10.0.0.1', 'address=10.0.0.2'],
    ['changes_since=2026', 'changes_since=2027'],
  ])
    t.throws(() => filters(...terms), { message: /another filter/ }, terms.join(' '))
  for (const terms of [['metadata=web'], ['metadata:=[]', 'metadata:a=b']])
    t.throws(() => filters(...terms), { message: /metadata:KEY=VALUE/ }, terms.join(' '))
})
