import fc from 'fast-check'
import t from 'tap'
import { openCells } from '../../src/index.js'
import type { SqlValue } from '../../src/sql/fragment.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { seed } from '../fixtures/seed.js'

/**
 * Between two pages the marker's row is deleted, hidden, renamed or purged. Every other row still comes exactly
 * once and in order, by marker as by cursor. The changed row itself may come again where it stands now.
 */
const RUNS = 150

const local = await startLocalCells({ cells: 3, instances: [10, 40, 40, 30], relations: false, seed })
t.teardown(() => local.stop())
const names = local.cells.map(cell => cell.name)

const changes: Record<string, string> = {
  deleted: 'UPDATE instances SET deleted = id, deleted_at = NOW() WHERE uuid = ?',
  'soft-deleted': `UPDATE instances SET vm_state = 'soft-delete' WHERE uuid = ?`,
  hidden: 'UPDATE instances SET hidden = 1 WHERE uuid = ?',
  purged: 'DELETE FROM instances WHERE uuid = ?',
  renamed: `UPDATE instances SET display_name = 'AAA', created_at = '2001-01-01', host = NULL WHERE uuid = ?`,
  'renamed to the end': `UPDATE instances SET display_name = 'zzz', created_at = '2040-01-01', host = 'zzz' WHERE uuid = ?`,
}

const backup = async () => {
  for (const name of names) {
    await local.query(name, 'CREATE TABLE before_it LIKE instances')
    await local.query(name, 'INSERT INTO before_it SELECT * FROM instances')
  }
}
const restore = () =>
  Promise.all(
    names.map(async name => {
      await local.query(name, 'DELETE FROM instances')
      await local.query(name, 'INSERT INTO instances SELECT * FROM before_it')
    }),
  )
await backup()

const change = (how: string, uuid: SqlValue) =>
  Promise.all(names.map(name => local.query(name, changes[how]!, [uuid])))

const sorts = [
  ['created_at:desc', 'id:desc'],
  ['display_name'],
  ['host:desc', 'display_name:asc'],
  ['created_at:asc'],
]

t.test('a marker whose row changes does not break the next page', async t => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...sorts),
      fc.array(fc.constantFrom(...Object.keys(changes)), { minLength: 3, maxLength: 6 }),
      fc.integer({ min: 3, max: 40 }),
      fc.boolean(),
      async (sort, how, limit, byMarker) => {
        const cells = await openCells({ apiDatabase: local.apiDatabase! })
        try {
          const query = { scope: 'all', sort, fields: ['uuid'], limit } as never
          const before: string[] = []
          for await (const { uuid } of cells.instances.iterate({
            ...(query as object),
            limit: undefined,
          } as never))
            before.push(uuid as string)
          const seen: string[] = []
          const changed = new Set<string>()
          for (let start = {}, n = 0; ; n++) {
            const page = await cells.instances.list({ ...(query as object), ...start } as never)
            seen.push(...page.items.map(item => item.uuid as string))
            if (page.next === null) break
            const marker = seen.at(-1)!
            start = byMarker ? { marker } : { cursor: page.next }
            const kind = how[n]
            if (kind === undefined) continue
            await change(kind, marker)
            changed.add(marker)
          }
          const unchanged = (uuids: string[]) => uuids.filter(uuid => !changed.has(uuid))
          return String(unchanged(seen)) === String(unchanged(before))
        } finally {
          await cells.close()
          await restore()
        }
      },
    ),
    { numRuns: RUNS, seed },
  )
  t.pass(`${RUNS} cases`)
})

t.test('a marker that another process gave is looked up in the cells', async t => {
  const first = await openCells({ apiDatabase: local.apiDatabase! })
  const second = await openCells({ apiDatabase: local.apiDatabase! })
  t.teardown(() => Promise.all([first.close(), second.close()]))
  const query = {
    scope: 'all',
    sort: ['display_name', 'created_at:desc'],
    limit: 25,
    fields: ['uuid'],
  } as const
  const page = await first.instances.list(query)
  const marker = page.items.at(-1)!.uuid
  const next = await first.instances.list({ ...query, marker })
  t.same((await second.instances.list({ ...query, marker })).items, next.items)

  await t.test('also when it is deleted or hidden', async t => {
    for (const how of ['deleted', 'soft-deleted', 'hidden']) {
      await change(how, marker)
      const third = await openCells({ apiDatabase: local.apiDatabase! })
      t.same((await third.instances.list({ ...query, marker })).items, next.items, how)
      await third.close()
      await restore()
    }
  })

  await t.test('but not when it is purged: then only a cursor goes on', async t => {
    await change('purged', marker)
    const secrets = { cursorSecrets: ['a secret of sixteen characters'] }
    const third = await openCells({ apiDatabase: local.apiDatabase!, ...secrets })
    await t.rejects(third.instances.list({ ...query, marker }), { code: 'marker-not-found', path: '/marker' })
    await third.close()
    await restore()
  })
})

t.test('a marker or cursor of another tenant is as unknown as one that never was', async t => {
  const cells = await openCells({ apiDatabase: local.apiDatabase! })
  t.teardown(() => cells.close())
  const all = await cells.instances.list({
    scope: 'all',
    fields: ['uuid', 'project_id', 'user_id'],
    limit: 100,
  })
  const [mine] = all.items
  const theirs = all.items.find(item => item.project_id !== mine!.project_id)!
  const scope = { project_id: mine!.project_id! }
  const refusal = async (marker: string) =>
    cells.instances.list({ scope, marker }).then(
      () => t.fail('accepted'),
      (error: Error) => error.message,
    )
  t.equal(await refusal(theirs.uuid), await refusal('00000000-0000-4000-8000-000000000000'))
  await t.resolves(cells.instances.list({ scope, marker: mine!.uuid }))
  await t.rejects(cells.instances.list({ scope, cursor: all.next! }), { code: 'invalid-cursor' })
  const own = await cells.instances.list({ scope, limit: 1, fields: ['uuid'] })
  if (own.next !== null) {
    await t.rejects(cells.instances.list({ scope: { user_id: mine!.user_id! }, cursor: own.next }), {
      code: 'invalid-cursor',
    })
    await t.rejects(cells.instances.list({ scope, sort: ['host'], cursor: own.next }), {
      code: 'invalid-cursor',
    })
    await t.rejects(cells.instances.list({ scope, filters: { host: 'x' }, cursor: own.next }), {
      code: 'invalid-cursor',
    })
  }
})
