import t from 'tap'
import { CellsUnavailableError, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'

const local = await startLocalCells({ cells: 3, instances: 600, servers: 'own', relations: false })
t.teardown(() => local.stop())
const cells = await openCells({ apiDatabase: local.apiDatabase!, breaker: false })
t.teardown(() => cells.close())
const query = { scope: 'all', limit: 50, sort: ['display_name'] } as const
const whole = await cells.instances.list({ ...query, limit: 1_000 })
const without = (name: string) => whole.items.filter(item => item.cell.name !== name).map(item => item.uuid)
const uuids = (items: readonly { readonly uuid: string }[]) => items.map(item => item.uuid)

t.test('a cell that refuses connections is reported, and the others’ rows are returned', async t => {
  await local.stopCell('cell2')
  const page = await cells.instances.list(query)
  t.same(uuids(page.items), without('cell2').slice(0, 50))
  t.equal(page.complete, false)
  t.match(page.cells, [
    { name: 'cell0', state: 'ok' },
    { name: 'cell1', state: 'ok' },
    {
      name: 'cell2',
      state: 'failed',
      rows: 0,
      fetched: 0,
      error: { code: 'cell-failed', reason: /^E[A-Z]+$/ },
    },
    { name: 'cell3', state: 'ok' },
  ])

  await t.test('fail throws instead', async t => {
    await t.rejects(cells.instances.list(query, { downCells: 'fail' }), {
      code: 'cells-unavailable',
      cells: [{ name: 'cell2' }],
      message: /cell2/,
    })
  })

  await t.test('iterate throws rather than leave rows out', async t => {
    await t.rejects(async () => {
      for await (const _ of cells.instances.iterate({ scope: 'all' })) t.fail('a row')
    }, CellsUnavailableError)
    const rows = cells.instances.iterate({ ...query, limit: undefined } as never, { downCells: 'omit' })
    const got: unknown[] = []
    for await (const { uuid } of rows) got.push(uuid)
    t.same(got, without('cell2'))
    t.equal(rows.complete, false)
  })

  await t.test('a page goes on by cursor, and catches up with nothing it does not know of', async t => {
    const next = await cells.instances.list({ ...query, cursor: page.next! })
    t.same(uuids(next.items), without('cell2').slice(50, 100))
  })

  await t.test('get never says null of a record that may be there', async t => {
    const there = whole.items.find(item => item.cell.name === 'cell1')!
    const away = whole.items.find(item => item.cell.name === 'cell2')!
    t.equal((await cells.instances.get(there.uuid, { scope: 'all' }))?.uuid, there.uuid)
    await t.rejects(cells.instances.get(away.uuid, { scope: 'all' }), { code: 'cells-unavailable' })
    t.equal(await cells.instances.get(away.uuid, { scope: 'all' }, { downCells: 'omit' }), null)
  })

  await t.test('a marker that may be in it is not called unknown', async t => {
    const marker = whole.items.find(item => item.cell.name === 'cell2')!.uuid
    await t.rejects(cells.instances.list({ ...query, marker }), { code: 'cells-unavailable' })
  })

  await local.startCell('cell2')
  t.same(uuids((await cells.instances.list(query)).items), uuids(whole.items).slice(0, 50), 'it is back')
})

t.test('a cell that hangs costs its own rows alone, and the answer comes within the deadline', async t => {
  await local.server('cell3').pause()
  t.teardown(() => local.server('cell3').resume())
  const start = performance.now()
  const page = await cells.instances.list({ ...query, limit: 40 }, { deadline: 1_000 })
  const took = performance.now() - start
  t.ok(took < 1_100, `${took} ms`)
  t.same(uuids(page.items), without('cell3').slice(0, 40))
  t.match(page.cells[3], { name: 'cell3', state: 'timed-out', error: { reason: 'DEADLINE' } })
  t.match(page.cells.slice(0, 3), [{ state: 'ok' }, { state: 'ok' }, { state: 'ok' }])
  local.server('cell3').resume()
})

t.test('the table that is missing, or a column that nothing stands for, is the cell’s own failure', async t => {
  await local.query('cell1', 'ALTER TABLE instances RENAME COLUMN uuid TO no_uuid')
  const fresh = await openCells({ apiDatabase: local.apiDatabase!, breaker: false })
  t.teardown(() => fresh.close())
  t.match((await fresh.instances.list(query)).cells[1], {
    state: 'failed',
    error: { reason: 'ER_BAD_FIELD_ERROR' },
  })
  t.match((await fresh.instances.list({ ...query, sort: ['host'] })).cells[1], {
    state: 'failed',
    error: { reason: 'ER_BAD_FIELD_ERROR' },
  })
  await local.query('cell1', 'ALTER TABLE instances RENAME COLUMN no_uuid TO uuid')
  t.equal((await fresh.instances.list(query)).complete, true, 'what was remembered of it was forgotten')
  await local.query('cell1', 'RENAME TABLE instances TO elsewhere')
  t.match((await cells.instances.list(query)).cells[1], {
    state: 'failed',
    error: { reason: 'ER_NO_SUCH_TABLE' },
  })
  t.match((await cells.instances.list(query)).cells[1], {
    state: 'failed',
    error: { reason: 'ER_NO_SUCH_TABLE' },
  })
  await local.query('cell1', 'RENAME TABLE elsewhere TO instances')
  t.equal((await cells.instances.list(query)).complete, true)
})

t.test('an index that is dropped is missed by nobody', async t => {
  await cells.instances.list({ scope: 'all' })
  const index = 'instances_deleted_created_at_idx'
  await local.query('cell1', `DROP INDEX ${index} ON instances`)
  t.equal((await cells.instances.list({ scope: 'all' })).complete, true)
  await local.query('cell1', `CREATE INDEX ${index} ON instances (deleted, created_at)`)
})

t.test('a cell that fails at its rows or relations is left out, and not walked to its end', async t => {
  // By host, all rows of cell1 come before those of the others.
  const small = { scope: 'all', limit: 20, sort: ['host'], filters: { host: { ne: null } } } as const
  const others = (await cells.instances.list({ ...small, limit: 1_000 })).items.filter(
    item => item.cell.name !== 'cell1',
  )
  await local.query('cell1', 'ALTER TABLE tags RENAME COLUMN tag TO no_tag')
  const page = await cells.instances.list({ ...small, filters: { ...small.filters, not_tags: ['none'] } })
  t.same(uuids(page.items), uuids(others).slice(0, 20))
  t.match(page.cells[1], { state: 'failed', rows: 0, error: { reason: 'ER_BAD_FIELD_ERROR' } })
  t.ok(page.cells[1]!.fetched <= 40, `${page.cells[1]!.fetched} rows fetched`)
  const tagged = await cells.instances.list({ ...small, fields: ['uuid'], include: ['tags'] })
  t.same(uuids(tagged.items), uuids(others).slice(0, 20))
  t.ok(tagged.cells[1]!.fetched <= 40, `${tagged.cells[1]!.fetched} rows fetched`)
  await local.query('cell1', 'ALTER TABLE tags RENAME COLUMN no_tag TO tag')
  t.equal((await cells.instances.list({ ...small, include: ['tags'] })).complete, true)
})

t.test('a caller’s abort ends the request with the caller’s reason', async t => {
  const reason = new Error('the client went away')
  await t.rejects(cells.instances.list(query, { signal: AbortSignal.abort(reason) }), reason)
  const controller = new AbortController()
  await local.server('cell1').pause()
  const asked = cells.instances.list(query, { signal: controller.signal })
  setImmediate(() => controller.abort(reason))
  await t.rejects(asked, reason)
  local.server('cell1').resume()
  t.equal((await cells.instances.list(query)).complete, true)
})

t.test('all cells down: an empty page that says so', async t => {
  await Promise.all(local.cells.map(({ name }) => local.stopCell(name)))
  const page = await cells.instances.list(query)
  t.same(page.items, [])
  t.equal(page.next, null)
  t.equal(page.complete, false)
  t.ok(page.cells.every(({ name, state }) => state === (name === 'nova_api' ? 'ok' : 'failed')))
  const marker = '00000000-0000-4000-8000-000000000000'
  await t.rejects(cells.instances.list({ ...query, marker }), { code: 'cells-unavailable' })
  await t.rejects(cells.instances.get(marker, query as never), { code: 'unknown-option', path: '/limit' })
  await t.rejects(cells.instances.get(marker, { scope: 'all' }), { code: 'cells-unavailable' })
})
