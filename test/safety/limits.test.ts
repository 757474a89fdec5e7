import t from 'tap'
import { openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'

const local = await startLocalCells({ cells: 1, cell0: false, instances: 20, relations: false })
t.teardown(() => local.stop())
const cells = await openCells({ apiDatabase: local.apiDatabase!, breaker: { failures: 1 } })
t.teardown(() => cells.close())

const PATIENT = { deadline: 60_000 }
const list = (filters: object) =>
  cells.instances.list({ scope: 'all', limit: 1, fields: ['uuid'], filters }, PATIENT)
const many = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i))

const VALUES = 100_000
const BYTES = 4 * 1_024 * 1_024

t.test('filters as large as they may be are answered', async t => {
  const largest = {
    'a text that is escaped throughout': { display_name: "'".repeat(BYTES) },
    'a text of wide characters': { display_name: '名'.repeat(Math.floor(BYTES / 3)) },
    'as many values as there may be': { memory_mb: many(VALUES, i => i) },
    'so many over many keys': {
      metadata: Object.fromEntries(many(50, i => [`key ${i}`, many(1_000, j => `value ${j}`)])),
    },
  }
  for (const [what, filters] of Object.entries(largest)) t.match(await list(filters), { complete: true }, what)
  const host = many(VALUES / 2, i => `host ${i}`)
  const moves = await cells.migrations.count({ scope: 'all', filters: { host } }, PATIENT)
  t.match(moves, { complete: true }, 'so many over two columns')
})

t.test('larger ones are not sent', async t => {
  const refused = {
    code: 'invalid-filter-value',
    path: '/filters',
    expected: `at most ${VALUES} values in all, of ${BYTES} bytes in UTF-8`,
  }
  await t.rejects(list({ display_name: "'".repeat(BYTES + 1) }), refused)
  await t.rejects(list({ display_name: '名'.repeat(Math.ceil(BYTES / 3)) }), refused)
  await t.rejects(list({ memory_mb: many(VALUES, i => i), vcpus: 1 }), refused)
  const host = many(VALUES / 2 + 1, i => `host ${i}`)
  await t.rejects(cells.migrations.count({ scope: 'all', filters: { host } }), refused)
  await t.rejects(list({ tags: ['x'.repeat(BYTES), 'y'] }), refused)
  t.match(await list({}), { complete: true })
})
