import t from 'tap'
import { findBinaries } from '../../src/testing/mariadb-binaries.js'

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
    t.same(findBinaries({ PATH: `${dir}/plain:${dir}/bin` }, []), bin)
    t.same(findBinaries({}, [`${dir}/bin`]), bin)
    t.same(findBinaries({ PATH: `${dir}/bin`, CROSSCELL_MARIADBD: `${dir}/tarball/bin/mariadbd` }, []), {
      server: `${dir}/tarball/bin/mariadbd`,
      install: `${dir}/tarball/scripts/mariadb-install-db`,
    })
  },
)

t.test('without a server the error says what to install or to set', async t => {
  t.throws(() => findBinaries({ PATH: t.testdirName }, []), {
    code: 'mariadb-not-found',
    message: /no MariaDB server found: install Debian's mariadb-server or set CROSSCELL_MARIADBD/,
  })
  t.throws(() => findBinaries({ CROSSCELL_MARIADBD: '/nowhere/mariadbd' }), {
    code: 'mariadb-not-found',
    message: /no MariaDB server at CROSSCELL_MARIADBD \(\/nowhere\/mariadbd\)/,
  })
})
