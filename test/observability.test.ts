import { readFile } from 'node:fs/promises'
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { NOT_WANTED, openCell } from '../src/cells/cell.js'
import { connect, type Database, type SqlRow } from '../src/cells/connection.js'
import { parseDatabaseUrl } from '../src/cells/database-url.js'
import { watchStatement } from '../src/cells/statement-watch.js'
import { CellFailedError } from '../src/errors.js'
import { type CellsConfig, openCells } from '../src/index.js'
import { createIndexer, type Feed, type HintSink } from '../src/indexing/index.js'
import { announce, announced } from '../src/listing/announce.js'
import { rollCall } from '../src/listing/roll-call.js'
import {
  type Messages,
  observe,
  publishBreaker,
  publishIndexing,
  publishKill,
  type RequestEnd,
  type StatementEnd,
} from '../src/observability.js'
import { sql } from '../src/sql/fragment.js'
import { memoryIndex } from '../src/testing/index.js'
import { startLocalCells } from '../src/testing/local-cells.js'
import { unbounded } from './fixtures/unbounded.js'

const local = await startLocalCells({ cells: 2, instances: 900 })
t.teardown(() => local.stop())
const open = async (t: Test, config: CellsConfig = {}) => {
  const cells = await openCells(config.cells ? config : { apiDatabase: local.apiDatabase!, ...config })
  t.teardown(() => cells.close())
  return cells
}

/** All that is said from now on, in its sequence. */
const listen = (t: Test) => {
  const said: { readonly [C in keyof Messages]: Messages[C][] } = {
    'crosscell:request:start': [],
    'crosscell:request:end': [],
    'crosscell:statement:end': [],
    'crosscell:breaker': [],
    'crosscell:kill': [],
    'crosscell:indexing': [],
  }
  const stop = observe(
    Object.fromEntries(
      Object.entries(said).map(([name, messages]) => [name, (message: never) => messages.push(message)]),
    ),
  )
  t.teardown(stop)
  return {
    stop,
    starts: said['crosscell:request:start'],
    ends: said['crosscell:request:end'],
    statements: said['crosscell:statement:end'],
    breakers: said['crosscell:breaker'],
    kills: said['crosscell:kill'],
    indexing: said['crosscell:indexing'],
  }
}

const docs = await readFile(new URL('../docs/observability.md', import.meta.url), 'utf8')

/** The members of a channel's messages, as the documentation has them. */
const documented = (channel: keyof Messages): string[] => {
  const [section] = docs.split(`### ${channel}\n`)[1]!.split('\n#')
  return [...section!.matchAll(/^\| `(\w+)`/gm)].map(([, member]) => member!).sort()
}

const first = (await (await open(t)).instances.list({ scope: 'all', limit: 1 })).items[0]!
const MARKER = '00000000-0000-4000-8000-000000000000'
const DOWN = { uuid: 'd0', name: 'down', database: 'mysql://watcher:s3cr3t-w0rd@127.0.0.1:1/hidden_name' }

t.test('a request tells when it begins and ends, and what each cell did', async t => {
  const cells = await open(t)
  const { starts, ends, statements, stop } = listen(t)
  const before = Date.now()
  const page = await cells.instances.list({ scope: 'all', limit: 50, include: ['tags'] })
  t.equal(starts.length, 1)
  t.equal(ends.length, 1)
  const [request, end] = [starts[0]!, ends[0]!]
  t.match(request, { verb: 'list', resource: 'instances', scope: 'all' })
  t.ok(request.startedAt >= before && request.startedAt <= Date.now())
  t.equal(end.request, request, 'the same object')
  t.same(Object.keys(end), ['request', 'ms', 'complete', 'source', 'rows', 'fetched', 'cells'])
  t.same(end.cells, page.cells)
  t.equal(end.complete, true)
  t.equal(end.source, 'cells')
  t.equal(end.rows, 50)
  t.equal(
    end.fetched,
    page.cells.reduce((sum, cell) => sum + cell.fetched, 0),
  )
  t.ok(end.ms > 0)
  t.ok(page.cells.every(({ ms }) => ms <= end.ms))

  await t.test('its statements, with the text that is sent and no value', async t => {
    t.ok(statements.length > 6, `${statements.length} statements`)
    for (const statement of statements) {
      t.equal(statement.request, request)
      t.equal(statement.outcome, 'answered')
      t.equal('reason' in statement, false)
      t.ok(statement.waited >= 0 && statement.ms > 0)
      t.equal(statement.idle, 0)
      t.ok(statement.startedAt >= request.startedAt)
      t.ok(statement.startedAt + statement.waited + statement.ms <= request.startedAt + end.ms + 0.01)
    }
    const names = [...local.cells.map(({ name }) => name), 'nova_api']
    t.same([...new Set(statements.map(({ cell }) => cell.name))].sort(), names.sort())
    t.same(Object.keys(statements[0]!.cell), ['uuid', 'name'])
    const ordered = statements.filter(({ text }) => / FROM `instances` .* LIMIT \?$/s.test(text))
    const rows = ordered.reduce((sum, { rows }) => sum + rows, 0)
    t.equal(rows, end.fetched)
  })

  await t.test('who no longer listens hears no more', async t => {
    stop()
    await cells.instances.list({ scope: 'all', limit: 1 })
    t.equal(starts.length, 1)
    t.equal(ends.length, 1)
  })
})

t.test('every verb is one request, and so is each page', async t => {
  const cells = await open(t)
  const { starts, ends, statements } = listen(t)
  const scope = { project_id: first.project_id! }
  const user = { user_id: first.user_id! }
  await cells.instances.get(first.uuid, { scope })
  await cells.instances.count({ scope: user, group_by: ['vm_state'] })
  await cells.instances.explain({ scope })
  await cells.usage({ scope })
  await cells.status()
  await cells.capacity()
  await cells.services.list({ scope: 'all', limit: 1 })
  let pages = 0
  for await (const _ of cells.instances.pages({ scope, limit: 2 })) pages++
  let rows = 0
  for await (const _ of cells.instances.iterate({ scope: 'all' })) rows++
  t.ok(pages > 1 && rows > 200, `${pages} pages, ${rows} rows`)
  const said = starts.map(({ verb, resource, scope }) => `${verb} ${resource} ${scope}`)
  t.same(said, [
    'get instances project',
    'count instances user',
    'explain instances project',
    'usage instances project',
    'status cells all',
    'capacity cells all',
    'list services all',
    ...Array.from({ length: pages }, () => 'list instances project'),
    'iterate instances all',
  ])
  t.same(
    ends.map(({ request }) => request),
    starts,
  )
  t.equal(new Set(starts.map(({ id }) => id)).size, starts.length)
  t.ok(ends.every(({ complete, cells, error }) => complete && cells.length > 0 && error === undefined))
  t.equal(ends[0]!.rows, 1)
  t.equal(ends.at(-1)!.rows, rows)
  t.same(
    starts.filter(request => !statements.some(statement => statement.request === request)),
    [],
    'each has statements',
  )

  await t.test('what asks nobody is no request', async t => {
    starts.length = 0
    await cells.instances.list({ scope, limit: 0 })
    await t.rejects(cells.instances.list({ scope, limit: -1 }), { code: 'invalid-limit' })
    await t.rejects(cells.instances.list({ scope, cursor: 'AAAA' }), { code: 'invalid-cursor' })
    cells.instances.iterate({ scope })
    t.same(starts, [])
  })
})

t.test('iterate reads its rows from streams, each of which is one statement', async t => {
  const cells = await open(t, { cells: local.cells })
  const { ends, statements } = listen(t)
  let rows = 0
  for await (const _ of cells.instances.iterate({ scope: 'all', fields: ['uuid'] })) rows++
  const streams = statements.filter(({ text }) => / FROM `instances` .* LIMIT \?$/s.test(text))
  t.equal(streams.length, local.cells.length)
  t.equal(
    streams.reduce((sum, stream) => sum + stream.rows, 0),
    ends[0]!.fetched,
  )
  t.ok(ends[0]!.fetched >= rows)
  t.ok(streams.every(({ outcome, ms, idle }) => outcome === 'answered' && ms >= idle))

  await t.test(
    'who has enough is no failure, and what was still under way is abandoned without one',
    async t => {
      ends.length = statements.length = 0
      const all = cells.instances.iterate({ scope: 'all', fields: ['uuid'], sort: ['display_name'] })
      for await (const _ of all) break
      t.equal(ends.length, 1)
      t.match(ends[0]!, { complete: true, error: undefined })
      await new Promise(setImmediate)
      const given = statements.filter(({ outcome }) => outcome === 'abandoned')
      t.ok(given.length > 0)
      t.ok(given.every(statement => !('reason' in statement) && statement.request === ends[0]!.request))
      t.equal(all.complete, true)
      const [cell] = local.cells
      const roll = rollCall([cell!])
      roll.down(cell!, new CellFailedError({ ...cell!, reason: NOT_WANTED }))
      t.equal(roll.complete, true, 'whatever was read ahead')
    },
  )

  await t.test('a reader who throws has enough', async t => {
    ends.length = 0
    await t.rejects(async () => {
      for await (const _ of cells.instances.iterate({ scope: 'all' })) throw new Error('enough')
    }, /enough/)
    t.match(ends, [{ complete: true, error: undefined }])
  })
})

t.test('a request that fails says why, by a code', async t => {
  const cells = await open(t)
  const { starts, ends } = listen(t)
  const scope = 'all'
  const fails = async (request: Promise<unknown>): Promise<Pick<RequestEnd, 'error' | 'complete'>> => {
    ends.length = 0
    await t.rejects(request)
    t.equal(ends.length, 1)
    const { error, complete } = ends[0]!
    return { error: error!, complete }
  }
  const unknown = cells.instances.list({ scope, marker: MARKER })
  t.same(await fails(unknown), { error: 'marker-not-found', complete: false })
  t.same(await fails(cells.instances.list({ scope }, { signal: AbortSignal.abort() })), {
    error: 'aborted',
    complete: false,
  })
  t.same(ends[0]!.cells, [])
  const iterated = cells.instances.iterate({ scope, marker: MARKER })
  t.same(await fails(iterated[Symbol.asyncIterator]().next()), { error: 'marker-not-found', complete: false })
  t.equal(starts.at(-1)!.verb, 'iterate')
  t.same(
    await fails(
      announced({ verb: 'list', resource: 'instances', scope, signal: undefined }, async () => {
        throw new TypeError('a bug')
      }),
    ),
    { error: 'internal', complete: false },
  )

  await t.test('with what each cell did, where cells are the reason', async t => {
    const some = await open(t, { cells: [...local.cells, DOWN] })
    ends.length = 0
    await t.rejects(some.instances.list({ scope, limit: 1 }, { downCells: 'fail' }))
    t.match(ends[0]!, { error: 'cells-unavailable', complete: false, rows: 1 })
    t.match(ends[0]!.cells.at(-1)!, { name: 'down', state: 'failed', error: { reason: 'ECONNREFUSED' } })
    const page = await some.instances.list({ scope, limit: 1 })
    t.match(ends[1]!, { error: undefined, complete: false })
    const { cursor } = page.missed!
    const late = await some.instances.catchUp({ scope, limit: 1, cursor })
    t.match(ends[2]!, { request: { verb: 'catchUp' }, complete: false, cells: late.cells })
    await t.rejects(some.instances.catchUp({ scope, limit: 1, cursor }, { downCells: 'fail' }))
    t.match(ends[3]!, { request: { verb: 'catchUp' }, error: 'cells-unavailable' })
  })
})

t.test('no message holds a value, a URL or a secret', async t => {
  const sentinels = ['pr0ject', 'us3r', 'n4me', 'h0st', 'v4lue', 's3cr3t', 'hidden_name', '127.0.0.1', 'c4use']
  const columns = `display_name = 'n4me', host = 'h0st', project_id = 'pr0ject', user_id = 'us3r'`
  await local.query('cell1', `UPDATE instances SET ${columns} WHERE deleted = 0 LIMIT 20`)
  await local.query(
    'cell1',
    `INSERT INTO instance_metadata (instance_uuid, \`key\`, value, deleted)
     SELECT uuid, 'c4use', 'v4lue', 0 FROM instances WHERE project_id = 'pr0ject'`,
  )
  const cells = await open(t, { cells: [...local.cells, DOWN] })
  const cloud = await open(t)
  const { starts, ends, statements, breakers, kills } = listen(t)
  for (const scope of [{ project_id: 'pr0ject' }, { user_id: 'us3r' }]) {
    const filters = {
      display_name: { contains: 'n4me' },
      host: ['h0st'],
      vm_state: { ne: 'v4lue' },
      user_data: { regexp: 's3cr3t' },
      metadata: { c4use: 'v4lue' },
      tags: ['v4lue'],
    }
    for (const { instances } of [cells, cloud]) {
      await instances.list({ scope, filters })
      const page = await instances.list({
        scope,
        limit: 5,
        sort: ['display_name', 'host'],
        include: ['metadata'],
      })
      t.match(page.items[0]!, { display_name: 'n4me', metadata: { c4use: 'v4lue' } })
      await instances.list({ scope, limit: 5, sort: ['display_name', 'host'], cursor: page.next! })
      await instances.list({ scope, sort: ['host'], marker: page.items[0]!.uuid })
      await instances.count({ scope, filters, group_by: ['display_name'] })
      await instances.explain({ scope, filters })
      await instances.get(page.items[0]!.uuid, { scope }, { downCells: 'omit' })
      for await (const _ of instances.iterate({ scope, sort: ['host'] }, { downCells: 'omit' }));
      await instances.list({ scope, filters: { display_name: { regexp: '(n4me' } } }).catch(() => {})
    }
    await cloud.usage({ scope })
    await t.rejects(cloud.instances.list({ scope }, { signal: AbortSignal.abort('c4use') }))
    await t.rejects(cells.instances.list({ scope, marker: MARKER }))
  }
  const { uuid } = (await cells.instances.list({ scope: { project_id: 'pr0ject' }, limit: 1 })).items[0]!
  const all = [starts, ends, statements, breakers, kills]
  t.ok(
    starts.length > 30 && statements.length > 150,
    `${starts.length} requests, ${statements.length} statements`,
  )
  t.ok(breakers.some(({ cell, state }) => cell.name === 'down' && state === 'open'))
  const text = JSON.stringify(all) + inspect(all, { depth: null, showHidden: true, maxArrayLength: null })
  t.match(text, /ECONNREFUSED/)
  for (const sentinel of [...sentinels, uuid, MARKER]) t.notOk(text.includes(sentinel), sentinel)

  await t.test('they have the members that are documented, and no others', async t => {
    const members = (messages: readonly object[]) =>
      [...new Set(messages.flatMap(message => Object.keys(message)))].sort()
    t.same(members(starts), documented('crosscell:request:start'))
    t.same(members(ends), documented('crosscell:request:end'))
    t.same(members(statements), documented('crosscell:statement:end'))
    t.same(members(breakers), documented('crosscell:breaker'))
  })
})

t.test('what an indexer does, without a value', async t => {
  const cells = await open(t, { index: memoryIndex() })
  const { indexing } = listen(t)
  const stop = new AbortController()
  let told: (sink: HintSink) => void = () => {}
  const feeding = new Promise<HintSink>(resolve => {
    told = resolve
  })
  const run: Feed['run'] = (sink, signal) =>
    new Promise(resolve => {
      told(sink)
      signal.addEventListener('abort', () => resolve())
    })
  const feed = { name: 'bus', run, status: () => ({ cell: null }) } as Feed
  const indexer = createIndexer(cells, { feeds: [feed] })
  const built = await indexer.rebuild()
  const sweeps = indexing.flatMap(message => (message.kind === 'sweep' ? [message] : []))
  t.same(
    new Set(sweeps.map(({ cell }) => cell)),
    new Set(local.cells.map(({ uuid, name }) => ({ uuid, name }))),
  )
  t.ok(sweeps.every(({ drift, mended, withheld }) => drift + mended + withheld === 0))
  t.ok(built.documents >= 900)
  const running = indexer.run({ signal: stop.signal })
  const sink = await feeding
  sink.gap('n4me')
  t.same(indexing.at(-1), { kind: 'gap', feed: 'bus' })
  const said = Date.now() - 5_000
  while ((await sink.hint({ uuid: first.uuid, at: said })) === 'again') await new Promise(setImmediate)
  await sink.hint({ uuid: first.uuid, cell: first.cell.name })
  const hints = indexing.flatMap(message => (message.kind === 'hints' ? [message] : []))
  t.match(hints, [
    { cell: { name: first.cell.name }, applied: 1, again: 0 },
    { applied: 1, again: 0, ms: null },
  ])
  t.ok(hints[0]!.ms! >= 5_000, 'since it was said, whichever way it came')
  const kinds = () => new Set(indexing.map(message => ('table' in message ? message.table : message.kind)))
  while (!['lease', 'instances', 'tags'].every(kind => kinds().has(kind))) await new Promise(setImmediate)
  stop.abort()
  await running
  publishIndexing(() => ({ kind: 'feed', feed: 'bus', state: 'connected' }))
  t.match(
    indexing.filter(({ kind }) => kind === 'lease').at(-1),
    { held: false },
    'nobody looks after a cell when it has ended',
  )
  const text = JSON.stringify(indexing)
  for (const sentinel of [first.uuid, first.project_id!, 'n4me', '127.0.0.1']) t.notOk(text.includes(sentinel))
  t.same(
    [...new Set(indexing.flatMap(message => Object.keys(message)))].sort(),
    [...new Set(documented('crosscell:indexing'))].sort(),
  )
})

t.test('what crosscell asks on its own belongs to no request', async t => {
  const cells = await open(t, { directoryTtl: 0 })
  const { starts, statements } = listen(t)
  await cells.instances.list({ scope: 'all', limit: 1 })
  await cells.reload()
  const own = statements.filter(statement => statement.request === undefined)
  t.ok(own.length >= 2)
  t.ok(own.every(({ cell, text }) => cell.name === 'nova_api' && / FROM cell_mappings /.test(text)))
  t.equal(starts.length, 1)
})

t.test('a statement that is killed, and a breaker that opens and closes', async t => {
  const breaker = { failures: 1, pause: 1, longest: 1 }
  const { database } = local.cells[1]!
  const cells = await open(t, { cells: [local.cells[1]!], breaker })
  await cells.instances.list({ scope: 'all', limit: 1 })
  const { breakers, statements, kills } = listen(t)
  const killed = new Promise<void>(resolve => t.teardown(observe({ 'crosscell:kill': () => resolve() })))
  const opened = new Promise<void>(resolve => t.teardown(observe({ 'crosscell:breaker': () => resolve() })))
  const lock = await connect(parseDatabaseUrl(database, ''))
  await lock.query('LOCK TABLES instances WRITE')
  const page = await cells.instances.list({ scope: 'all', limit: 1 }, { deadline: 700 })
  t.match(page.cells, [{ state: 'timed-out' }])
  const late = statements.find(({ reason }) => reason === 'DEADLINE')!
  t.match(late, { outcome: 'abandoned', rows: 0, cell: { name: 'cell1' } })
  t.ok(late.ms > 0)
  await killed
  t.same(kills, [{ cell: { uuid: local.cells[1]!.uuid, name: 'cell1' } }])
  t.same(documented('crosscell:kill'), ['cell'])
  await opened
  await lock.close()
  while (breakers.at(-1)!.state !== 'closed') await cells.instances.list({ scope: 'all', limit: 1 })
  t.match(breakers, [{ cell: { name: 'cell1' }, state: 'open' }, { state: 'half-open' }, { state: 'closed' }])
})

t.test('a statement to the API database is killed as well', async t => {
  const cells = await open(t)
  await cells.instances.list({ scope: 'all', limit: 1 })
  const killed = new Promise(resolve => t.teardown(observe({ 'crosscell:kill': resolve })))
  const lock = await connect(parseDatabaseUrl(local.apiDatabase!, ''))
  await lock.query('LOCK TABLES instance_mappings WRITE')
  const page = await cells.instances.list({ scope: 'all', limit: 1 }, { deadline: 400 })
  t.match(page.cells.at(-1)!, { name: 'nova_api', state: 'timed-out' })
  t.same(await killed, { cell: { uuid: 'api', name: 'nova_api' } })
  await lock.close()
})

t.test('what is seen of a statement', async t => {
  let at = 1_000
  const { signal } = new AbortController()
  const pass = async (ms: number, rows: SqlRow[] = []) => {
    at += ms
    return rows
  }
  const row: SqlRow = ['secret']
  const over = (database: Partial<Database>, run = unbounded.limiter.run) =>
    openCell({ uuid: 'u1', name: 'cell1' }, database as Database, {
      ...unbounded,
      now: () => at,
      limiter: { ...unbounded.limiter, run },
    })
  const inTurn: typeof unbounded.limiter.run = (_, work) => {
    pass(2)
    return work()
  }

  await t.test('how long it waits for its turn, and for its answer', async t => {
    const { statements } = listen(t)
    const cell = over({ query: () => pass(5, [row, row]) }, inTurn)
    await cell.query(sql`SELECT ${'secret'}`, signal)
    t.match(statements, [{ text: 'SELECT ?', waited: 2, ms: 5, idle: 0, rows: 2, outcome: 'answered' }])
    t.notMatch(JSON.stringify(statements), /secret/)
  })

  await t.test('of a stream, how long its reader takes as well; it is told of once', async t => {
    const { statements } = listen(t)
    const next = (count: number) => pass(5, [row, row, row].slice(0, count))
    const stream = over({ stream: () => ({ next }) }, inTurn).stream(sql`SELECT 1`, signal)
    await stream.next(2, signal)
    pass(100)
    t.same(statements, [])
    await stream.next(4, signal)
    t.match(statements, [{ waited: 4, ms: 110, idle: 100, rows: 5, outcome: 'answered' }])
    await stream.next(1, signal)
    t.equal(statements.length, 1)
  })

  await t.test('a stream that nobody wants any more is abandoned, be it read or not', async t => {
    const { statements } = listen(t)
    const life = new AbortController()
    const stream = over({ stream: () => ({ next: async () => [row] }) }).stream(sql`SELECT 1`, life.signal)
    const unread = over({ stream: () => ({ next: async () => [row] }) }).stream(sql`SELECT 2`, life.signal)
    await stream.next(1, signal)
    life.abort('NOT_WANTED')
    t.match(statements, [{ outcome: 'abandoned', rows: 1 }])
    t.equal('reason' in statements[0]!, false)
    t.ok(unread)
  })

  await t.test('why it fails', async t => {
    const { statements } = listen(t)
    const gone = over({
      query: async () => {
        throw Object.assign(new Error('secret'), { code: 'ER_NO_SUCH_TABLE' })
      },
    })
    await t.rejects(gone.query(sql`SELECT 1`, signal))
    t.match(statements, [{ outcome: 'failed', reason: 'ER_NO_SUCH_TABLE', rows: 0 }])
  })

  await t.test('why it is given up: its time, or no reason that would be its own', async t => {
    const { statements } = listen(t)
    const cell = over({ query: async () => [] })
    const caller = new Error('secret')
    await t.rejects(cell.query(sql`SELECT 1`, AbortSignal.abort('DEADLINE')), { code: 'cell-failed' })
    await t.rejects(cell.query(sql`SELECT 1`, AbortSignal.abort('NOT_WANTED')), { code: 'cell-failed' })
    await t.rejects(cell.query(sql`SELECT 1`, AbortSignal.abort(caller)), caller)
    t.same(
      statements.map(({ outcome, reason }) => [outcome, reason]),
      [
        ['abandoned', 'DEADLINE'],
        ['abandoned', undefined],
        ['abandoned', undefined],
      ],
    )
  })

  await t.test('nothing, when its cell is left alone', async t => {
    const { statements } = listen(t)
    const refused = Object.assign(new Error(), { code: 'ECONNREFUSED', fatal: true })
    const cell = openCell(
      { uuid: 'u1', name: 'cell1' },
      {
        query: () => Promise.reject(refused),
        stream: () => ({ next: () => t.fail('asked') as never }),
      } as Partial<Database> as Database,
      { ...unbounded, breaker: { failures: 1, slow: 1_000, pause: 1_000, longest: 1_000 }, now: () => at },
    )
    await t.rejects(cell.query(sql`SELECT 1`, signal))
    const leftAlone = { cell: { reason: 'BREAKER_OPEN' } } as unknown as Error
    await t.rejects(cell.query(sql`SELECT 1`, signal), leftAlone)
    const life = new AbortController()
    await t.rejects(cell.stream(sql`SELECT 1`, life.signal).next(1, signal), leftAlone)
    life.abort('NOT_WANTED')
    t.match(statements, [{ reason: 'ECONNREFUSED' } as Partial<StatementEnd>])
    t.equal(statements.length, 1)
  })
})

t.test('nothing is made when nobody listens', async t => {
  const untouchable = new Proxy({} as never, {
    get: (_, member) => t.fail(`${String(member)} is read`),
    ownKeys: () => t.fail('members are read') as never,
  })
  const clock = () => t.fail('the clock is read') as never
  const { signal } = new AbortController()
  const quiet = () => {
    t.equal(announce(untouchable), undefined)
    t.equal(watchStatement(untouchable, untouchable, signal, clock, signal), undefined)
    publishBreaker(untouchable, 'open')
    publishKill(untouchable)
    publishIndexing(() => t.fail('a message is made') as never)
  }
  quiet()
  const { stop } = listen(t)
  stop()
  quiet()
  t.equal(await announced(untouchable, async request => request), undefined)

  await t.test('and only that which somebody listens to', async t => {
    t.teardown(observe({ 'crosscell:breaker': () => {} }))
    t.equal(announce(untouchable), undefined)
    t.equal(watchStatement(untouchable, untouchable, signal, clock, signal), undefined)
  })
})
