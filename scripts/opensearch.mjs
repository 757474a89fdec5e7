// @ts-check
/**
 * Gets a node of OpenSearch once and keeps it in a cache; needs Maven and a JDK, and installs nothing.
 *
 *   node scripts/opensearch.mjs    prints the path of what starts one
 */
import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheOf, keep } from './keep.mjs'
import { exitWith, NotReady, root, step } from './ready.mjs'

const pom = join(root, 'scripts/opensearch.xml')
const source = join(root, 'scripts/opensearch.java')

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'

// Takes the options of a database server, as src/testing/watchdog.ts gives them, and behind `--` the port and options of
// Java's. exec: the process that is watched is the node.
const LAUNCHER = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
for option; do
  case $option in --datadir=*) data=\${option#*=} ;; esac
done
until [ "$1" = -- ]; do shift; done
port=$2
shift 2
exec java "-Djava.io.tmpdir=$TMPDIR" "$@" -cp "$here/classes:$here/lib/*" OpenSearchNode "$data" "$port"
`

/**
 * What starts a node.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>}
 */
export async function opensearch(env) {
  const [, version] = /<version>([\d.]+\.0)<\/version>/.exec(readFileSync(pom, 'utf8')) ?? []
  const kept = join(cacheOf(env), 'opensearch', `${version}`)
  if (!existsSync(kept)) await fetchInto(kept)
  return join(kept, 'node')
}

/**
 * Why there is no OpenSearch here; undefined when there is.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>}
 */
export async function whyNoOpenSearch(env) {
  if (env.OPENSEARCH_URL) return undefined
  try {
    await opensearch(env)
    return undefined
  } catch (error) {
    if (error instanceof NotReady) return error.message
    throw error
  }
}

/** @param {string} kept */
async function fetchInto(kept) {
  for (const name of ['mvn', 'java', 'javac'])
    if (!(process.env.PATH ?? '').split(':').some(folder => folder !== '' && existsSync(join(folder, name))))
      throw new NotReady(
        `A node of OpenSearch needs ${name}, which is not here; OPENSEARCH_URL may name another.`,
      )
  await keep(kept, { name: 'node', text: LAUNCHER }, async folder => {
    const jars = [
      '-B',
      '-f',
      pom,
      `-Dmaven.repo.local=${folder}/repository`,
      COPY,
      `-DoutputDirectory=${folder}/lib`,
    ]
    await step(`fetching OpenSearch from Maven Central into ${kept} (some 100 MB, once)`, 'mvn', jars)
    rmSync(join(folder, 'repository'), { recursive: true })
    const classes = ['-cp', `${folder}/lib/*`, '-d', `${folder}/classes`, source]
    await step('compiling its main class', 'javac', classes)
  })
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  await exitWith(async () => {
    console.log(await opensearch(process.env))
    return 0
  })
