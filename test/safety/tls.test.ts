import t from 'tap'
import { type CellsConfig, openCells } from '../../src/index.js'
import { startServer } from '../../src/testing/server.js'
import { certificateFolder } from './fixtures/certificates.js'

const folder = await certificateFolder()
t.teardown(() => folder.remove())
const [known, other] = await Promise.all([folder.authority(), folder.authority()])
const [forName, forAddress, client, stranger] = await Promise.all([
  known.issue('DNS:localhost'),
  known.issue('IP:127.0.0.1'),
  known.issue('DNS:reader'),
  other.issue('DNS:reader'),
])

const start = async (certificate: typeof forName | undefined) => {
  const args =
    certificate === undefined
      ? []
      : [`--ssl-ca=${known.certFile}`, `--ssl-cert=${certificate.certFile}`, `--ssl-key=${certificate.keyFile}`]
  const server = await startServer({ tcp: true, args })
  t.teardown(() => server.stop())
  await server.query('CREATE DATABASE d')
  await server.query('CREATE TABLE d.instances (id INT)')
  for (const [user, require] of Object.entries({ any: 'NONE', secure: 'SSL', certified: 'X509' })) {
    await server.query(`CREATE USER ${user} IDENTIFIED BY 'secret' REQUIRE ${require}`)
    await server.query(`GRANT SELECT ON d.instances TO ${user}`)
  }
  return server
}
const [named, addressed, plain] = [await start(forName), await start(forAddress), await start(undefined)]

/** How a cell is that is reached in this way: `ok`, or why it is not. */
const stateOf = async (
  server: typeof named,
  user: string,
  tls: CellsConfig['tls'],
  host = '127.0.0.1',
  query = '',
) => {
  const database = `mysql+pymysql://${user}:secret@${host}:${server.port}/d${query}`
  const cells = await openCells({ cells: [{ uuid: 'u', name: 'n', database }], ...(tls && { tls }) })
  const {
    cells: [cell],
  } = await cells.status()
  await cells.close()
  return cell!.error?.reason ?? cell!.state
}

const ca = known.cert

const SSL = 'HANDSHAKE_SSL_ERROR'
const DENIED = 'ER_ACCESS_DENIED_ERROR'

t.test('a server is taken whose certificate is known, and made for its name or its address', async t => {
  t.equal(await stateOf(named, 'secure', { ca }, 'localhost'), 'ok')
  t.equal(await stateOf(addressed, 'secure', { ca }), 'ok')
  t.equal(await stateOf(addressed, 'secure', { ca: Buffer.from(ca) }), 'ok')
  t.equal(await stateOf(named, 'secure', { ca }, '127.0.0.1'), SSL, 'of another name')
  t.equal(await stateOf(addressed, 'secure', { ca }, 'localhost'), SSL, 'of another address')
  t.equal(await stateOf(named, 'secure', { ca: other.cert }, 'localhost'), SSL, 'of another authority')
  t.equal(await stateOf(named, 'secure', {}, 'localhost'), SSL, 'of nobody whom Node knows')
})

t.test('what is not to be looked at is not', async t => {
  t.equal(await stateOf(named, 'secure', { ca, verifyIdentity: false }, '127.0.0.1'), 'ok')
  t.equal(await stateOf(named, 'secure', { ca: other.cert, verifyIdentity: false }), SSL)
  t.equal(await stateOf(named, 'secure', { rejectUnauthorized: false }), 'ok')
})

t.test('a server without TLS is not asked where there is to be TLS', async t => {
  t.equal(await stateOf(plain, 'any', { ca }), 'HANDSHAKE_NO_SSL_SUPPORT')
  t.equal(await stateOf(plain, 'any', { rejectUnauthorized: false }), 'HANDSHAKE_NO_SSL_SUPPORT')
  t.equal(await stateOf(plain, 'any', undefined), 'ok')
})

t.test('users that need TLS, or a certificate, are refused without', async t => {
  t.equal(await stateOf(addressed, 'any', undefined), 'ok')
  t.equal(await stateOf(addressed, 'secure', undefined), DENIED)
  t.equal(await stateOf(addressed, 'certified', { ca }), DENIED)
  t.equal(await stateOf(addressed, 'certified', { ca, cert: client.cert, key: client.key }), 'ok')
  t.match(await stateOf(addressed, 'certified', { ca, cert: stranger.cert, key: stranger.key }), /^E\w+$/)
})

t.test('a URL that asks for TLS is not reached without, and its files are not read', async t => {
  for (const query of [
    '?ssl_ca=/etc/nova/ca.pem',
    '?charset=utf8&ssl_ca=/etc/nova/ca.pem&ssl_cert=/c&ssl_key=/k',
    '?ssl_verify_cert=true',
    '?ssl_verify_identity=1',
    '?ssl_mode=VERIFY_CA',
    '?ssl=true',
  ]) {
    t.equal(await stateOf(plain, 'any', undefined, '127.0.0.1', query), 'HANDSHAKE_NO_SSL_SUPPORT', query)
    t.equal(await stateOf(addressed, 'any', undefined, '127.0.0.1', query), SSL, query)
    t.equal(await stateOf(addressed, 'secure', { ca }, '127.0.0.1', query), 'ok', query)
  }
  for (const query of [
    '?charset=utf8',
    '?ssl=false',
    '?ssl_mode=PREFERRED',
    '?ssl_disabled=true',
    '?ssl_ca=',
    '?ssl_verify_cert=0',
  ])
    t.equal(await stateOf(plain, 'any', undefined, '127.0.0.1', query), 'ok', query)
})

t.test('so is the API database', async t => {
  await named.query(
    'CREATE TABLE d.cell_mappings (id INT, uuid TEXT, name TEXT, database_connection TEXT, disabled INT)',
  )
  await named.query('GRANT SELECT ON d.cell_mappings TO secure')
  const apiDatabase = `mysql://secure:secret@localhost:${named.port}/d`
  await t.rejects(openCells({ apiDatabase }), { code: 'directory-unavailable', reason: DENIED })
  await t.rejects(openCells({ apiDatabase, tls: { ca: other.cert } }), {
    code: 'directory-unavailable',
    reason: SSL,
  })
  const cells = await openCells({ apiDatabase, tls: { ca } })
  t.match(await cells.status(), { complete: true })
  await cells.close()
})

t.test('what is wrong with the options is said, and shows none of them', async t => {
  const wrong = (tls: object) => openCells({ cells: [{ uuid: 'u', name: 'n', database: 'mysql://h/d' }], tls })
  await t.rejects(wrong({ CA: 'secret' }), {
    code: 'unknown-option',
    path: '/tls/CA',
    message: /^(?!.*secret)/,
  })
  await t.rejects(wrong({ verifyIdentity: 'secret' }), {
    code: 'invalid-option',
    path: '/tls/verifyIdentity',
    message: /^(?!.*secret)/,
  })
  t.match(await stateOf(addressed, 'any', { ca, cert: 'secret', key: 'secret' }), /^E\w+$/)
  t.match(await stateOf(addressed, 'any', { ca, cert: client.cert, key: known.key }), /^E\w+$/)
})
