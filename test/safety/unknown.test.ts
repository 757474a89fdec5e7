import t from 'tap'
import { type Cells, type CrosscellError, openCells, type Scope } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { insertBuildRequest, serialized } from '../listing/fixtures/build-requests.js'
import { roundsOf } from './fixtures/rounds.js'

const local = await startLocalCells({ cells: 2, instances: 60, relations: false })
t.teardown(() => local.stop())

const NEVER = '00000000-0000-4000-8000-000000000000'
const uuidNumber = (n: number) => `deadbeef-0000-4000-8000-${String(n).padStart(12, '0')}`

const mine = { project_id: 'project of mine', user_id: 'user of mine' }
const theirs = { project_id: 'project of theirs', user_id: 'user of theirs' }

/** An instance of cell2, in whatever state. */
const make = async (uuid: string, owner: typeof mine, set: string, mapping = '') => {
  const [[id]] = (await local.query('cell2', 'SELECT MAX(id) + 1 FROM instances')) as [[number]]
  await local.query(
    'cell2',
    `INSERT INTO instances (id, uuid, project_id, user_id, vm_state, deleted, created_at) VALUES (?, ?, ?, ?, 'active', 0, '2026-01-01')`,
    [id, uuid, owner.project_id, owner.user_id],
  )
  await local.query('cell2', `UPDATE instances SET ${set} WHERE uuid = ?`, [uuid])
  await local.query(
    'api',
    `INSERT INTO instance_mappings (instance_uuid, cell_id, project_id, user_id, queued_for_delete)
     SELECT ?, id, ?, ?, 0 FROM cell_mappings WHERE name = 'cell2'`,
    [uuid, owner.project_id, owner.user_id],
  )
  if (mapping !== '') await local.query('api', `${mapping} WHERE instance_uuid = ?`, [uuid])
  return uuid
}

const of = async (owner: typeof mine, first: number) => ({
  live: await make(uuidNumber(first), owner, 'hidden = 0'),
  deleted: await make(uuidNumber(first + 1), owner, 'deleted = id'),
  hidden: await make(uuidNumber(first + 2), owner, 'hidden = 1'),
  'without a mapping': await make(uuidNumber(first + 3), owner, 'hidden = 0', 'DELETE FROM instance_mappings'),
  'mapped before Nova kept the user': await make(
    uuidNumber(first + 4),
    owner,
    'hidden = 0',
    'UPDATE instance_mappings SET user_id = NULL',
  ),
  'mapped to no cell': await make(
    uuidNumber(first + 5),
    owner,
    'hidden = 0',
    'UPDATE instance_mappings SET cell_id = NULL',
  ),
})

const own = await of(mine, 0)
const foreign: Record<string, string> = await of(theirs, 100)
foreign['a build request'] = uuidNumber(200)
const request = { uuid: uuidNumber(200), ...theirs, created_at: '2026-01-01 00:00:00' }
await insertBuildRequest(local, request, serialized(request))
// A collation holds these for mine.
foreign['of a project like mine'] = await make(
  uuidNumber(201),
  { project_id: mine.project_id.toUpperCase(), user_id: mine.user_id.toUpperCase() },
  'hidden = 0',
)

const scopes: Record<string, Scope> = {
  project: { project_id: mine.project_id },
  user: { user_id: mine.user_id },
}

/** How a caller may name a record by its uuid. */
const verbs: Record<string, (cells: Cells, scope: Scope, uuid: string) => Promise<unknown>> = {
  list: (cells, scope, marker) => cells.instances.list({ scope, marker, limit: 5, sort: ['display_name'] }),
  stubs: (cells, scope, marker) =>
    cells.instances.list({ scope, marker, limit: 5, sort: ['created_at'] }, { downCells: 'stub' }),
  explain: (cells, scope, marker) => cells.instances.explain({ scope, marker, limit: 5 }),
  get: (cells, scope, uuid) => cells.instances.get(uuid, { scope }),
}

const refusal = (error: CrosscellError) => ({ ...error, message: error.message, code: error.code })

/** What a caller is told, and what was asked for it. */
const ask = async (run: () => Promise<unknown>): Promise<{ said: unknown; rounds: string[][] }> => {
  let said: unknown
  const rounds = await roundsOf(async () => {
    said = await run().catch(refusal)
  })
  return { said, rounds }
}

const NEW = 'that is new'

/** What processes have done before they are asked. */
const pasts: Record<
  string,
  (cells: Cells, verb: (typeof verbs)[string], scope: Scope, uuid: string) => Promise<void>
> = {
  [NEW]: async () => {},
  'that has answered everybody, about it as well': async (cells, verb, scope, uuid) => {
    await cells.instances.list({ scope: 'all', limit: 1 })
    const owners = [{ project_id: theirs.project_id }, { user_id: theirs.user_id }, 'all'] as const
    for (const one of [...owners, scope]) await verb(cells, one, uuid).catch(() => {})
    await verb(cells, scope, own.live)
  },
}

/** What a new process does after that. */
const asked = async (past: string, verb: (typeof verbs)[string], scope: Scope, uuid: string) => {
  const cells = await openCells({ apiDatabase: local.apiDatabase! })
  try {
    await pasts[past]!(cells, verb, scope, uuid)
    return await ask(() => verb(cells, scope, uuid))
  } finally {
    await cells.close()
  }
}

const SOME = ['live', 'mapped before Nova kept the user', 'a build request']

for (const [name, verb] of Object.entries(verbs))
  for (const [kind, scope] of Object.entries(scopes))
    t.test(`${name}, to a ${kind}: what is another tenant’s is as unknown as what never was`, async t => {
      for (const past of Object.keys(pasts)) {
        const unknown = await asked(past, verb, scope, NEVER)
        t.ok(unknown.rounds.length > 0)
        for (const [what, uuid] of Object.entries(foreign))
          if (past === NEW || SOME.includes(what))
            t.same(await asked(past, verb, scope, uuid), unknown, `${what}, by a process ${past}`)
      }
    })

t.test('what is one’s own is found, and only its cell is asked for it', async t => {
  for (const [kind, scope] of Object.entries(scopes))
    for (const [what, uuid] of Object.entries(own)) {
      const cells = await openCells({ apiDatabase: local.apiDatabase! })
      const { said, rounds } = await ask(() => verbs.list!(cells, scope, uuid))
      await cells.close()
      t.match(said, { complete: true }, `${what}, to a ${kind}`)
      const marker =
        rounds[rounds.findIndex(([first]) => first!.includes('FROM instance_mappings AS m JOIN')) + 1]
      const isMapped = what !== 'without a mapping' && what !== 'mapped to no cell'
      const isKnown = isMapped && (kind === 'project' || what !== 'mapped before Nova kept the user')
      t.equal(marker!.length, isKnown ? 1 : local.cells.length + 1)
      t.ok(marker!.some(text => text.startsWith('nova_cell2: ') && text.includes('WHERE `uuid` = ?')))
    }
})

t.test('so it is while its cell is down', async t => {
  const set = 'UPDATE cell_mappings SET database_connection ='
  await local.query(
    'api',
    `${set} 'mysql://root@localhost/nova_cell2?unix_socket=/nowhere' WHERE name = 'cell2'`,
  )
  t.teardown(() => local.query('api', `${set} ? WHERE name = 'cell2'`, [local.cells[2]!.database]))
  for (const [name, verb] of Object.entries(verbs))
    for (const [kind, scope] of Object.entries(scopes)) {
      const unknown = await asked(NEW, verb, scope, NEVER)
      for (const what of SOME)
        t.same(await asked(NEW, verb, scope, foreign[what]!), unknown, `${name}, to a ${kind}: ${what}`)
    }
})

t.test('a cursor that is not one’s own is refused like any other text, and nobody is asked', async t => {
  const cells = await openCells({ apiDatabase: local.apiDatabase! })
  const others = await openCells({ apiDatabase: local.apiDatabase! })
  t.teardown(() => Promise.all([cells.close(), others.close()]))
  const query = { limit: 1, fields: ['uuid'], filters: { deleted: 'any', hidden: 'any' } } as const
  const nextOf = async (from: Cells, more: object) =>
    (await from.instances.list({ ...query, ...more } as never)).next!
  const scope = scopes.project!
  const good = await nextOf(cells, { scope })
  const bytes = Buffer.from(good, 'base64url')
  const cursors = {
    'of another project': await nextOf(cells, { scope: { project_id: theirs.project_id } }),
    'of the user': await nextOf(cells, { scope: scopes.user }),
    'of all': await nextOf(cells, { scope: 'all' }),
    'of another order': await nextOf(cells, { scope, sort: ['display_name'] }),
    'of other filters': await nextOf(cells, { scope, filters: { deleted: 'any', hidden: 'any', host: null } }),
    'of another process': await nextOf(others, { scope }),
    'with another tag': Buffer.from(bytes)
      .fill(bytes.at(-1)! ^ 1, bytes.length - 1)
      .toString('base64url'),
    'with another body': Buffer.from(bytes)
      .fill(bytes.at(40)! ^ 1, 40, 41)
      .toString('base64url'),
    'that is none': Buffer.alloc(bytes.length).toString('base64url'),
  }
  t.equal((await cells.instances.list({ ...query, scope, cursor: good })).complete, true)
  for (const [what, cursor] of Object.entries(cursors)) {
    const seen = await ask(() => cells.instances.list({ ...query, scope, cursor }))
    t.match(seen, { said: { code: 'invalid-cursor', path: '/cursor' }, rounds: [] }, what)
    t.equal(
      (seen.said as Error).message,
      '/cursor: it is not one of this query; expected the `next` of a page of the same query',
    )
  }
})
