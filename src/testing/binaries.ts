import { accessSync, constants, realpathSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { failure } from './failure.js'

/** What makes a first data folder, and what runs on it. */
export interface Binaries {
  readonly server: string
  readonly install: string
}

const SYSTEM = ['/usr/sbin', '/usr/local/sbin', '/usr/libexec', '/usr/bin', '/usr/local/bin']

const executable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const all = (names: readonly string[], folders: readonly string[]): string[] =>
  names.flatMap(name => folders.map(folder => join(folder, name))).filter(executable)

const foldersOf = (env: NodeJS.ProcessEnv, system: readonly string[]): string[] => [
  ...(env.PATH ?? '').split(delimiter).filter(Boolean),
  ...system,
]

/** The server and the script that makes its first data folder: `CROSSCELL_MARIADBD`, then PATH, then the usual folders. */
export const findMariaDB = (env: NodeJS.ProcessEnv, system: readonly string[] = SYSTEM): Binaries => {
  const folders = foldersOf(env, system)
  const wanted = env.CROSSCELL_MARIADBD
  const [server] = wanted ? all([wanted], ['']) : all(['mariadbd', 'mysqld'], folders)
  // An unpacked tarball keeps the server in bin/ and the script in scripts/; its own script comes first.
  const home = server ? dirname(dirname(server)) : ''
  const [install] = all(
    ['mariadb-install-db', 'mysql_install_db'],
    [join(home, 'scripts'), join(home, 'bin'), ...folders],
  )
  if (!server || !install)
    throw failure(
      'mariadb-not-found',
      `no MariaDB server ${wanted ? `at CROSSCELL_MARIADBD (${wanted})` : 'found'}: install Debian's mariadb-server ` +
        'or set CROSSCELL_MARIADBD to a mariadbd',
    )
  return { server, install }
}

/** The server, which makes its first data folder itself: `CROSSCELL_MYSQLD`, then PATH, then the usual folders. */
export const findMySQL = (env: NodeJS.ProcessEnv, system: readonly string[] = SYSTEM): Binaries => {
  const wanted = env.CROSSCELL_MYSQLD
  const [server] = wanted
    ? all([wanted], [''])
    : // MariaDB's packages have a link of this name to their own server.
      all(['mysqld'], foldersOf(env, system)).filter(file => basename(realpathSync(file)) === 'mysqld')
  if (!server)
    throw failure(
      'mysql-not-found',
      `no MySQL server ${wanted ? `at CROSSCELL_MYSQLD (${wanted})` : 'found'}: set CROSSCELL_MYSQLD to a mysqld`,
    )
  return { server, install: server }
}
