import t from 'tap'
import type { CharacterWeights } from '../../src/cells/character-weights.js'
import { InvalidInputError, instances } from '../../src/index.js'
import { frameOf } from '../../src/search/frame.js'
import { FORM } from '../../src/search/layout.js'
import type { Term } from '../../src/search/search-index.js'
import { testsOf } from '../../src/search/tests.js'
import { type ColumnCondition, type Condition, type Operator, where } from '../../src/sql/condition.js'
import { join, name, sql } from '../../src/sql/fragment.js'
import { pick, randomFrom, times } from '../../src/testing/conformance/random.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { comparing, isWanted, valuesOf as placesOf } from '../../src/testing/memory-documents.js'
import { validatorOf } from '../../src/validation/validator.js'
import { seed } from '../fixtures/seed.js'
import { effort } from '../fuzz/fixtures/effort.js'
import { someQuery, valuesOf } from './fixtures/instance-queries.js'
import { makeMischief } from './fixtures/mischief.js'
import { searchable } from './fixtures/searchable.js'
import { textResource } from './fixtures/text-resource.js'
import { weightsNamed } from './fixtures/weights.js'

/** Documents are what the cells' rows are: whatever is asked, the same are found, in the same order. */

const random = randomFrom(seed)
const local = await startLocalCells({ cells: 3, instances: [20, 160, 120, 100], seed: seed % 1_000 })
t.teardown(() => local.stop())
await makeMischief(local, random, ['cell2'])
const { cells, direct, frame, documents, records, close } = await searchable(local)
t.teardown(close)

const values = valuesOf(records.values())
const validator = validatorOf(instances, 1_000)
const conditionsOf = (query: unknown): Condition[] => {
  const { tenant, filters, flags } = validator.query('list', query)
  return [...tenant, ...filters, ...flags]
}

/** A query that is right, and its conditions. */
const valid = (): { query: Record<string, unknown>; conditions: Condition[] } => {
  for (;;) {
    const query = someQuery(random, values)
    try {
      return { query, conditions: conditionsOf(query) }
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error
    }
  }
}
const { signal } = new AbortController()

/** What each of some conditions finds in all cells, in one statement for each cell. */
const foundByCells = async (all: readonly (readonly Condition[])[]): Promise<string[][]> => {
  const found = all.map((): string[] => [])
  for (const cell of direct) {
    const schemas = new Map(
      await Promise.all(
        ['instances', ...frame.members.map(({ relation }) => relation.table)].map(
          async table => [table, await cell.schemaOf(table, signal)] as const,
        ),
      ),
    )
    const columns = all.map(conditions => {
      const text = where(conditions, 'instances', (table, column) => schemas.get(table)?.columns.get(column))
      return sql`(${text}) IS TRUE`
    })
    const rows = await cell.query(sql`SELECT uuid, ${join(columns, ', ')} FROM ${name('instances')}`, signal)
    for (const [uuid, ...is] of rows)
      for (const [i, one] of is.entries()) if (one === 1) found[i]!.push(uuid as string)
  }
  return found
}

t.test('there is something to compare', async t => {
  t.equal(documents.length, 400)
  t.same(frame.shape.members, ['tags.tag', 'instance_metadata.key.value', 'instance_system_metadata.key.value'])
  const without = Object.keys(instances.columns).filter(column => frame.keyOf(column) === undefined)
  t.same(without, ['key_data', 'user_data', 'launched_on'], 'texts of any length are left to the cells')
  t.equal(frame.collationOf('display_name'), 'utf8mb4_general_ci')
})

const QUERIES = effort(2_500, 100_000)

t.test(`${QUERIES} queries find what the cells find`, async t => {
  let found = 0
  let some = 0
  for (let done = 0; done < QUERIES; done += 50) {
    const queries = times(50, valid)
    const expected = await foundByCells(queries.map(({ conditions }) => conditions))
    for (const [i, { query, conditions }] of queries.entries()) {
      const tests = testsOf(frame, conditions)
      if ('unserved' in tests) {
        for (const what of tests.unserved)
          t.match(what, /^(key_data|user_data|launched_on) \w+$/, JSON.stringify(query))
        continue
      }
      const got = documents
        .filter(document => isWanted(document, { where: tests.tests }))
        .map(({ uuid }) => uuid)
      const want = expected[i]!
      found += got.length
      if (got.length > 0 && got.length < documents.length) some++
      const more = got.filter(uuid => !want.includes(uuid)).map(uuid => records.get(uuid))
      const less = want.filter(uuid => !got.includes(uuid)).map(uuid => records.get(uuid))
      if (more.length + less.length > 0)
        t.fail('another answer', { query, more: more.slice(0, 2), less: less.slice(0, 2) })
    }
  }
  t.comment(`${found} found, ${some} answers are neither all nor nothing`)
  t.ok(some > QUERIES / 4)
})

t.test('and so do lists', async t => {
  const ask = async (): Promise<void> => {
    const { query, conditions } = valid()
    const tests = testsOf(frame, conditions)
    if ('unserved' in tests) return
    const want: string[] = []
    for await (const { uuid } of cells.instances.iterate({ ...query, fields: ['uuid'] } as never))
      want.push(uuid)
    const got = documents.filter(document => isWanted(document, { where: tests.tests })).map(({ uuid }) => uuid)
    if (String(got.sort()) !== String(want.sort())) t.fail('another answer', { query, got, expected: want })
  }
  for (let done = 0; done < effort(200, 5_000); done += 10) await Promise.all(times(10, ask))
})

/** A frame of one text column whose collation is made up. */
const textFrame = (of: Partial<CharacterWeights>) =>
  frameOf(textResource, {
    ...{
      form: FORM,
      resource: 'things',
      weights: [weightsNamed('made_up', of)],
      texts: { s: 0 },
      members: {},
      enums: {},
    },
  })

t.test('what only the cells can judge is said', async t => {
  const unserved = (filters: object) => {
    const tests = testsOf(
      frame,
      conditionsOf({ scope: 'all', filters: { deleted: 'any', hidden: 'any', ...filters } }),
    )
    return 'unserved' in tests ? tests.unserved : []
  }
  t.same(unserved({ display_name: { regexp: '^a' }, host: { regexp: 'b', ne: 'c' } }), [
    'display_name regexp',
    'host regexp',
  ])
  t.same(unserved({ user_data: 'x', key_data: { is_null: true } }), ['user_data eq', 'key_data is_null'])
  t.same(
    unserved({ tags: ['a'], metadata: { a: 'b' }, not_tags: ['c'], address: '10.0.0.1', locked_by: 'owner' }),
    [],
  )

  const members = { ...frame, members: frame.members.filter(({ name }) => name !== 'tags.tag') }
  const onTags = conditionsOf({ scope: 'all', filters: { not_tags: ['a', 'b'], tags_any: ['c'] } })
  t.same(testsOf(members, onTags), { unserved: ['tags'] })
  const latin = {
    ...frame,
    members: frame.members.map(one => ({
      ...one,
      weighers: one.weighers.map(() => textFrame({ held: 'ab' }).weigherOf('s')!),
    })),
  }
  t.same(
    testsOf(
      latin,
      conditionsOf({ scope: 'all', filters: { deleted: 'any', hidden: 'any', tags: ['a', 'c'] } }),
    ),
    { unserved: ['tags'] },
  )

  const on = (of: Partial<CharacterWeights>, op: Operator, value: ColumnCondition['value']) =>
    'unserved' in testsOf(textFrame(of), [{ column: 's', kind: 'text', nullable: true, op, value }])
  for (const [op, value, held, bare, bin] of [
    ['eq', 'ab', true, true, true],
    ['eq', 'ä', false, true, true],
    ['eq', null, true, true, true],
    ['in', ['a', null, 'ä'], false, true, true],
    ['in', ['a', null], true, true, true],
    ['is_null', 1, true, true, true],
    ['lt', 'ä', false, true, true],
    ['prefix', 'ä', false, true, true],
    ['contains', 'b', true, true, true],
    ['like', 'a%b', true, true, true],
    ['like', 'a_b', true, true, false],
    ['like', 'a\\_b', false, true, true],
    ['like', '%\u0004b', false, true, false],
    ['contains', '\0', false, true, false],
    ['contains', '\u0005', false, true, true],
    ['regexp', 'a', false, false, false],
  ] as const) {
    t.equal(!on({ held: 'ab' }, op, value), held, `ab alone: ${op} ${JSON.stringify(value)}`)
    t.equal(!on({}, op, value), bare, `${op} ${JSON.stringify(value)}`)
    t.equal(!on({ beyond: null }, op, value), bin, `code points: ${op} ${JSON.stringify(value)}`)
  }
})

const SORTS = effort(80, 2_000)

t.test('documents have the order that the cells have', async t => {
  const sorts = [
    ...instances.sortKeys.flatMap(key => [[`${key}:asc`], [`${key}:desc`]]),
    ...times(SORTS, () =>
      [...new Set(times(2, () => pick(random, instances.sortKeys)))].map(
        key => `${key}:${pick(random, ['asc', 'desc'])}`,
      ),
    ),
  ]
  for (const sort of sorts) {
    const filters = { deleted: 'any', soft_deleted: 'any', hidden: 'any' } as const
    const want: string[] = []
    for await (const { uuid } of cells.instances.iterate({
      scope: 'all',
      filters,
      sort: sort as never,
      fields: ['uuid'],
    }))
      want.push(uuid)
    const keys = sort.map(one => one.split(':') as [string, 'asc' | 'desc'])
    const all = keys.some(([key]) => key === 'id') ? keys : [...keys, ['id', keys.at(-1)![1]] as const]
    const terms: Term[] = [...all.map(([key, dir]): Term => ({ by: 'key', key, dir })), { by: 'uuid' }]
    const compare = comparing(terms)
    const got = documents
      .map(document => ({ uuid: document.uuid, at: placesOf(document, terms) }))
      .sort((a, b) => compare(a.at, b.at))
      .map(({ uuid }) => uuid)
    if (String(got) !== String(want)) {
      const at = got.findIndex((uuid, i) => uuid !== want[i])
      t.fail(`sorted by ${sort}: at ${at} there is ${got[at]} in place of ${want[at]}`)
    }
  }
  t.comment(`${sorts.length} orders`)
})
