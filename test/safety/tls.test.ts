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

t.test('probe', async t => {
  for (const [label, server] of Object.entries({ named, addressed, plain }))
    for (const host of ['localhost', '127.0.0.1'])
      for (const [what, tls] of Object.entries({
        none: undefined,
        ca: { ca },
        other: { ca: other.cert },
        default: {},
        identity: { ca, verifyIdentity: true },
        unchecked: { rejectUnauthorized: false },
        client: { ca, cert: client.cert, key: client.key },
        stranger: { ca, cert: stranger.cert, key: stranger.key },
      }))
        for (const user of ['any', 'secure', 'certified'])
          t.comment(label, host, what, user, await stateOf(server, user, tls, host))
  t.pass()
})
