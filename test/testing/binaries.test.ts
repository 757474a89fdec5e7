import t from 'tap'
import { findMariaDB, findMySQL } from '../../src/testing/binaries.js'

t.test(
  'the server and its install script are found in PATH, in the usual folders, and side by side',
  async t => {
    const dir = t.testdir({
      bin: { mariadbd: '', mysqld: '', 'mariadb-install-db': '' },
      tarball: { bin: { mariadbd: '' }, scripts: { 'mariadb-install-db': '' } },
      plain: { mariadbd: 'not executable' },
    })
    const { chmodSync } = await import('node:fs')
    const programs = [
      'bin/mariadbd',
      'bin/mysqld',
      'bin/mariadb-install-db',
      'tarball/bin/mariadbd',
      'tarball/scripts/mariadb-install-db',
    ]
    for (const file of programs) chmodSync(`${dir}/${file}`, 0o755)

    const bin = { server: `${dir}/bin/mariadbd`, install: `${dir}/bin/mariadb-install-db` }
    t.same(findMariaDB({ PATH: `${dir}/plain:${dir}/bin` }, []), bin)
    t.same(findMariaDB({}, [`${dir}/bin`]), bin)
    t.same(findMariaDB({ PATH: `${dir}/bin`, CROSSCELL_MARIADBD: `${dir}/tarball/bin/mariadbd` }, []), {
      server: `${dir}/tarball/bin/mariadbd`,
      install: `${dir}/tarball/scripts/mariadb-install-db`,
    })
  },
)

t.test('without a server the error says what to install or to set', async t => {
  t.throws(() => findMariaDB({ PATH: t.testdirName }, []), {
    code: 'mariadb-not-found',
    message: /no MariaDB server found: install Debian's mariadb-server or set CROSSCELL_MARIADBD/,
  })
  t.throws(() => findMariaDB({ CROSSCELL_MARIADBD: '/nowhere/mariadbd' }), {
    code: 'mariadb-not-found',
    message: /no MariaDB server at CROSSCELL_MARIADBD \(\/nowhere\/mariadbd\)/,
  })
})

t.test('MySQL is found by its own binary, not by the link that MariaDB’s packages have', async t => {
  const dir = t.testdir({
    mariadb: { mariadbd: '', mysqld: t.fixture('symlink', 'mariadbd') },
    mysql: { mysqld: '', other: '' },
  })
  const { chmodSync } = await import('node:fs')
  for (const file of ['mariadb/mariadbd', 'mysql/mysqld', 'mysql/other']) chmodSync(`${dir}/${file}`, 0o755)
  const found = (file: string) => ({ server: file, install: file })
  t.same(findMySQL({ PATH: `${dir}/mariadb:${dir}/mysql` }, []), found(`${dir}/mysql/mysqld`))
  t.same(findMySQL({ CROSSCELL_MYSQLD: `${dir}/mysql/other` }), found(`${dir}/mysql/other`))
  t.throws(() => findMySQL({ PATH: `${dir}/mariadb` }, []), {
    code: 'mysql-not-found',
    message: /no MySQL server found: set CROSSCELL_MYSQLD to a mysqld/,
  })
})
