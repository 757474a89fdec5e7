import t from 'tap'
import { API_DATABASE } from '../../src/cells/build-requests.js'
import { openCell } from '../../src/cells/cell.js'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'
import { readCellMappings } from '../../src/cells/directory.js'
import { openPool } from '../../src/cells/pool.js'
import { openCells } from '../../src/index.js'
import { createTables } from '../../src/testing/create-tables.js'
import { queryOnce } from '../../src/testing/query-once.js'
import { apiSchema } from '../../src/testing/schema.js'
import { startServer } from '../../src/testing/server.js'
import { unbounded } from '../fixtures/unbounded.js'

const server = await startServer({ tcp: true })
t.teardown(() => server.stop())
await server.query('CREATE DATABASE nova_api')
const api = server.url('nova_api')
for (const statement of createTables(apiSchema)) await queryOnce(api, statement)

const read = async (url: string, disabled?: boolean) => {
  const pool = openPool(parseDatabaseUrl(url, '/apiDatabase'), { connections: 1 })
  const database = openCell(API_DATABASE, pool, unbounded)
  try {
    return await readCellMappings(database, url, disabled)
  } finally {
    await database.close()
  }
}

const mappings = async (...rows: [name: string | null, url: string, disabled?: number][]) => {
  await queryOnce(api, 'DELETE FROM cell_mappings')
  for (const [i, [name, url, disabled = 0]] of rows.entries())
    await queryOnce(
      api,
      'INSERT INTO cell_mappings (id, uuid, name, database_connection, transport_url, disabled) VALUES (?, ?, ?, ?, ?, ?)',
      [i + 1, `uuid${i}`, name, url, 'none:///', disabled],
    )
}

t.test('cell mappings in the order of their ids, without the disabled ones', async t => {
  await mappings(['cell0', 'mysql://h/c0'], ['off', 'mysql://h/off', 1], [null, 'mysql://h/c2'])
  t.same(await read(api), [
    { uuid: 'uuid0', name: 'cell0', database: 'mysql://h/c0' },
    { uuid: 'uuid2', name: 'uuid2', database: 'mysql://h/c2' },
  ])
})

t.test('the disabled ones too, when they are asked for', async t => {
  await mappings(['on', 'mysql://h/on'], ['off', 'mysql://h/off', 1])
  t.same(
    (await read(api, true)).map(({ name }) => name),
    ['on', 'off'],
  )
})

t.test('cells come and go while requests go on', async t => {
  await mappings(['one', server.url('nova_api')])
  const cells = await openCells({ apiDatabase: api })
  t.teardown(() => cells.close())
  const names = async () => (await cells.instances.list({ scope: 'all' })).cells.map(({ name }) => name)
  t.same(await names(), ['one', 'nova_api'])
  await mappings(['one', server.url('nova_api')], ['two', server.url('nova_api')])
  t.same(await names(), ['one', 'nova_api'])
  await cells.reload()
  t.same(await names(), ['one', 'two', 'nova_api'])
  await cells.close()
  await t.rejects(cells.reload(), { code: 'closed' })
})

t.test('templates are filled from the API database’s own URL', async t => {
  await server.query(`CREATE USER 'no%va'@'%' IDENTIFIED BY 'p@ss'`)
  await server.query(`GRANT SELECT ON nova_api.* TO 'no%va'@'%'`)
  const url = `mysql+pymysql://no%25va:p%40ss@127.0.0.1:${server.port}/nova_api?charset=utf8`
  await mappings(
    ['all', '{scheme}://{username}:{password}@{hostname}:{port}/{path}_cell1?{query}'],
    ['part', 'mysql://{username}:{password}@other/cell2?{fragment}'],
  )
  t.same(
    (await read(url)).map(mapping => mapping.database),
    [
      `mysql+pymysql://no%25va:p%40ss@127.0.0.1:${server.port}/nova_api_cell1?charset=utf8`,
      'mysql://no%25va:p%40ss@other/cell2?',
    ],
  )
})

t.test('a template that can not be filled is refused', async t => {
  await mappings(['x', 'mysql://{nonsense}@h/d'])
  await t.rejects(read(api), { code: 'invalid-url', path: '/apiDatabase', expected: /nonsense/ })
  await mappings(['x', 'mysql://{password}@h/d'])
  await t.rejects(read(api), { code: 'invalid-url', expected: /password/ })
})

t.test('an API database that does not answer is an error that shows no secret', async t => {
  for (const [url, reason] of [
    [`mysql://nobody:secret@127.0.0.1:${server.port}/nova_api`, 'ER_ACCESS_DENIED_ERROR'],
    ['mysql://root:secret@127.0.0.1:1/nova_api', 'ECONNREFUSED'],
    [server.url('mysql'), 'ER_NO_SUCH_TABLE'],
  ] as const)
    await t.rejects(read(url), { code: 'directory-unavailable', reason, message: /^(?!.*secret)/ }, reason)
  await t.rejects(read('secret'), { code: 'invalid-url', message: /^(?!.*secret)/ })
})
