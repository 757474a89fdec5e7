import t from 'tap'
import { type instances, type ListQuery, type MarkerNotFoundError, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { statementsOf } from '../fixtures/statements-of.js'
import { namesOf, readPages } from './fixtures/defects-pages.js'
import { addInstances, addRow, uuidOf } from './fixtures/defects-rows.js'
import { openTruth } from './fixtures/defects-truth.js'

/** Nova's defects that a query meets: filters that find too much or nothing, and input that is wrong. */
const local = await startLocalCells({ cells: 2, cell0: false })
t.teardown(() => local.stop())
// Twelve instances: of two projects, in two cells, made one after the other.
for (let n = 1; n <= 12; n++)
  await addInstances(local, n % 3 === 0 ? 'cell2' : 'cell1', [
    {
      uuid: uuidOf(n),
      project_id: n % 4 === 0 ? 'theirs' : 'mine',
      created_at: `2026-01-01 12:00:${String(n).padStart(2, '0')}`,
      display_name: `name ${n % 5}`,
      display_description: n % 2 === 0 ? 'Made by hand' : null,
      host: `host${n % 2}`,
    },
  ])
const METADATA: readonly (readonly [number, string, string])[] = [
  [1, 'role', 'web'],
  [1, 'stage', 'test'],
  [2, 'role', 'test'],
  [2, 'stage', 'web'],
  [3, 'role', 'web'],
  [3, 'stage', 'live'],
  [6, 'role', 'test'],
  [6, 'stage', 'web'],
]
for (const [n, key, value] of METADATA)
  for (const table of ['instance_metadata', 'instance_system_metadata'])
    await addRow(local, n % 3 === 0 ? 'cell2' : 'cell1', table, {
      instance_uuid: uuidOf(n),
      key,
      value,
      deleted: 0,
    })

type Query = ListQuery<typeof instances>
const open = async () => {
  const cells = await openCells({ apiDatabase: local.apiDatabase! })
  t.teardown(() => cells.close())
  return cells
}
const [cells, stranger] = await Promise.all([open(), open()])
const truth = await openTruth(local, 'instances')
t.teardown(() => truth.close())
const found = async (query: Query) => (await cells.instances.list(query)).items.map(item => item.uuid).sort()

t.test('defect 8, a uuid filter with a marker that repeats rows without end', async t => {
  const pager = { cells, stranger, uuidOf: truth.uuidOf }
  const sort = ['display_name:asc', 'host:desc'] as const
  for (const chosen of [[5], [1, 2, 3, 4, 7, 9, 12]])
    for (const limit of [1, 2, 3])
      for (const way of ['by cursor', 'by marker', 'by marker that is looked up'] as const) {
        const uuid = chosen.map(uuidOf)
        const pages = await readPages(pager, { scope: 'all', filters: { uuid }, sort, limit }, way)
        const where = `uuid IN (${uuid.map(one => `'${one}'`)})`
        t.equal(
          namesOf(pages),
          await truth.names(sort, where),
          `${chosen.length} uuids, ${limit} on a page, ${way}`,
        )
      }
  const marker = uuidOf(5)
  t.same((await cells.instances.list({ scope: 'all', filters: { uuid: marker }, marker })).items, [])
})

t.test('defect 9, a metadata filter that takes the key of one row and the value of another', async t => {
  for (const filter of ['metadata', 'system_metadata']) {
    const having = (pairs: object) => found({ scope: 'all', filters: { [filter]: pairs } })
    t.same(await having({ role: 'web' }), [1, 3].map(uuidOf), filter)
    t.same(await having({ role: 'web', stage: 'test' }), [uuidOf(1)])
    t.same(await having({ role: 'web', stage: 'web' }), [])
    t.same(await having({ role: 'test', stage: 'web' }), [2, 6].map(uuidOf))
    t.same(await having({ stage: ['live', 'test'] }), [1, 3].map(uuidOf))
  }
})

t.test('defect 11, directions and sort keys that are not refused', async t => {
  await t.test('a key without a direction is ascending, whatever the ones before it are', async t => {
    for (const [sort, meant] of [
      [
        ['display_name:desc', 'host'],
        ['display_name:desc', 'host:asc'],
      ],
      [
        ['host:desc', 'display_name', 'created_at'],
        ['host:desc', 'display_name:asc', 'created_at:asc'],
      ],
      [
        [{ key: 'host', dir: 'desc' }, { key: 'display_name' }],
        ['host:desc', 'display_name:asc'],
      ],
    ] as const) {
      const page = await cells.instances.list({ scope: 'all', sort })
      t.equal(namesOf([page]), await truth.names(meant), meant.join())
    }
  })
  await t.test('what is wrong is an error that says so, before any cell is asked', async t => {
    const refuse = async () => {
      for (const [query, code, path] of [
        [{ sort: ['no_such_key'] }, 'unknown-sort-key', '/sort/0'],
        [{ sort: ['host', 'user_data:desc'] }, 'unknown-sort-key', '/sort/1'],
        [{ sort: [{ key: 'created_at`; --' }] }, 'unknown-sort-key', '/sort/0/key'],
        [{ sort: ['host:down'] }, 'invalid-direction', '/sort/0'],
        [{ sort: ['host', { key: 'uuid', dir: '' }] }, 'invalid-direction', '/sort/1/dir'],
        [{ sort_keys: ['host', 'uuid'], sort_dirs: ['desc'] }, 'unknown-option', '/sort_keys'],
      ] as const)
        await t.rejects(cells.instances.list({ scope: 'all', ...query } as never), { code, path })
    }
    t.same(await statementsOf(local.server('cell1'), refuse), [])
    t.equal(
      (await statementsOf(local.server('cell1'), () => cells.instances.list({ scope: 'all' }))).length > 0,
      true,
      'as a query that is right is',
    )
  })
})

t.test('defect 14, what is taken without a word', async t => {
  await t.test('a marker of another project is refused like one that never was', async t => {
    const scope = { project_id: 'mine' }
    const refusal = async (marker: string) => {
      const ways: readonly (() => Promise<unknown>)[] = [
        () => cells.instances.list({ scope, marker }),
        () => cells.instances.pages({ scope, marker })[Symbol.asyncIterator]().next(),
        () => cells.instances.iterate({ scope, marker })[Symbol.asyncIterator]().next(),
      ]
      for (const ask of ways) await t.rejects(ask(), { code: 'marker-not-found', path: '/marker' })
      const { message, expected } = await cells.instances.list({ scope, marker }).then(
        () => t.fail('accepted') as never,
        (error: MarkerNotFoundError) => error,
      )
      return { message, expected }
    }
    const never = await refusal(uuidOf(99))
    // The page that shows it is remembered: its owner goes on from it.
    const theirs = { scope: { project_id: 'theirs' }, limit: 1 } as const
    const shown = (await cells.instances.list(theirs)).items[0]!.uuid
    t.match((await cells.instances.list({ ...theirs, marker: shown })).items, [{ uuid: uuidOf(8) }])
    t.equal(shown, uuidOf(12))
    t.same(await refusal(shown), never)
    t.same(await refusal(uuidOf(4)), never)
    t.equal((await cells.instances.list({ scope: 'all', marker: uuidOf(4) })).items.length, 3)
  })
  await t.test('description is no filter, and says so; display_description finds', async t => {
    for (const filters of [{ description: 'Made by hand' }, { display_name: 'name 1', description: null }])
      await t.rejects(cells.instances.list({ scope: 'all', filters } as never), {
        code: 'unknown-filter',
        path: '/filters/description',
      })
    const even = [2, 4, 6, 8, 10, 12].map(uuidOf)
    t.same(await found({ scope: 'all', filters: { display_description: 'Made by hand' } }), even)
    t.same(await found({ scope: 'all', filters: { display_description: { contains: 'BY' } } }), even)
    t.same(await found({ scope: 'all', filters: { display_description: 'Made' } }), [])
  })
})
