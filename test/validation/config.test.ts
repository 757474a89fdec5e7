import t from 'tap'
import { openCells } from '../../src/index.js'
import { checkConfig } from '../../src/validation/config.js'

const cell = { uuid: 'u1', name: 'cell1', database: 'mysql://h/d' }

t.test('what is wrong with a configuration, and where', async t => {
  for (const [config, code, path] of [
    [undefined, 'invalid-option', ''],
    [{}, 'invalid-option', ''],
    [{ apiDatabase: 'mysql://h/d', cells: [cell] }, 'invalid-option', ''],
    [{ apiDatabase: '' }, 'invalid-option', '/apiDatabase'],
    [{ cells: [] }, 'invalid-option', '/cells'],
    [{ cells: [{ name: 'x' }] }, 'invalid-option', '/cells/0'],
    [{ cells: [{ ...cell, url: 'x' }] }, 'unknown-option', '/cells/0/url'],
    [{ cells: [cell, cell] }, 'invalid-option', '/cells/1/uuid'],
    [{ cells: [cell], connectionsPerCell: 0 }, 'invalid-option', '/connectionsPerCell'],
    [{ cells: [cell], concurrency: 1.5 }, 'invalid-option', '/concurrency'],
    [{ cells: [cell], maxLimit: 0 }, 'invalid-option', '/maxLimit'],
    [{ cells: [cell], cursorSecrets: [] }, 'invalid-option', '/cursorSecrets'],
    [{ cells: [cell], cursorSecrets: ['short'] }, 'invalid-option', '/cursorSecrets/0'],
    [{ cells: [cell], tls: true }, 'invalid-option', '/tls'],
    [{ cells: [cell], timeout: 5 }, 'unknown-option', '/timeout'],
  ] as const)
    t.throws(() => checkConfig(config), { code, path }, JSON.stringify(config))
})

t.test('what is right', async t => {
  checkConfig({
    cells: [cell],
    connectionsPerCell: 1,
    concurrency: 1,
    maxLimit: 1,
    tls: {},
    apiDatabase: undefined,
  })
  checkConfig({ apiDatabase: 'mysql://h/d', cursorSecrets: ['sixteen characters'] })
  t.pass()
})

t.test('a cell’s URL is read when the cells are opened, and not shown', async t => {
  await t.rejects(
    openCells({ cells: [cell, { uuid: 'u2', name: 'cell2', database: 'postgres://u:secret@h/d' }] }),
    {
      code: 'invalid-url',
      path: '/cells/1/database',
      message: /^(?!.*secret)/,
    },
  )
})

t.test('TLS is spoken where it is asked for', async t => {
  const { startServer } = await import('../../src/testing/server.js')
  const server = await startServer({ tcp: true })
  t.teardown(() => server.stop())
  await server.query('CREATE DATABASE plain')
  const cells = await openCells({
    cells: [{ ...cell, database: `mysql://root@127.0.0.1:${server.port}/plain` }],
    tls: { rejectUnauthorized: false },
  })
  t.teardown(() => cells.close())
  // This server has no certificate: a connection without TLS would have got as far as the missing table.
  t.match((await cells.instances.list({ scope: 'all' })).cells, [
    { error: { reason: 'HANDSHAKE_NO_SSL_SUPPORT' } },
  ])
})

t.test('what has a default is passed on when it is given', async t => {
  const cells = await openCells({ cells: [cell], statementTimeout: 5_000, breaker: { failures: 1 } })
  await cells.close()
  t.pass('nobody was asked')
})
