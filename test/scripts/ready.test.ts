import { chmodSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import {
  buildIsStale,
  findServer,
  nodeIsNewEnough,
  npmCommand,
  serverAction,
} from '../../scripts/decisions.mjs'

/** A folder with executable files in it, by path. */
const withPrograms = (t: Test, ...paths: string[]): string => {
  const folder = t.testdir()
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), '#!/bin/sh\n')
    chmodSync(join(folder, path), 0o755)
  }
  return folder
}

t.test('Node', async t => {
  t.ok(nodeIsNewEnough('20.19.0', '>=20.19'), 'the floor itself is enough')
  t.ok(nodeIsNewEnough('22.0.0', '>=20.19'), 'a later major version is enough')
  t.notOk(nodeIsNewEnough('20.18.3', '>=20.19'), 'an earlier minor version is not')
  t.notOk(nodeIsNewEnough('18.20.0', '>=20.19'), 'an earlier major version is not')
})

t.test('npm dependencies', async t => {
  const manifest = { dependencies: { a: '^1.0.0' }, devDependencies: { b: '^2.0.0' } }
  const packages = {
    '': { devDependencies: { b: '^2.0.0' }, dependencies: { a: '^1.0.0' } },
    'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' },
    'node_modules/b': { version: '2.0.0', integrity: 'sha512-b' },
    'node_modules/for-another-platform': { version: '1.0.0', integrity: 'sha512-c', optional: true },
  }
  const { '': _, 'node_modules/for-another-platform': __, ...installed } = packages
  const project = (
    t: Test,
    { lock = { packages }, has = { packages: installed } }: Record<string, object> = {},
  ) =>
    t.testdir({
      'package.json': JSON.stringify(manifest),
      'package-lock.json': JSON.stringify(lock),
      node_modules: {
        '.package-lock.json': JSON.stringify(has),
        a: { 'package.json': '{}' },
        b: { 'package.json': '{}' },
      },
    })

  t.test('are left alone when everything in the lockfile is there', async t => {
    t.equal(npmCommand(project(t)), 'nothing')
  })
  t.test('are installed when node_modules is missing', async t => {
    const root = project(t)
    rmSync(join(root, 'node_modules'), { recursive: true })
    t.equal(npmCommand(root), 'ci')
  })
  t.test('are installed when an installation was interrupted', async t => {
    const root = project(t)
    rmSync(join(root, 'node_modules/.package-lock.json'))
    t.equal(npmCommand(root), 'ci')
  })
  t.test('are installed when a package has another version than the lockfile', async t => {
    const has = { packages: { ...installed, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } } }
    t.equal(npmCommand(project(t, { has })), 'ci')
  })
  t.test('are installed when a package has another content than the lockfile', async t => {
    const has = { packages: { ...installed, 'node_modules/a': { version: '1.0.1', integrity: 'sha512-x' } } }
    t.equal(npmCommand(project(t, { has })), 'ci')
  })
  t.test('are installed when the lockfile has a package more', async t => {
    const lock = { packages: { ...packages, 'node_modules/c': { version: '1.0.0' } } }
    t.equal(npmCommand(project(t, { lock })), 'ci')
  })
  t.test("are installed when a package's folder was deleted", async t => {
    const root = project(t)
    rmSync(join(root, 'node_modules/b'), { recursive: true })
    t.equal(npmCommand(root), 'ci')
  })
  t.test('are installed without `ci` when there is no lockfile, or none that can be read', async t => {
    const root = project(t)
    writeFileSync(join(root, 'package-lock.json'), '{')
    t.equal(npmCommand(root), 'install')
    rmSync(join(root, 'package-lock.json'))
    t.equal(npmCommand(root), 'install')
  })
  t.test('are installed without `ci` when package.json asks for other packages than the lockfile', async t => {
    const lock = { packages: { ...packages, '': { dependencies: { a: '^1.0.0' } } } }
    t.equal(npmCommand(project(t, { lock })), 'install')
  })
})

t.test('the MariaDB server', async t => {
  const script = 'bin/mariadb-install-db'
  const helper = 'bin/my_print_defaults'

  t.test('is found in PATH', async t => {
    const root = withPrograms(t, 'bin/mariadbd', script, helper)
    t.strictSame(findServer({ PATH: `/nowhere:${root}/bin` }, []), {
      server: `${root}/bin/mariadbd`,
      installer: `${root}/bin/mariadb-install-db`,
    })
  })
  t.test("is found in the system's folders", async t => {
    const root = withPrograms(t, 'sbin/mariadbd', script, helper)
    t.equal(findServer({ PATH: `${root}/bin` }, [`${root}/sbin`]).server, `${root}/sbin/mariadbd`)
  })
  t.test('may have the older names', async t => {
    const root = withPrograms(t, 'bin/mysqld', 'bin/mysql_install_db', helper)
    t.strictSame(findServer({ PATH: `${root}/bin` }, []), {
      server: `${root}/bin/mysqld`,
      installer: `${root}/bin/mysql_install_db`,
    })
  })
  t.test('is the one that the variable names, with its own script', async t => {
    const root = withPrograms(
      t,
      'bin/mariadbd',
      script,
      helper,
      'own/bin/mariadbd',
      'own/scripts/mariadb-install-db',
    )
    t.strictSame(findServer({ PATH: `${root}/bin`, CROSSCELL_MARIADBD: `${root}/own/bin/mariadbd` }, []), {
      server: `${root}/own/bin/mariadbd`,
      installer: `${root}/own/scripts/mariadb-install-db`,
    })
  })
  t.test('is not taken from elsewhere when the variable names no executable file', async t => {
    const root = withPrograms(t, 'bin/mariadbd', script, helper)
    writeFileSync(join(root, 'text'), '')
    for (const wrong of ['text', 'bin', 'missing']) {
      const found = findServer({ PATH: `${root}/bin`, CROSSCELL_MARIADBD: join(root, wrong) }, [])
      t.match(found, { server: undefined, problem: `${root}/${wrong}` }, wrong)
    }
  })
  t.test('is missing', async t => {
    t.match(findServer({ PATH: t.testdir() }, []), {
      server: undefined,
      problem: 'No MariaDB server was found',
    })
    t.match(findServer({}, []), { server: undefined })
  })
  t.test('is of no use without the script that creates its data folder', async t => {
    const root = withPrograms(t, 'bin/mariadbd')
    t.match(findServer({ PATH: `${root}/bin` }, []).problem, 'No mariadb-install-db was found')
  })
  t.test("is of no use without that script's helper", async t => {
    const root = withPrograms(t, 'bin/mariadbd', script)
    t.match(findServer({ PATH: `${root}/bin` }, []).problem, 'No my_print_defaults was found')
  })
})

t.test('a server that was not found', async t => {
  const problem = 'No MariaDB server was found'

  t.test('is installed by root with apt-get', async t => {
    const env = { PATH: withPrograms(t, 'apt-get') }
    t.strictSame(serverAction({ problem }, { env, isRoot: true }), { act: 'install' })
  })
  t.test('is nothing to do anything about when there is one', async t => {
    t.strictSame(serverAction({ server: '/x' }, { env: {}, isRoot: false }), { act: 'nothing' })
  })
  t.test('stops everything with advice', async t => {
    const PATH = withPrograms(t, 'apt-get')
    const cases = {
      'without root': { env: { PATH }, isRoot: false },
      'without apt-get': { env: { PATH: '/nowhere' }, isRoot: true },
      'without a PATH': { env: {}, isRoot: true },
      'with a variable that is wrong': { env: { PATH, CROSSCELL_MARIADBD: '/nowhere' }, isRoot: true },
    }
    for (const [name, may] of Object.entries(cases)) {
      const action = serverAction({ problem }, may)
      t.match(action, { act: 'stop', message: problem }, name)
      t.match(action, { message: 'apt-get install mariadb-server-core' }, 'it says what to install')
      t.match(action, { message: 'CROSSCELL_MARIADBD' }, 'and which variable to set')
    }
  })
})

t.test('the build', async t => {
  const at = (seconds: number, ...paths: string[]) => {
    for (const path of paths) utimesSync(path, seconds, seconds)
  }
  const project = (t: Test) => {
    const root = t.testdir({
      'package.json': '{}',
      'tsconfig.json': '{}',
      src: { 'index.ts': '', engine: { 'merge.ts': '' } },
      dist: { 'index.js': '', engine: { 'merge.js': '' } },
    })
    at(
      1000,
      `${root}/package.json`,
      `${root}/tsconfig.json`,
      `${root}/src/index.ts`,
      `${root}/src/engine/merge.ts`,
    )
    at(1000, `${root}/src/engine`, `${root}/src`)
    at(2000, `${root}/dist/index.js`, `${root}/dist/engine/merge.js`)
    return root
  }

  t.test('is fresh when it is newer than all it is made of', async t => {
    t.notOk(buildIsStale(project(t)))
  })
  t.test('is stale when it is missing, or empty', async t => {
    const root = project(t)
    rmSync(`${root}/dist`, { recursive: true })
    t.ok(buildIsStale(root))
    mkdirSync(`${root}/dist`)
    t.ok(buildIsStale(root))
  })
  t.test('is stale when a source, or how it is compiled, changed since', async t => {
    for (const changed of ['src/engine/merge.ts', 'tsconfig.json', 'package.json']) {
      const root = project(t)
      at(3000, join(root, changed))
      t.ok(buildIsStale(root), changed)
    }
  })
  t.test('is stale when a source was deleted since', async t => {
    const root = project(t)
    rmSync(`${root}/src/engine/merge.ts`)
    t.ok(buildIsStale(root))
  })
  t.test('is stale when one of its files is older than a source', async t => {
    const root = project(t)
    at(500, `${root}/dist/engine/merge.js`)
    t.ok(buildIsStale(root))
  })
})
