import fc from 'fast-check'
import t from 'tap'
import { openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { memoryIndex } from '../../src/testing/memory-index.js'
import { seed } from '../fixtures/seed.js'
import { fill } from './fixtures/filled-index.js'

/** Whatever has changed in the cells since the index read them, what it says then is what they say. */
const ROUNDS = 6
const QUERIES = 12
const NAMES = ['cell1', 'cell2', 'cell3']

const local = await startLocalCells({ cells: 3, instances: [4, 60, 50, 40], seed: seed % 1_000 })
t.teardown(() => local.stop())
const index = memoryIndex()
const cells = await openCells({ apiDatabase: local.apiDatabase!, index })
t.teardown(() => cells.close())

const pick = fc.record({ cell: fc.constantFrom(...NAMES), at: fc.nat({ max: 30 }) })
const value = fc.constantFrom('web', 'WEB-1', 'zoë', '', 'a_b%', 'x')
const change = fc.oneof(
  fc.record({ how: fc.constant('rename' as const), pick, value }),
  fc.record({
    how: fc.constant('state' as const),
    pick,
    value: fc.constantFrom('active', 'error', 'soft-delete'),
  }),
  fc.record({ how: fc.constant('delete' as const), pick, value }),
  fc.record({ how: fc.constant('hide' as const), pick, value }),
  fc.record({ how: fc.constant('create' as const), pick, value }),
)

type Change = typeof change extends fc.Arbitrary<infer C> ? C : never

let made = 0
/** As Nova writes: the time of the change stands in the row. */
const apply = async ({ how, pick: { cell, at }, value }: Change): Promise<void> => {
  const row = `WHERE id = (SELECT id FROM (SELECT id FROM instances ORDER BY id LIMIT ${at}, 1) AS one)`
  const now = 'updated_at = UTC_TIMESTAMP()'
  switch (how) {
    case 'rename':
      await local.query(cell, `UPDATE instances SET display_name = ?, ${now} ${row}`, [value])
      return
    case 'state':
      await local.query(cell, `UPDATE instances SET vm_state = ?, ${now} ${row}`, [value])
      return
    case 'delete':
      await local.query(cell, `UPDATE instances SET deleted = id, deleted_at = UTC_TIMESTAMP(), ${now} ${row}`)
      return
    case 'hide':
      await local.query(cell, `UPDATE instances SET hidden = 1 - hidden, ${now} ${row}`)
      return
    case 'create': {
      const uuid = `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`
      await local.query(
        cell,
        `INSERT INTO instances (created_at, uuid, project_id, user_id, display_name, vm_state, deleted, hidden, locked, progress)
         SELECT UTC_TIMESTAMP(), ?, project_id, user_id, ?, 'active', 0, 0, 0, 0 FROM instances ORDER BY id LIMIT 1`,
        [uuid, value],
      )
      await local.query(
        'api',
        `INSERT INTO instance_mappings (created_at, instance_uuid, cell_id, project_id, queued_for_delete)
         SELECT UTC_TIMESTAMP(), ?, id, 'p', 0 FROM cell_mappings WHERE name = ?`,
        [uuid, cell],
      )
    }
  }
}

const [{ project_id: project, user_id: user }] = (await cells.instances.list({ scope: 'all', limit: 1 }))
  .items as unknown as readonly [{ project_id: string; user_id: string }]

const asked = fc.record({
  scope: fc.constantFrom('all' as const, { project_id: project }, { user_id: user }),
  filters: fc.record(
    {
      deleted: fc.constantFrom(false, true, 'any' as const),
      hidden: fc.constantFrom(false, 'any' as const),
      vm_state: fc.constantFrom('active', ['error', 'active'], { ne: 'active' }),
      display_name: fc.constantFrom(
        { contains: 'e' },
        { prefix: 'W' },
        { like: '%b%' },
        { gte: 'm' },
        { is_null: false },
      ),
    },
    { requiredKeys: [] },
  ),
  sort: fc
    .tuple(
      fc.constantFrom('display_name', 'vm_state', 'vcpus', 'launched_at', 'locked_by'),
      fc.constantFrom('asc', 'desc'),
    )
    .map(([key, dir]) => [`${key}:${dir}`]),
  limit: fc.integer({ min: 1, max: 25 }),
})

t.test('what has changed since is in every page', async t => {
  await fill(index, local.apiDatabase!)
  const rounds = fc.sample(
    fc.tuple(
      fc.array(change, { minLength: 1, maxLength: 10 }),
      fc.array(asked, { minLength: QUERIES, maxLength: QUERIES }),
    ),
    {
      numRuns: ROUNDS,
      seed,
    },
  )
  let pages = 0
  for (const [changes, queries] of rounds) {
    for (const one of changes) await apply(one)
    for (const query of queries) {
      const fields = ['uuid', 'display_name', 'vm_state', 'deleted', 'updated_at'] as const
      const whole = { ...query, fields, include: ['tags'] } as never
      const truth: unknown[] = []
      for await (const { items } of cells.instances.pages(whole, { source: 'cells' })) truth.push(...items)
      const found: unknown[] = []
      for await (const page of cells.instances.pages(whole)) {
        if (page.source !== 'index') t.fail('the cells answered', { query })
        if (page.items.length < query.limit && page.next !== null) t.fail('a page is too short', { query })
        found.push(...page.items)
        pages++
      }
      if (JSON.stringify(found) !== JSON.stringify(truth)) t.same(found, truth, JSON.stringify(query))
    }
  }
  t.ok(pages > ROUNDS * QUERIES, `${pages} pages`)
})
