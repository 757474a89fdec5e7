import { subscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { inspect } from 'node:util'
import t from 'tap'
import { type Cells, CrosscellError, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { startServer } from '../../src/testing/server.js'
import { command } from '../cli/fixtures/command.js'

/** Whatever must not be seen has this in it. */
const SECRET = 's3cr3t'
const shows = (text: string) => new RegExp(`.{0,60}${SECRET}.{0,20}`, 'is').exec(text)?.[0]

const said: string[] = []
for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const)
  console[method] = (...words: unknown[]) =>
    void said.push(words.map(word => inspect(word, { depth: null })).join(' '))
process.on('warning', warning => said.push(inspect(warning, { depth: null })))
for (const name of ['request:start', 'request:end', 'statement:end', 'breaker', 'kill'])
  subscribe(`crosscell:${name}`, message => void said.push(inspect(message, { depth: null, showHidden: true })))

/** All that somebody could print of an error, or of anything else. */
const everythingOf = (value: unknown): string => {
  const texts = [
    inspect(value, { depth: null, showHidden: true, getters: true }),
    JSON.stringify(value),
    String(value),
  ]
  if (value instanceof Error) texts.push(value.message, value.stack!, everythingOf(value.cause))
  return texts.join('\n')
}

const server = await startServer({ tcp: true })
t.teardown(() => server.stop())
await server.query(`CREATE USER s3cr3t_user IDENTIFIED BY 's3cr3t-password'`)
await server.query('GRANT ALL ON *.* TO s3cr3t_user')
await server.query('CREATE DATABASE s3cr3t_empty')

const local = await startLocalCells({ cells: 2, cell0: false, instances: 30, relations: false })
t.teardown(() => local.stop())
for (const { name } of local.cells) {
  await local.query(
    name,
    `UPDATE instances SET display_name = CONCAT('s3cr3t ', id), project_id = 's3cr3t-project', user_id = 's3cr3t-user', user_data = 's3cr3t', deleted = 0, hidden = 0`,
  )
}

const angry = local.server('cell1')
await angry.query(`CREATE USER s3cr3t_user IDENTIFIED BY 's3cr3t-password'`)
await angry.query('GRANT ALL ON *.* TO s3cr3t_user')
await angry.query('CREATE DATABASE s3cr3t_angry')
await angry.query(
  `CREATE FUNCTION s3cr3t_angry.fails() RETURNS INT NO SQL BEGIN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 's3cr3t of a row'; RETURN 1; END`,
)
await angry.query(
  'CREATE ALGORITHM = TEMPTABLE VIEW s3cr3t_angry.instances AS SELECT i.* FROM nova_cell1.instances AS i WHERE s3cr3t_angry.fails() = i.id',
)

/** A server of our own that says this to everybody. */
const listen = async (greet: (socket: Socket) => void) => {
  const sockets = new Set<Socket>()
  const listener = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    greet(socket)
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    listener.close()
  })
  return (listener.address() as AddressInfo).port
}

/** An error in the first packet, as a server has it that knows no more of its client. */
const errorPacket = (errno: number, text: string) => {
  const body = Buffer.concat([Buffer.of(0xff, errno & 0xff, errno >> 8), Buffer.from(`#S3CR3${text}`)])
  return Buffer.concat([Buffer.of(body.length, 0, 0, 0), body])
}

const url = (where: string) => `mysql+pymysql://s3cr3t_user:s3cr3t-password@${where}`
const garbage = await listen(socket => socket.end(`HTTP/1.1 400 ${SECRET} ${SECRET} ${SECRET}\r\n\r\n`))
const mute = await listen(() => {})
const refusing = await listen(socket => socket.end(errorPacket(1045, `Access denied for user ${SECRET}`)))
const strange = await listen(socket => socket.end(errorPacket(60_000, SECRET)))
const cutting = await listen(socket => socket.destroy())

const aUrl = () => url('s3cr3t-host/s3cr3t_db')

const SILENT = 'that says nothing'

/** Databases that can't be asked, each in its own way, and the reason that is given. */
const broken: Record<string, readonly [database: string, reason: RegExp]> = {
  refused: [url('127.0.0.1:1/s3cr3t_db'), /^ECONNREFUSED$/],
  'of an unknown host': [url('s3cr3t-host.invalid/s3cr3t_db'), /^(ENOTFOUND|EAI_AGAIN|DEADLINE)$/],
  'without a socket': [url('localhost/s3cr3t_db?unix_socket=/s3cr3t/socket'), /^ENOENT$/],
  'with another password': [
    url(`127.0.0.1:${server.port}/s3cr3t_empty`).replace('password', 'typo'),
    /^ER_ACCESS_DENIED_ERROR$/,
  ],
  'of another user': [
    url(`127.0.0.1:${server.port}/s3cr3t_empty`).replace('_user', '_nobody'),
    /^ER_ACCESS_DENIED_ERROR$/,
  ],
  'with another name': [url(`127.0.0.1:${server.port}/s3cr3t_nothing`), /^ER_BAD_DB_ERROR$/],
  'without a table': [url(`127.0.0.1:${server.port}/s3cr3t_empty`), /^ER_NO_SUCH_TABLE$/],
  'whose rows fail': [url(`localhost/s3cr3t_angry?unix_socket=${angry.socketPath}`), /^ER_SIGNAL_EXCEPTION$/],
  'that talks HTTP': [url(`127.0.0.1:${garbage}/s3cr3t_db`), /^[A-Z_]+$/],
  [SILENT]: [url(`127.0.0.1:${mute}/s3cr3t_db`), /^DEADLINE$/],
  'that refuses everybody': [url(`127.0.0.1:${refusing}/s3cr3t_db`), /^ER_ACCESS_DENIED_ERROR$/],
  'with an error of its own': [url(`127.0.0.1:${strange}/s3cr3t_db`), /^ERRNO_60000$/],
  'that hangs up': [url(`127.0.0.1:${cutting}/s3cr3t_db`), /^(PROTOCOL_CONNECTION_LOST|ECONNRESET)$/],
}

const scope = { project_id: 's3cr3t-project' } as const
const filters = {
  display_name: { contains: SECRET },
  metadata: { s3cr3t_key: 's3cr3t value' },
  tags: ['s3cr3t tag'],
}
const deadline = 1_000

/** Every way to ask, of cells that may fail. */
const questions: Record<string, (cells: Cells) => Promise<unknown>> = {
  list: async cells => (await cells.instances.list({ scope, filters }, { deadline })).cells,
  fail: cells => cells.instances.list({ scope, filters }, { deadline, downCells: 'fail' }),
  stub: async cells => (await cells.instances.list({ scope }, { deadline, downCells: 'stub' })).cells,
  iterate: cells =>
    cells.instances
      .iterate({ scope, filters }, { deadline })
      [Symbol.asyncIterator]()
      .next() as Promise<unknown>,
  get: cells => cells.instances.get('00000000-0000-4000-8000-000000000000', { scope }, { deadline }),
  marker: cells =>
    cells.instances.list({ scope, marker: '00000000-0000-4000-8000-000000000000' }, { deadline }),
  count: async cells => (await cells.instances.count({ scope, filters }, { deadline })).cells,
  explain: cells => cells.instances.explain({ scope, filters }, { deadline }),
  usage: cells => cells.usage({ scope }, { deadline }),
  status: cells => cells.status({ deadline }),
  capacity: cells => cells.capacity({ deadline }),
}

for (const [what, [database, reason]] of Object.entries(broken))
  t.test(`a database ${what}`, async t => {
    const down = { uuid: 'd0000000-0000-4000-8000-000000000000', name: 'down', database }
    const cells = await openCells({ cells: [...local.cells, down], breaker: false })
    t.teardown(() => cells.close())
    const asked = Object.entries(questions).map(async ([verb, question]) => {
      const answer = await question(cells).catch(error => error)
      if (answer instanceof Error) t.ok(answer instanceof CrosscellError, verb)
      t.equal(shows(everythingOf(answer)), undefined, verb)
    })
    await Promise.all(asked)
    const page = await cells.instances.list({ scope, limit: 1 }, { deadline })
    t.match(page.cells[2], { name: 'down', error: { reason } })
    const outputOf = async (argv: readonly string[], name: string) => {
      const { code, stdout, stderr } = await command(argv)
      t.not(code, 0)
      t.equal(shows(stdout + stderr), undefined, name)
    }
    const short = ['--deadline', '500']
    for (const argv of [['list'], ['list', '--all', '--format', 'json']])
      await outputOf([...argv, ...short, '--cell', `down=${database}`], argv.join(' '))
    if (reason.source.startsWith('^ER_')) {
      const { stdout, stderr } = await command(['doctor', ...short, '--cell', `down=${database}`])
      t.equal(shows(stdout + stderr), undefined, 'doctor')
    }
    // The API database has ten seconds to answer.
    if (what === SILENT) return
    const error = await openCells({ apiDatabase: database }).catch(error => error)
    t.match(error, { code: 'directory-unavailable' })
    t.equal(shows(everythingOf(error)), undefined, 'as the API database')
    await outputOf(['list', '--api-db', database], 'list --api-db')
  })

t.test('what callers say wrong is not said again', async t => {
  const cells = await openCells({ cells: local.cells })
  t.teardown(() => cells.close())
  const all = { scope: 'all' }
  const good = await cells.instances.list({ scope, limit: 1 })
  const wrong: Record<string, unknown> = {
    scope: { scope: 's3cr3t' },
    'a scope of two': { scope: { project_id: 's3cr3t', user_id: 's3cr3t' } },
    'a number': { ...all, filters: { vcpus: 's3cr3t' } },
    'a list': { ...all, filters: { vcpus: [1, 's3cr3t'] } },
    'a time': { ...all, filters: { created_at: { lt: 's3cr3t' } } },
    'an ENUM': { ...all, filters: { locked_by: 's3cr3t' } },
    'a text that is none': { ...all, filters: { display_name: 's3cr3t\ud800' } },
    'a regular expression': { ...all, filters: { display_name: { regexp: '(s3cr3t+)+' } } },
    'one that the servers refuse': { ...all, filters: { display_name: { regexp: 's3cr3t[z-a]' } } },
    'an address': { ...all, filters: { address: 's3cr3t' } },
    'a pair': { ...all, filters: { metadata: { role: ['s3cr3t', 5] } } },
    'too many values': { ...all, filters: { display_name: Array(100_001).fill('s3cr3t') } },
    'too long a value': { ...all, filters: { display_name: 's3cr3t'.repeat(1_000_000) } },
    'a marker': { ...all, marker: 's3cr3t' },
    'a cursor': { ...all, cursor: 's3cr3t' },
    'a cursor of another query': { ...all, filters: { host: 's3cr3t' }, cursor: good.next },
    'a URL as a sort key': { ...all, sort: [aUrl()] },
    'a URL as a direction': { ...all, sort: [{ key: 'id', dir: aUrl() }] },
    'a URL as a field': { ...all, fields: [aUrl()] },
    'a URL as a relation': { ...all, include: [aUrl()] },
    'a URL as a limit': { ...all, limit: aUrl() },
  }
  for (const [what, query] of Object.entries(wrong)) {
    const error = await cells.instances.list(query as never).catch(error => error)
    t.ok(error instanceof CrosscellError, what)
    t.equal(shows(everythingOf(error)), undefined, what)
  }
  await t.rejects(
    cells.instances.list({ scope, marker: '00000000-0000-4000-8000-000000000000' }).catch(error => {
      t.equal(shows(everythingOf(error)), undefined)
      throw error
    }),
    { code: 'marker-not-found' },
  )
})

t.test('neither is what is wrong in what openCells is given', async t => {
  const cell = { uuid: 'u', name: 'n', database: 'mysql://h/d' }
  const wrong: Record<string, unknown> = {
    'a URL of another kind': { apiDatabase: 'postgresql://s3cr3t_user:s3cr3t@s3cr3t/s3cr3t' },
    'no URL': { apiDatabase: 's3cr3t' },
    'a broken password': { apiDatabase: 'mysql://u:s3cr3t%C3@h/d' },
    'a port': { apiDatabase: 'mysql://u:s3cr3t@h:s3cr3t/d' },
    'a cell’s URL': { cells: [{ ...cell, database: 's3cr3t://' }] },
    'a cell’s uuid': { cells: [cell, cell, { ...cell, uuid: ['s3cr3t'] }] },
    'a secret that is too short': { cells: [cell], cursorSecrets: ['s3cr3t'] },
    'TLS options': { cells: [cell], tls: { ca: 's3cr3t', verifyIdentity: 's3cr3t' } },
    'another type': 's3cr3t',
    'another number': { cells: [cell], concurrency: 's3cr3t' },
  }
  for (const [what, config] of Object.entries(wrong)) {
    const error = await openCells(config as never).catch(error => error)
    t.ok(error instanceof CrosscellError, what)
    t.equal(shows(everythingOf(error)), undefined, what)
  }
  for (const argv of [
    ['list', '--cell', aUrl()],
    ['list', '--cell', `=${aUrl()}`],
    ['list', '--api-db', 's3cr3t', '--cell', `a=${aUrl()}`],
    ['list', '--api-bd', aUrl()],
    [`--api-db=${aUrl()}`, 'lits'],
    ['list', '--api-db', aUrl().replace('mysql', 'psql')],
  ]) {
    const { code, stdout, stderr } = await command(argv)
    t.not(code, 0)
    t.equal(shows(stdout + stderr), undefined, argv.join(' ').replaceAll(SECRET, '…'))
  }
})

t.test('nothing of it was printed, warned of, or told to who listens', async t => {
  t.ok(said.length > 100)
  t.equal(shows(said.join('\n')), undefined)
})
