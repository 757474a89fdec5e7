// @ts-check
/**
 * Gets a RabbitMQ server once and keeps it in a cache. Its packages are unpacked there and not installed: so no service starts, no
 * user is made, and nobody has to be root.
 *
 *   node scripts/rabbitmq.mjs    prints the path of what starts a node
 */
import { existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheOf, keep } from './keep.mjs'
import { exitWith, NotReady, step } from './ready.mjs'
import { run } from './run.mjs'

/** The server, and of Erlang what it is made of. */
const PACKAGES = [
  'rabbitmq-server',
  ...['base', 'asn1', 'crypto', 'eldap', 'inets', 'mnesia', 'os-mon', 'parsetools', 'public-key'].map(
    name => `erlang-${name}`,
  ),
  ...['runtime-tools', 'ssl', 'syntax-tools', 'tools', 'xmerl'].map(name => `erlang-${name}`),
]

// Takes the options of a database server, as src/testing/watchdog.ts gives them, and behind `--` the settings and the ports of
// epmd, of Erlang's distribution, and of AMQP. exec: the process that is watched is the node. What it starts ends with it: epmd by
// the signal of a parent's death, which is why it is here before Erlang would start one that stays.
const LAUNCHER = `#!/bin/sh
root=$(dirname "$(readlink -f "$0")")/root
for option; do
  case $option in --datadir=*) data=\${option#*=} ;; esac
done
until [ "$1" = -- ]; do shift; done
export ERL_EPMD_PORT="$3" ERL_EPMD_ADDRESS=127.0.0.1
export RABBITMQ_DIST_PORT="$4" RABBITMQ_NODE_PORT="$5" RABBITMQ_NODE_IP_ADDRESS=127.0.0.1
mkdir -p "$data/home"
printf %s "$2" >"$data/rabbitmq.conf"
export HOME="$data/home" ROOTDIR="$root/usr/lib/erlang" EMU=beam PROGNAME=erl
for BINDIR in "$ROOTDIR"/erts-*/bin; do :; done
export BINDIR PATH="$root/bin:$BINDIR:$PATH"
export RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_CONFIG_FILE="$data/rabbitmq.conf" RABBITMQ_ADVANCED_CONFIG_FILE="$data/advanced.config"
export RABBITMQ_NODENAME=crosscell@localhost RABBITMQ_MNESIA_BASE="$data/mnesia" RABBITMQ_LOG_BASE="$data/log" RABBITMQ_LOGS=-
export RABBITMQ_ENABLED_PLUGINS_FILE="$data/plugins" RABBITMQ_GENERATED_CONFIG_DIR="$data/generated" RABBITMQ_ALLOW_INPUT=1
setpriv --pdeathsig KILL epmd &
until epmd -names >/dev/null 2>&1; do :; done
for server in "$root"/usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server; do :; done
exec "$server" -noinput
`

// What Debian's is, but for the folder, which Debian's has written into it.
const ERL = `#!/bin/sh
exec "$BINDIR/erlexec" "$@"
`

/**
 * What starts a node, with the folder of what it needs beside it.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>}
 */
export async function rabbitmq(env) {
  const kept = join(cacheOf(env), 'rabbitmq')
  if (!existsSync(kept)) await fetchInto(kept)
  return join(kept, 'node')
}

/**
 * Why there is no RabbitMQ here; undefined when there is.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>}
 */
export async function whyNoRabbitMQ(env) {
  try {
    await rabbitmq(env)
    return undefined
  } catch (error) {
    if (error instanceof NotReady) return error.message
    throw error
  }
}

/** @param {string} kept */
async function fetchInto(kept) {
  for (const name of ['apt-get', 'dpkg-deb', 'setpriv'])
    if (!(process.env.PATH ?? '').split(':').some(folder => folder !== '' && existsSync(join(folder, name))))
      throw new NotReady(`A node of RabbitMQ needs ${name} of Debian, which is not here.`)
  await keep(kept, { name: 'node', text: LAUNCHER }, async folder => {
    const packages = join(folder, 'packages')
    mkdirSync(packages)
    const fetch = ['-c', 'cd "$1" && shift && exec apt-get download "$@"', 'fetch', packages, ...PACKAGES]
    const what = `fetching RabbitMQ from Debian into ${kept} (some 30 MB, once)`
    // Where nobody has ever looked for packages, there are no lists of them.
    const known = await run('apt-cache', ['show', 'rabbitmq-server'], { quiet: true })
    if (known.code !== 0) await step('refreshing the package lists', 'apt-get', ['update'], { mayFail: true })
    await step(what, 'sh', fetch)
    const root = join(folder, 'root')
    const unpack = `for deb in "$1"/*.deb; do dpkg-deb -x "$deb" "$2" || exit; done
mkdir "$2/bin" && printf %s "$3" >"$2/bin/erl" && chmod +x "$2/bin/erl"`
    await step('unpacking it', 'sh', ['-c', unpack, 'unpack', packages, root, ERL])
    rmSync(packages, { recursive: true })
  })
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  await exitWith(async () => {
    console.log(await rabbitmq(process.env))
    return 0
  })
