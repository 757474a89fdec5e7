// @ts-check
/**
 * What `ready.mjs` decides, without doing anything: looks at files, never runs or changes one. Node builtins
 * only, because this runs before the dependencies are there.
 */
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

/** The variable that points at an existing server binary. */
export const serverVariable = 'CROSSCELL_MARIADBD'

/** Where servers live that are not in a plain user's PATH. */
export const systemFolders = ['/usr/sbin', '/usr/local/sbin', '/usr/libexec', '/usr/bin', '/usr/local/bin']

/** The Debian packages that hold the server without its service and without a system database. */
export const debianPackages = ['mariadb-server-core', 'mariadb-client-core']

/**
 * @param {string} version of Node, such as `20.19.0`
 * @param {string} range from package.json, such as `>=20.19`
 * @returns {boolean}
 */
export function nodeIsNewEnough(version, range) {
  const numbers = (/** @type {string} */ text) => text.replace(/^\D+/, '').split('.').map(Number)
  const [major = 0, minor = 0] = numbers(version)
  const [leastMajor = 0, leastMinor = 0] = numbers(range)
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}

/**
 * What to do about `node_modules`: nothing, or an npm command. It compares what the lockfile asks for with
 * npm's own record of what it installed; packages for other platforms may be absent.
 *
 * @param {string} root the project's folder
 * @returns {'nothing' | 'ci' | 'install'}
 */
export function npmCommand(root) {
  const manifest = json(join(root, 'package.json')) ?? {}
  const lock = json(join(root, 'package-lock.json'))
  if (!lock?.packages) return 'install'
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies']
  const asks = (/** @type {any} */ from) => JSON.stringify(kinds.map(kind => sorted(from?.[kind] ?? {})))
  if (asks(manifest) !== asks(lock.packages[''])) return 'install'

  const installed = json(join(root, 'node_modules', '.package-lock.json'))?.packages
  if (!installed) return 'ci'
  for (const [path, wanted] of Object.entries(lock.packages)) {
    if (path === '') continue
    const has = installed[path]
    if (!has ? !wanted.optional : has.version !== wanted.version || has.integrity !== wanted.integrity)
      return 'ci'
  }
  const direct = [...Object.keys(manifest.dependencies ?? {}), ...Object.keys(manifest.devDependencies ?? {})]
  return direct.every(name => existsSync(join(root, 'node_modules', name, 'package.json'))) ? 'nothing' : 'ci'
}

/**
 * @typedef {object} Server
 * @property {string} [server] the server binary
 * @property {string} [installer] the script that creates a data folder for it
 * @property {string} [problem] why there is nothing to start; without it, there is
 */

/**
 * Looks for a server and what belongs to it, in the places where `src/testing` looks.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} [folders] searched after PATH
 * @returns {Server}
 */
export function findServer(env, folders = systemFolders) {
  const search = [...(env.PATH ?? '').split(delimiter).filter(Boolean), ...folders]
  const chosen = env[serverVariable]
  if (chosen && !isExecutable(chosen)) {
    return { problem: `${serverVariable} is set, but is no executable file: ${chosen}` }
  }
  const server = chosen || first(['mariadbd', 'mysqld'], search)
  if (!server) return { problem: 'No MariaDB server was found' }

  const home = dirname(dirname(server))
  const places = [join(home, 'scripts'), join(home, 'bin'), ...search]
  const installer = first(['mariadb-install-db', 'mysql_install_db'], places)
  if (!installer) return { server, problem: `No mariadb-install-db was found for ${server}` }
  if (!first(['my_print_defaults'], places)) {
    return { server, installer, problem: `No my_print_defaults was found, which ${installer} needs` }
  }
  return { server, installer }
}

/**
 * @param {Server} found
 * @param {{ env: NodeJS.ProcessEnv, isRoot: boolean }} may
 * @returns {{ act: 'nothing' | 'install' } | { act: 'stop', message: string }}
 */
export function serverAction(found, { env, isRoot }) {
  if (!found.problem) return { act: 'nothing' }
  const apt = first(['apt-get'], (env.PATH ?? '').split(delimiter).filter(Boolean))
  if (apt && isRoot && !env[serverVariable]) return { act: 'install' }
  return { act: 'stop', message: serverAdvice(found.problem) }
}

/** @param {string} problem */
export const serverAdvice = problem =>
  [
    `${problem}.`,
    'The demo and the tests start private MariaDB servers in a temporary folder. Either install one:',
    `  Debian, Ubuntu: sudo apt-get install ${debianPackages.join(' ')}`,
    '  elsewhere:      MariaDB server 10.6 or later, with mariadb-install-db',
    `or let ${serverVariable} point at an existing server binary (mariadbd).`,
  ].join('\n')

/**
 * Whether what was built is older than what it was built from, or not there at all. A file that was
 * deleted from `src` shows in its folder's time.
 *
 * @param {string} root
 * @returns {boolean}
 */
export function buildIsStale(root) {
  const built = times(join(root, 'dist'), false)
  if (built.length === 0) return true
  const from = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']
  const sources = [...times(join(root, 'src'), true), ...from.flatMap(name => times(join(root, name), false))]
  return Math.max(...sources) > Math.min(...built)
}

/**
 * @param {string} path
 * @param {boolean} folders whether the times of folders count, too
 * @returns {number[]}
 */
function times(path, folders) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return []
  if (!stat.isDirectory()) return [stat.mtimeMs]
  const inside = readdirSync(path).flatMap(name => times(join(path, name), folders))
  return folders ? [stat.mtimeMs, ...inside] : inside
}

/** @param {Record<string, string>} entries */
const sorted = entries => Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1))

/** @param {string} path */
function json(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * @param {string[]} names
 * @param {string[]} folders
 */
function first(names, folders) {
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(isExecutable)
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
