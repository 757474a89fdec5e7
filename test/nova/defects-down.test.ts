import t from 'tap'
import { type Cells, type instances, type ListQuery, openCells, type Page } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { addInstances, uuidOf } from './fixtures/defects-rows.js'

/** Nova's defects that show when a cell is down, or can't do what it is asked for. */
const local = await startLocalCells({ cells: 2, cell0: false, servers: 'own', relations: false })
t.teardown(() => local.stop())

// Sixty instances, the n-th by name and the n-th by age; every third is in cell2, every fifth is stopped.
const inCell1 = (n: number) => n % 3 !== 0
const active = (n: number) => n % 5 !== 0
const all = Array.from({ length: 60 }, (_, i) => i + 1)
const row = (n: number) => ({
  uuid: uuidOf(n),
  display_name: `name ${String(n).padStart(2, '0')}`,
  created_at: `2026-01-01 12:00:${String(60 - n).padStart(2, '0')}`,
  vm_state: active(n) ? 'active' : 'stopped',
})
await Promise.all([
  addInstances(local, 'cell1', all.filter(inCell1).map(row)),
  addInstances(local, 'cell2', all.filter(n => !inCell1(n)).map(row)),
])
/** Some of the sixty behind the n-th. */
const behind = (n: number, shown: (n: number) => boolean = () => true) => all.slice(n).filter(shown)

type Query = ListQuery<typeof instances>
const LIMIT = 10
const query: Query = { scope: 'all', sort: ['display_name'], limit: LIMIT }
const INCOMPLETE = {
  complete: false,
  cells: [
    { name: 'cell1', state: 'ok' },
    { name: 'cell2', state: 'failed', rows: 0, error: { code: 'cell-failed' } },
  ],
}
const shownBy = (page: Page<{ readonly uuid: string }>) => page.items.map(({ uuid }) => Number(uuid.slice(-12)))

const config = { apiDatabase: local.apiDatabase!, cursorSecrets: ['a secret of sixteen characters'] }
const open = async () => {
  const opened = await openCells({ ...config, breaker: false })
  t.teardown(() => opened.close())
  return opened
}
const [cells, stranger] = await Promise.all([open(), open()])

t.test('defect 5, a marker that is out of reach', async t => {
  /** The ways on behind a page of the first twelve, whose last row is in cell2. A cursor needs no memory. */
  const waysOn = async (): Promise<readonly (readonly [Cells, Query])[]> => {
    const page = await cells.instances.list({ ...query, limit: 12 })
    t.same(shownBy(page), all.slice(0, 12))
    return [
      [cells, { ...query, cursor: page.next! }],
      [cells, { ...query, marker: uuidOf(12) }],
      [stranger, { ...query, cursor: page.next! }],
    ]
  }

  await t.test('its cell is down: the pages go on behind it', async t => {
    const ways = await waysOn()
    await local.stopCell('cell2')
    for (const [asked, on] of ways) {
      const page = await asked.instances.list(on)
      t.same(shownBy(page), behind(12, inCell1).slice(0, LIMIT))
      t.match(page, INCOMPLETE)
    }
    // Who has neither seen the row nor a cursor can't know where it stood; that is not called an unknown marker.
    await t.rejects(stranger.instances.list({ ...query, marker: uuidOf(12) }), { code: 'cells-unavailable' })
    await local.startCell('cell2')
  })

  await t.test('its row is purged: the pages go on behind it', async t => {
    const ways = await waysOn()
    await local.query('cell2', 'DELETE FROM instances WHERE uuid = ?', [uuidOf(12)])
    for (const [asked, on] of ways) {
      const page = await asked.instances.list(on)
      t.same(shownBy(page), behind(12).slice(0, LIMIT))
      t.equal(page.complete, true)
    }
    await addInstances(local, 'cell2', [row(12)])
  })

  await t.test('a cell that was down for a page has its part again in those behind it', async t => {
    let cursor: string | null = null
    const next = async () => {
      const page: Page<{ readonly uuid: string }> = await cells.instances.list({
        ...query,
        ...(cursor !== null && { cursor }),
      })
      cursor = page.next
      return page
    }
    t.same(shownBy(await next()), all.slice(0, LIMIT))
    await local.stopCell('cell2')
    const [second, third] = [await next(), await next()]
    t.same([...shownBy(second), ...shownBy(third)], behind(LIMIT, inCell1).slice(0, 2 * LIMIT))
    t.match([second, third], [INCOMPLETE, INCOMPLETE])
    await local.startCell('cell2')
    const rest: number[] = []
    while (cursor !== null) {
      const page = await next()
      t.equal(page.complete, true)
      rest.push(...shownBy(page))
    }
    t.same(rest, behind(shownBy(third).at(-1)!))
  })
})

t.test('defect 6, partial answers that do not say so', async t => {
  const { next } = await cells.instances.list(query)
  await local.stopCell('cell2')
  t.teardown(() => local.startCell('cell2'))
  const answers: readonly (readonly [string, Query, readonly number[]])[] = [
    ['nothing but a scope', { scope: 'all' }, all.filter(inCell1)],
    ['a limit', { scope: 'all', limit: LIMIT }, all.filter(inCell1).slice(0, LIMIT)],
    ['a filter', { scope: 'all', filters: { vm_state: 'active' } }, all.filter(inCell1).filter(active)],
    ['a sort', { scope: 'all', sort: ['display_name:desc'] }, all.filter(inCell1).toReversed()],
    ['a marker', { ...query, marker: uuidOf(LIMIT) }, behind(LIMIT, inCell1).slice(0, LIMIT)],
    ['a cursor', { ...query, cursor: next! }, behind(LIMIT, inCell1).slice(0, LIMIT)],
  ]
  for (const [what, asked, want] of answers)
    await t.test(`with ${what}`, async t => {
      const page = await cells.instances.list(asked)
      t.same(shownBy(page), want)
      t.match(page, INCOMPLETE)
      const refused = { code: 'cells-unavailable', cells: [{ name: 'cell2' }] }
      await t.rejects(cells.instances.list(asked, { downCells: 'fail' }), refused)
    })
  await t.test('a count, and all records', async t => {
    t.match(await cells.instances.count({ scope: 'all' }), { ...INCOMPLETE, count: 40 })
    const rows = cells.instances.iterate({ scope: 'all' })
    await t.rejects(rows[Symbol.asyncIterator]().next(), { code: 'cells-unavailable' })
  })
})

t.test('defect 10, an unrelated error, or an empty page, for what a cell refuses', async t => {
  await t.test('a bad regular expression is the caller’s error', async t => {
    for (const regexp of ['a(', '[z-', '*'])
      for (const column of ['display_name', 'host'])
        await t.rejects(cells.instances.list({ scope: 'all', filters: { [column]: { regexp } } }), {
          code: 'invalid-filter-value',
          path: `/filters/${column}/regexp`,
        })
  })

  const cell2Fails = (t: Tap, page: Page<{ readonly uuid: string }>, reason: string) => {
    t.same(shownBy(page), all.filter(inCell1).slice(0, LIMIT))
    t.match(page, INCOMPLETE)
    t.equal(page.cells[1]!.error!.reason, reason)
  }

  await t.test('a bad password names the cell, and does not show', async t => {
    await local.query('cell2', `CREATE USER 'reader'@'localhost' IDENTIFIED BY 'right'`)
    await local.query('cell2', `GRANT SELECT ON nova_cell2.* TO 'reader'@'localhost'`)
    const [cell1, cell2] = local.cells
    const withPassword = async (password: string) => {
      const database = cell2!.database.replace('//root@', `//reader:${password}@`)
      const opened = await openCells({ cells: [cell1!, { ...cell2!, database }] })
      t.teardown(() => opened.close())
      return opened.instances.list(query)
    }
    const page = await withPassword('not-the-one')
    cell2Fails(t, page, 'ER_ACCESS_DENIED_ERROR')
    t.notMatch(JSON.stringify(page), 'not-the-one')
    t.equal((await withPassword('right')).complete, true)
  })

  await t.test('the API database’s is an error that says so', async t => {
    const apiDatabase = config.apiDatabase.replace('//root@', '//reader:not-the-one@')
    await t.rejects(openCells({ apiDatabase }), {
      code: 'directory-unavailable',
      reason: 'ER_ACCESS_DENIED_ERROR',
    })
  })

  await t.test('a missing table, or a column that nothing stands for, names the cell', async t => {
    await local.query('cell2', 'RENAME TABLE instances TO elsewhere')
    cell2Fails(t, await cells.instances.list(query), 'ER_NO_SUCH_TABLE')
    cell2Fails(t, await (await open()).instances.list(query), 'ER_NO_SUCH_TABLE')
    await local.query('cell2', 'RENAME TABLE elsewhere TO instances')
    t.equal((await cells.instances.list(query)).complete, true)

    const untagged: Query = { ...query, filters: { not_tags: ['blue'] } }
    await local.query('cell2', 'ALTER TABLE tags RENAME COLUMN tag TO elsewhere')
    cell2Fails(t, await cells.instances.list(untagged), 'ER_BAD_FIELD_ERROR')
    await local.query('cell2', 'ALTER TABLE tags RENAME COLUMN elsewhere TO tag')
    t.equal((await cells.instances.list(untagged)).complete, true)
  })
})
type Tap = Pick<typeof t, 'same' | 'match' | 'equal'>
