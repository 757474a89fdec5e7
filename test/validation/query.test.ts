import fc from 'fast-check'
import t from 'tap'
import * as errors from '../../src/errors.js'
import { instances } from '../../src/resources/instances.js'
import type { ColumnCondition, Condition } from '../../src/sql/condition.js'
import { validatorOf } from '../../src/validation/validator.js'
import { things } from '../listing/fixtures/things.js'

const validator = validatorOf(instances, 1_000)
const check = (query: unknown) => validator.query('list', query)
const all = { scope: 'all' }
const columns = (conditions: readonly Condition[]) => conditions as readonly ColumnCondition[]

const refused = (
  query: unknown,
  name: keyof typeof errors,
  code: string,
  path: string,
  expected?: RegExp,
): [unknown, Record<string, unknown>] => [query, { name, code, path, ...(expected && { expected }) }]

t.test('everything that is wrong is an error of its own, with its path and what was expected', async t => {
  for (const [query, error] of [
    refused(undefined, 'InvalidOptionError', 'invalid-option', ''),
    refused([], 'InvalidOptionError', 'invalid-option', ''),
    refused('all', 'InvalidOptionError', 'invalid-option', ''),
    refused({}, 'MissingScopeError', 'missing-scope', '/scope', /project_id.*user_id.*all/),
    refused({ scope: undefined }, 'MissingScopeError', 'missing-scope', '/scope'),
    refused({ scope: null }, 'InvalidScopeError', 'invalid-scope', '/scope'),
    refused({ scope: 'mine' }, 'InvalidScopeError', 'invalid-scope', '/scope'),
    refused({ scope: {} }, 'InvalidScopeError', 'invalid-scope', '/scope'),
    refused({ scope: { project_id: '' } }, 'InvalidScopeError', 'invalid-scope', '/scope/project_id'),
    refused({ scope: { project_id: 7 } }, 'InvalidScopeError', 'invalid-scope', '/scope/project_id'),
    refused({ scope: { project: 'x' } }, 'InvalidScopeError', 'invalid-scope', '/scope/project'),
    refused({ scope: { project_id: 'a', user_id: 'b' } }, 'InvalidScopeError', 'invalid-scope', '/scope'),
    refused({ ...all, page: 7 }, 'UnknownOptionError', 'unknown-option', '/page', /scope.*limit/),
    refused({ ...all, sort: 'host' }, 'InvalidSortError', 'invalid-sort', '/sort'),
    refused({ ...all, sort: [] }, 'InvalidSortError', 'invalid-sort', '/sort'),
    refused({ ...all, sort: [7] }, 'InvalidSortError', 'invalid-sort', '/sort/0'),
    refused({ ...all, sort: [null] }, 'InvalidSortError', 'invalid-sort', '/sort/0'),
    refused({ ...all, sort: [{ dir: 'asc' }] }, 'InvalidSortError', 'invalid-sort', '/sort/0'),
    refused(
      { ...all, sort: [{ key: 'host', nulls: 'last' }] },
      'InvalidSortError',
      'invalid-sort',
      '/sort/0/nulls',
    ),
    refused({ ...all, sort: ['host', 'host:desc'] }, 'InvalidSortError', 'invalid-sort', '/sort/1'),
    refused(
      { ...all, sort: ['host', 'nope'] },
      'UnknownSortKeyError',
      'unknown-sort-key',
      '/sort/1/key',
      /created_at/,
    ),
    refused({ ...all, sort: ['user_data'] }, 'UnknownSortKeyError', 'unknown-sort-key', '/sort/0/key'),
    refused({ ...all, sort: ['__proto__'] }, 'UnknownSortKeyError', 'unknown-sort-key', '/sort/0/key'),
    refused(
      { ...all, sort: ['host:up'] },
      'InvalidDirectionError',
      'invalid-direction',
      '/sort/0/dir',
      /asc or desc/,
    ),
    refused({ ...all, sort: ['host:asc:desc'] }, 'InvalidDirectionError', 'invalid-direction', '/sort/0/dir'),
    refused(
      { ...all, sort: [{ key: 'host', dir: 'DESC' }] },
      'InvalidDirectionError',
      'invalid-direction',
      '/sort/0/dir',
    ),
    refused({ ...all, filters: [] }, 'UnknownFilterError', 'unknown-filter', '/filters'),
    refused(
      { ...all, filters: { nope: 1 } },
      'UnknownFilterError',
      'unknown-filter',
      '/filters/nope',
      /vm_state/,
    ),
    refused({ ...all, filters: { 'a/b~c': 1 } }, 'UnknownFilterError', 'unknown-filter', '/filters/a~1b~0c'),
    refused(
      { ...all, filters: JSON.parse('{"__proto__": 1}') },
      'UnknownFilterError',
      'unknown-filter',
      '/filters/__proto__',
    ),
    refused(
      { ...all, filters: { host: { near: 'x' } } },
      'UnknownOperatorError',
      'unknown-operator',
      '/filters/host/near',
      /regexp/,
    ),
    refused(
      { ...all, filters: { vcpus: { like: '1' } } },
      'UnknownOperatorError',
      'unknown-operator',
      '/filters/vcpus/like',
    ),
    refused(
      { ...all, filters: { locked_by: { gt: 'owner' } } },
      'UnknownOperatorError',
      'unknown-operator',
      '/filters/locked_by/gt',
    ),
    refused(
      { ...all, filters: { host: {} } },
      'InvalidFilterValueError',
      'invalid-filter-value',
      '/filters/host',
    ),
    refused(
      { ...all, filters: { host: 7 } },
      'InvalidFilterValueError',
      'invalid-filter-value',
      '/filters/host/eq',
      /text, or null/,
    ),
    refused(
      { ...all, filters: { host: [['x']] } },
      'InvalidFilterValueError',
      'invalid-filter-value',
      '/filters/host/in/0',
    ),
    refused(
      { ...all, filters: { host: '\ud800' } },
      'InvalidFilterValueError',
      'invalid-filter-value',
      '/filters/host/eq',
    ),
    refused(
      { ...all, filters: { host: { prefix: null } } },
      'InvalidFilterValueError',
      'invalid-filter-value',
      '/filters/host/prefix',
    ),
    refused(
      { ...all, filters: { host: { regexp: '' } } },
      'InvalidFilterValueError',
      'invalid-filter-value',
      '/filters/host/regexp',
    ),
    refused(
      { ...all, filters: { host: { regexp: 'x'.repeat(256) } } },
      'InvalidFilterValueError',
      'invalid-filter-value',
      '/filters/host/regexp',
    ),
    refused(
      { ...all, filters: { vcpus: 1.5 } },
      'InvalidFilterValueError',
      'invalid-filter-value',
      '/filters/vcpus/eq',
      /whole number/,
    ),
    refused(
      { ...all, filters: { vcpus: Number.NaN } },
      'InvalidFilterValueError',
      'invalid-filter-value',
      '/filters/vcpus/eq',
    ),
    refused(
      { ...all, filters: { vcpus: '1' } },
      'InvalidFilterValueError',
      'invalid-filter-value',
      '/filters/vcpus/eq',
    ),
    refused(
      { ...all, filters: { locked: 1 } },
      'InvalidFilterValueError',
      'invalid-filter-value',
      '/filters/locked/eq',
      /boolean/,
    ),
    refused(
      { ...all, filters: { locked_by: 'boss' } },
      'InvalidFilterValueError',
      'invalid-filter-value',
      '/filters/locked_by/eq',
      /owner, admin/,
    ),
    refused(
      { ...all, filters: { created_at: { gt: '2026-02-30' } } },
      'InvalidFilterValueError',
      'invalid-filter-value',
      '/filters/created_at/gt',
      /ISO 8601/,
    ),
    refused(
      { ...all, filters: { host: { is_null: 1 } } },
      'InvalidFilterValueError',
      'invalid-filter-value',
      '/filters/host/is_null',
    ),
    refused(
      { ...all, filters: { hidden: 'yes' } },
      'InvalidFilterValueError',
      'invalid-filter-value',
      '/filters/hidden',
      /any/,
    ),
    refused(
      { ...all, fields: ['host', 'nope'] },
      'UnknownFieldError',
      'unknown-field',
      '/fields/1',
      /display_name/,
    ),
    refused({ ...all, include: ['nope'] }, 'UnknownIncludeError', 'unknown-include', '/include/0', /tags/),
    refused({ ...all, include: 'tags' }, 'UnknownIncludeError', 'unknown-include', '/include'),
    refused({ ...all, include: ['tags', 'tags'] }, 'UnknownIncludeError', 'unknown-include', '/include'),
    refused({ ...all, fields: [] }, 'UnknownFieldError', 'unknown-field', '/fields'),
    refused({ ...all, fields: ['host', 'host'] }, 'UnknownFieldError', 'unknown-field', '/fields'),
    refused({ ...all, limit: -1 }, 'InvalidLimitError', 'invalid-limit', '/limit', /from 0 to 1000/),
    refused({ ...all, limit: 1_001 }, 'InvalidLimitError', 'invalid-limit', '/limit'),
    refused({ ...all, limit: 1.5 }, 'InvalidLimitError', 'invalid-limit', '/limit'),
    refused({ ...all, limit: '10' }, 'InvalidLimitError', 'invalid-limit', '/limit'),
    refused({ ...all, limit: Number.POSITIVE_INFINITY }, 'InvalidLimitError', 'invalid-limit', '/limit'),
    refused({ ...all, limit: null }, 'InvalidLimitError', 'invalid-limit', '/limit'),
    refused({ ...all, marker: 'x' }, 'InvalidMarkerError', 'invalid-marker', '/marker', /uuid/),
    refused({ ...all, marker: 7 }, 'InvalidMarkerError', 'invalid-marker', '/marker'),
    refused({ ...all, cursor: '' }, 'InvalidCursorError', 'invalid-cursor', '/cursor'),
    refused({ ...all, cursor: 7 }, 'InvalidCursorError', 'invalid-cursor', '/cursor'),
    refused(
      { ...all, cursor: 'x', marker: '00000000-0000-4000-8000-000000000000' },
      'InvalidOptionError',
      'invalid-option',
      '/cursor',
    ),
  ] as const)
    t.throws(() => check(query), error as unknown as Error, String(JSON.stringify(query)))
})

t.test('each verb takes its own members', async t => {
  t.throws(() => validator.query('get', { ...all, sort: ['host'] }), { code: 'unknown-option', path: '/sort' })
  t.throws(() => validator.query('iterate', { ...all, limit: 5 }), { code: 'unknown-option', path: '/limit' })
  t.equal(validator.query('iterate', { ...all, sort: ['host'] }).sort[0]!.key, 'host')
})

t.test('values of filters never show in errors, names do', async t => {
  for (const query of [
    { ...all, filters: { vcpus: 'secret' } },
    { ...all, filters: { created_at: 'secret' } },
    { ...all, filters: { host: { regexp: 'secret'.repeat(50) } } },
    { scope: { project_id: 'secret'.repeat(50) } },
    { ...all, cursor: 'secret', marker: 'secret' },
  ])
    t.throws(() => check(query), { message: /^(?!.*secret)/ })
  t.throws(() => check({ ...all, sort: ['nope'] }), { message: /"nope"/ })
  t.throws(() => check({ ...all, limit: -1 }), { message: /-1/ })
})

t.test('the short forms mean the long ones', async t => {
  t.same(check({ ...all, sort: ['host:desc', 'uuid', { key: 'id' }, { key: 'vcpus', dir: 'desc' }] }).sort, [
    { key: 'host', dir: 'desc' },
    { key: 'uuid', dir: 'asc' },
    { key: 'id', dir: 'asc' },
    { key: 'vcpus', dir: 'desc' },
  ])
  const filters = {
    host: 'x',
    vcpus: [1, null],
    created_at: { gte: '2026-01-01T00:00:00+01:00', lt: undefined },
  }
  t.same(
    columns(check({ ...all, filters, marker: undefined }).filters).map(({ column, op, value }) => [
      column,
      op,
      value,
    ]),
    [
      ['host', 'eq', 'x'],
      ['vcpus', 'in', [1, null]],
      ['created_at', 'gte', '2025-12-31 23:00:00'],
    ],
  )
})

t.test('defaults: everything visible, all columns, the largest limit', async t => {
  const query = check(all)
  t.same(query.filters, [])
  t.same(query.tenant, [])
  t.same(
    columns(query.flags).map(({ column, op, value, nullable }) => [column, op, value, nullable]),
    [
      ['deleted', 'eq', 0, true],
      ['vm_state', 'ne', 'soft-delete', true],
      ['hidden', 'ne', 1, true],
    ],
  )
  t.equal(query.limit, 1_000)
  t.same(query.fields, Object.keys(instances.columns))
  t.same(query.sort, [
    { key: 'created_at', dir: 'desc' },
    { key: 'id', dir: 'desc' },
  ])
})

t.test('flags take the place of their column', async t => {
  t.same(
    columns(check({ ...all, filters: { deleted: 'any', hidden: true, soft_deleted: false } }).flags).map(c => [
      c.column,
      c.op,
      c.value,
    ]),
    [
      ['vm_state', 'ne', 'soft-delete'],
      ['hidden', 'eq', 1],
    ],
  )
})

t.test('a resource without relations includes nothing', async t => {
  const { query } = validatorOf(things, 10)
  t.same(query('list', { ...all, include: [] }).include, [])
  t.throws(() => query('list', { ...all, include: ['tags'] }), { code: 'unknown-include', path: '/include' })
})

t.test('numbers of any size are taken exactly, and nothing else', async t => {
  const { query } = validatorOf(things, 10)
  for (const [column, value] of [
    ['big', '18446744073709551615'],
    ['big', 7],
    ['exact', '-0.1000000001'],
    ['exact', '12'],
    ['double', 0.5],
  ] as const)
    t.equal(
      (query('list', { ...all, filters: { [column]: value } }).filters[0]! as ColumnCondition).value,
      value,
    )
  for (const [column, value] of [
    ['big', '1.5'],
    ['big', 2 ** 53],
    ['big', '1e3'],
    ['exact', 0.5],
    ['exact', '1,5'],
    ['double', '0.5'],
  ] as const)
    t.throws(
      () => query('list', { ...all, filters: { [column]: value } }),
      { code: 'invalid-filter-value' },
      `${column} ${value}`,
    )
})

t.test('a binding is of the scope, the filters and the sort, in whatever sequence the filters are', async t => {
  const binding = (query: object) => check({ ...all, ...query }).binding
  const one = binding({ filters: { host: 'x', vcpus: 1 } })
  t.equal(binding({ filters: { vcpus: { eq: 1 }, host: 'x' }, limit: 5, fields: ['uuid'] }), one)
  for (const other of [
    { filters: { host: 'x' } },
    { filters: { host: 'x', vcpus: 2 } },
    { filters: { host: 'x', vcpus: 1 }, sort: ['host'] },
    { filters: { host: 'x', vcpus: 1, hidden: true } },
    { filters: { host: 'x', vcpus: 1 }, scope: { project_id: 'p' } },
  ])
    t.not(binding(other), one)
})

t.test('options', async t => {
  t.same(validator.options(undefined), {})
  t.same(validator.options({ deadline: 5, downCells: 'fail', signal: undefined }), {
    deadline: 5,
    downCells: 'fail',
  })
  const { signal } = new AbortController()
  t.equal(validator.options({ signal }).signal, signal)
  for (const [options, code, path] of [
    [null, 'invalid-option', ''],
    ['x', 'invalid-option', ''],
    [{ signal: {} }, 'invalid-option', '/signal'],
    [{ deadline: 0 }, 'invalid-option', '/deadline'],
    [{ deadline: 0.5 }, 'invalid-option', '/deadline'],
    [{ downCells: 'ignore' }, 'invalid-option', '/downCells'],
    [{ retries: 3 }, 'unknown-option', '/retries'],
  ] as const)
    t.throws(() => validator.options(options), { code, path }, JSON.stringify(options))
})

t.test('whatever is given: a checked query or an error of ours', async t => {
  const names = fc.constantFrom(
    'scope',
    'filters',
    'sort',
    'limit',
    'marker',
    'cursor',
    'fields',
    'host',
    'eq',
    'in',
    'all',
    '__proto__',
  )
  const anything = fc.letrec(tie => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.anything(),
      names,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(names, tie('value')),
    ),
  })).value
  fc.assert(
    fc.property(anything, fc.boolean(), (value, scoped) => {
      try {
        check(scoped && typeof value === 'object' ? { ...value, ...all } : value)
        return true
      } catch (error) {
        return error instanceof errors.InvalidInputError
      }
    }),
    { numRuns: 5_000 },
  )
  t.pass('5,000 values')
})
