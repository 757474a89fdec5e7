import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseDatabaseUrl } from '../../src/cells/database-url.js'

interface Recorded {
  readonly url: string
  readonly host: string | null
  readonly port: number | null
  readonly user: string | null
  readonly password: string | null
  readonly database: string
  readonly socket: string | null
}

const recorded = JSON.parse(readFileSync(new URL('fixtures/urls.json', import.meta.url), 'utf8')) as Recorded[]

t.test('reads URLs as SQLAlchemy does (recorded)', async t => {
  for (const { url, host, port, user, password, database, socket } of recorded) {
    const {
      user: gotUser,
      password: gotPassword,
      database: gotDatabase,
      ...place
    } = parseDatabaseUrl(url, '/url')
    t.equal(gotUser ?? null, user, `user of ${url}`)
    t.equal(gotPassword ?? null, password, `password of ${url}`)
    t.equal(gotDatabase, database, `database of ${url}`)
    // The driver's own defaults, as PyMySQL has them.
    t.same(place, socket === null ? { host: host ?? 'localhost', port: port ?? 3306 } : { socketPath: socket })
  }
})

t.test('refuses what it can not read, and never shows it', async t => {
  for (const url of [
    '',
    'secret',
    'postgresql://u:secret@h/d',
    'sqlite:///secret',
    'mysql://u:secret@h',
    'mysql://u:secret@h/',
    'mysql://u:secret@h:port/d',
    'mysql://u:secret@h:0/d',
    'mysql://u:secret@h:65536/d',
    'mysql://u:secret%C3@h/d',
    'my-sql://u:secret@h/d',
  ])
    t.throws(
      () => parseDatabaseUrl(url, '/cells/0/database'),
      { name: 'InvalidUrlError', code: 'invalid-url', path: '/cells/0/database', message: /^(?!.*secret)/ },
      url,
    )
})
