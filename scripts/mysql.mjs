// @ts-check
/**
 * Gets a MySQL server once and keeps it in a cache; nothing on this host is installed but debootstrap.
 *
 *   node scripts/mysql.mjs    prints the path of a mysqld that runs here
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheOf, keep } from './keep.mjs'
import { exitWith, NotReady, step } from './ready.mjs'

/** The variable that points at an existing server binary. */
export const mysqlVariable = 'CROSSCELL_MYSQLD'

const where = `Without it, let ${mysqlVariable} point at an existing MySQL server binary (mysqld).`

// With its own libraries and loader a server of another Debian release runs here as it is: in no chroot, so that
// it sees the same paths as everybody, and by whichever user. exec: the process that is watched is the server.
const LAUNCHER = `#!/bin/sh
root=$(dirname "$(readlink -f "$0")")/root
for libraries in "$root"/usr/lib/*-linux-gnu; do :; done
for loader in "$libraries"/ld-linux-*.so.*; do :; done
exec "$loader" --library-path "$libraries" "$root/usr/sbin/mysqld" "$@" --basedir="$root/usr"
`

/**
 * A MySQL server that runs here: the one that `CROSSCELL_MYSQLD` names, else that of the cache.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ mysqld: string, version: string }>}
 */
export async function mysql(env) {
  const kept = join(cacheOf(env), 'mysql')
  const mysqld = env[mysqlVariable] || join(kept, 'mysqld')
  if (!env[mysqlVariable] && !existsSync(mysqld)) await fetchInto(kept)
  return { mysqld, version: versionOf(mysqld) }
}

/** @param {string} mysqld */
function versionOf(mysqld) {
  try {
    const said = execFileSync(mysqld, ['--no-defaults', '--version'], { encoding: 'utf8' })
    return /Ver (\S+)/.exec(said)?.[1] ?? said.trim()
  } catch (error) {
    throw new NotReady(
      `${mysqld} does not run (${/** @type {NodeJS.ErrnoException} */ (error).code}). ${where}`,
    )
  }
}

/** @param {string} kept */
async function fetchInto(kept) {
  await debootstrap()
  await keep(kept, { name: 'mysqld', text: LAUNCHER }, async folder => {
    const packages = join(folder, 'packages')
    await step(`fetching MySQL from Debian sid into ${kept} (some 400 MB, once)`, 'debootstrap', [
      '--download-only',
      '--variant=minbase',
      '--include=mysql-server-core',
      'sid',
      packages,
    ])
    const archives = join(packages, 'var/cache/apt/archives')
    mkdirSync(join(folder, 'root'))
    const unpack = `for deb in "$1"/*.deb; do dpkg-deb -x "$deb" "$2" || exit; done`
    await step('unpacking it', 'sh', ['-c', unpack, 'unpack', archives, join(folder, 'root')])
    rmSync(packages, { recursive: true })
  })
}

async function debootstrap() {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'].filter(Boolean)
  const has = (/** @type {string} */ name) => folders.some(folder => existsSync(join(folder, name)))
  if (process.getuid?.() !== 0) throw new NotReady(`Fetching MySQL with debootstrap needs root. ${where}`)
  if (!has('debootstrap') && has('apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    await step('refreshing the package lists', 'apt-get', ['update'], { env, mayFail: true })
    const install = ['install', '-y', '--no-install-recommends', '--no-remove', 'debootstrap']
    await step('installing debootstrap', 'apt-get', install, { env, mayFail: true, tidyMs: 600_000 })
  }
  for (const name of ['debootstrap', 'dpkg-deb'])
    if (!has(name)) throw new NotReady(`Fetching MySQL needs ${name}, which is not here. ${where}`)
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  await exitWith(async () => {
    const { mysqld, version } = await mysql(process.env)
    console.log(`MySQL ${version}: ${mysqld}`)
    return 0
  })
