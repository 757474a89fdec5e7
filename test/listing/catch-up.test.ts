import fc from 'fast-check'
import t from 'tap'
import { type Missed, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { seed } from '../fixtures/seed.js'
import { switches } from './fixtures/away.js'

const local = await startLocalCells({ cells: 4, cell0: false, instances: 300, relations: false })
t.teardown(() => local.stop())
const open = async (buildRequests: 'in-order' | 'first' | 'none' = 'in-order') => {
  const cells = await openCells({ apiDatabase: local.apiDatabase!, breaker: false, buildRequests })
  t.teardown(() => cells.close())
  return cells
}
const [cells, withFirst] = await Promise.all([open(), open('first')])
const { only } = switches(local)
const names = local.cells.map(({ name }) => name)
const fields = ['uuid', 'display_name'] as const

t.test('whatever is down when, every record comes once, in order, on a page or later', async t => {
  const visit = fc.record({ down: fc.subarray(names), catchUp: fc.boolean() })
  const asked = fc.record({
    sort: fc.constantFrom(
      ['created_at:desc'],
      ['display_name:asc', 'created_at:desc'],
      ['vm_state:desc', 'host:asc'],
      ['locked_by:asc', 'uuid:desc'],
    ),
    limit: fc.constantFrom(7, 40, 200),
    by: fc.constantFrom('cursor', 'marker'),
    policy: fc.constantFrom('omit', 'stub'),
    first: fc.boolean(),
    visits: fc.array(visit, { minLength: 1, maxLength: 8 }),
  })
  await fc.assert(
    fc.asyncProperty(asked, async ({ sort, limit, by, policy, first, visits }) => {
      const { instances } = first ? withFirst : cells
      const query = { scope: 'all', sort, fields } as never
      const list = async (start: object, options = {}) =>
        instances.list({ ...(query as object), ...start, limit } as never, options)
      await only([])
      const rank = new Map((await instances.list(query)).items.map(({ uuid }, i) => [uuid as string, i]))
      const got = new Map<string, number>()
      const take = (
        items: readonly { readonly uuid: string | null; readonly stub?: unknown }[],
        late: boolean,
      ) => {
        let last = -1
        for (const item of items) {
          if (item.stub) continue
          const at = rank.get(item.uuid!)!
          if (at <= last) throw new Error('out of order')
          if ((item as { late?: boolean }).late !== (late || undefined)) throw new Error('not labelled')
          last = at
          got.set(item.uuid!, (got.get(item.uuid!) ?? 0) + 1)
        }
      }
      let missed: Missed | null = null
      let turn = 0
      const rest = () => visits[turn++ % visits.length]!
      const late = async (cursor: string) => {
        const page = await instances.catchUp({ ...(query as object), cursor, limit } as never)
        take(page.items as never, true)
        return page
      }
      for (let start: object | null = {}, pages = 0; start !== null; pages++) {
        if (pages > 200) throw new Error('paging that does not end')
        const { down, catchUp } = rest()
        await only(down)
        const page = await list(start, { downCells: policy })
        take(page.items as never, false)
        missed = page.missed
        let next = page.next
        if (catchUp && missed !== null) {
          await only(rest().down)
          const page = await late(missed.cursor)
          missed = page.missed
          next = page.next
        }
        // A marker's page knows what the pages before it lack as long as the process remembers where it ended.
        const marker = by === 'marker' && !catchUp ? page.items.at(-1)?.uuid : undefined
        start = next === null ? null : marker === undefined ? { cursor: next } : { marker }
      }
      for (let i = 0; missed !== null; i++) {
        if (i > 200) throw new Error('catching up that does not end')
        await only(i % 3 === 0 ? rest().down : [])
        missed = (await late(missed.cursor)).missed
      }
      const wrong = [...rank.keys()].filter(uuid => got.get(uuid) !== 1)
      if (got.size !== rank.size || wrong.length > 0)
        throw new Error(`${wrong.length} are missing, or come twice`)
    }),
    { seed, numRuns: 15 },
  )
  await only([])
  t.pass('always')
})

t.test('without asking for it, paging goes on unharmed', async t => {
  await only([])
  const query = { scope: 'all', fields } as const
  const whole = (await cells.instances.list(query)).items
  await only(['cell2'])
  const first = await cells.instances.list({ ...query, limit: 50 })
  t.match(first.missed, { cells: [{ name: 'cell2' }] })
  await only([])
  const second = await cells.instances.list({ ...query, limit: 1_000, cursor: first.next! })
  t.equal(second.complete, true)
  t.equal(second.missed?.cells.length, 1, 'what is missing is not forgotten')
  const behind = whole.findIndex(({ uuid }) => uuid === first.items.at(-1)!.uuid) + 1
  t.same(
    second.items.map(({ uuid }) => uuid),
    whole.slice(behind).map(({ uuid }) => uuid),
  )
  t.equal(second.next, null)
  const again = await cells.instances.list({ ...query, cursor: second.missed!.cursor })
  t.same([again.items, again.next, again.missed], [[], null, second.missed], 'there is nothing behind the end')
  const nothing = await cells.instances.explain({ ...query, cursor: second.missed!.cursor })
  t.same(nothing, {
    decision: { from: 'cells', overlay: false, reason: 'no-index', unserved: [] },
    complete: true,
    cells: [],
  })
})

t.test('iterate says what it lacks as well', async t => {
  await only(['cell3'])
  const query = { scope: 'all', fields } as const
  const rows = cells.instances.iterate(query, { downCells: 'omit' })
  t.equal(rows.missed, null)
  const got: string[] = []
  for await (const { uuid } of rows) got.push(uuid!)
  await only([])
  const late = await cells.instances.catchUp({ ...query, cursor: rows.missed!.cursor })
  t.equal(late.missed, null)
  t.equal(late.next, null)
  const whole = (await cells.instances.list(query)).items.map(({ uuid }) => uuid!)
  t.same([...got, ...late.items.map(({ uuid }) => uuid!)].sort(), whole.sort())
  t.ok(late.items.every(({ late, cell }) => late && cell.name === 'cell3'))
})

t.test('what catchUp is given', async t => {
  await only([])
  const query = { scope: 'all', fields } as const
  const page = await cells.instances.list({ ...query, limit: 10 })
  t.equal(page.missed, null)
  const nothing = await cells.instances.catchUp({ ...query, cursor: page.next! })
  t.same([nothing.items, nothing.missed], [[], null], 'nothing is missing')
  const next = await cells.instances.list({ ...query, limit: 10, cursor: nothing.next! })
  t.notOk(next.items.some(({ uuid }) => page.items.some(item => item.uuid === uuid)))
  await t.rejects(cells.instances.catchUp(query as never), { code: 'invalid-cursor', path: '/cursor' })
  await t.rejects(cells.instances.catchUp({ ...query, marker: page.items[0]!.uuid } as never), {
    code: 'unknown-option',
  })
  await t.rejects(cells.instances.catchUp({ ...query, sort: ['uuid'], cursor: page.next! }), {
    code: 'invalid-cursor',
  })
  await only(['cell1'])
  const { missed } = await cells.instances.list({ ...query, limit: 10 })
  const still = await cells.instances.catchUp({ ...query, cursor: missed!.cursor })
  t.same([still.items, still.complete], [[], false])
  t.same(still.missed!.cells, missed!.cells)
  await t.rejects(cells.instances.catchUp({ ...query, cursor: missed!.cursor }, { downCells: 'fail' }), {
    code: 'cells-unavailable',
  })
  await only([])
})
