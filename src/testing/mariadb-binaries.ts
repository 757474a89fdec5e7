import { accessSync, constants } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { failure } from './failure.js'

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

const find = (names: readonly string[], folders: readonly string[]): string | undefined =>
  names.flatMap(name => folders.map(folder => join(folder, name))).find(executable)

/** The server and the script that makes its first data folder: `CROSSCELL_MARIADBD`, then PATH, then the usual folders. */
export const findBinaries = (env: NodeJS.ProcessEnv, system: readonly string[] = SYSTEM): Binaries => {
  const path = [...(env.PATH ?? '').split(delimiter).filter(Boolean), ...system]
  const wanted = env.CROSSCELL_MARIADBD
  const server = wanted ? find([wanted], ['']) : find(['mariadbd', 'mysqld'], path)
  // An unpacked tarball keeps the server in bin/ and the script in scripts/; its own script comes first.
  const home = server ? dirname(dirname(server)) : ''
  const install =
    server &&
    find(['mariadb-install-db', 'mysql_install_db'], [join(home, 'scripts'), join(home, 'bin'), ...path])
  if (!server || !install)
    throw failure(
      'mariadb-not-found',
      `no MariaDB server ${wanted ? `at CROSSCELL_MARIADBD (${wanted})` : 'found'}: install Debian's mariadb-server ` +
        'or set CROSSCELL_MARIADBD to a mariadbd',
    )
  return { server, install }
}
