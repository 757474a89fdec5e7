import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { openCells } from '../../src/index.js'
import { createIndexer } from '../../src/indexing/index.js'
import { STATES } from '../../src/indexing/rabbitmq/states.js'
import { embeddedIndex } from '../../src/search/embedded/index.js'
import { memoryIndex, startLocalCells } from '../../src/testing/index.js'
import { until } from './fixtures/command.js'

const page = await readFile(new URL('../../docs/indexing.md', import.meta.url), 'utf8')
const codes = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!)
const local = await startLocalCells({ cells: 1, cell0: false, instances: 150, bufferPoolMB: 16 })
t.teardown(() => local.stop())
const folder = await mkdtemp(join(tmpdir(), 'crosscell-docs-'))
t.teardown(() => rm(folder, { recursive: true }))
await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'))
const path = join(folder, 'index.db')
const env = {
  ...process.env,
  API_DATABASE: local.apiDatabase!,
  INDEX: path,
  TRANSPORT_URL: 'rabbit://nova:secret@127.0.0.1:1/',
}

const ENTRIES = {
  '': 'index',
  '/indexing': 'indexing/index',
  '/indexing/rabbitmq': 'indexing/rabbitmq/index',
  '/search/embedded': 'search/embedded/index',
}

/** The code as it is pasted, in a process of its own. */
const argsOf = async (at: number): Promise<string[]> => {
  let code = codes[at]!
  for (const [entry, path] of Object.entries(ENTRIES))
    code = code.replace(
      `from 'crosscell${entry}'`,
      `from '${new URL(`../../src/${path}.ts`, import.meta.url)}'`,
    )
  const file = join(folder, `${at}.mjs`)
  await writeFile(file, code)
  return [...process.execArgv, file]
}

t.equal(codes.length, 2)

t.test('the code of the runbook runs', async t => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, await argsOf(1), { env })
  t.equal(stderr, '')
  const lines = stdout.trim().split('\n')
  t.equal(lines[0], 'filling 0')
  t.match(lines.slice(-3), [
    'g1 150',
    'cell1 { drift: 0, mended: 0, withheld: 0, error: null }',
    /^cell1 (fresh|stale) 0$/,
  ])
})

t.test('an indexer as a program: it keeps the index true, and ends at SIGTERM', async t => {
  const child = spawn(process.execPath, await argsOf(0), { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  const stderr = text(child.stderr)
  const cells = await openCells({ apiDatabase: local.apiDatabase!, index: embeddedIndex({ path }) })
  t.teardown(() => cells.close())
  const indexer = createIndexer(cells)
  await until(async () => {
    const { state, holder } = (await indexer.status()).cells[0]!
    return state === 'fresh' && holder!.split(' ').includes(String(child.pid))
  })
  child.kill('SIGTERM')
  t.same(await exited, [0, null])
  t.equal(await stderr, '')
})

t.test('the grants are enough, and none is too many', async t => {
  const [user, ...grants] = /```sql\n(.*?)```/s
    .exec(page)![1]!
    .trim()
    .split('\n')
    .map(line => line.replace(/;.*$/, ''))
  const server = local.server('api')
  await server.query(user!)
  for (const grant of grants) await server.query(grant)
  await local.query(
    'api',
    `UPDATE cell_mappings SET database_connection = REPLACE(database_connection, 'root@', 'indexer:secret@')`,
  )
  const apiDatabase = local.apiDatabase!.replace('root@', 'indexer:secret@')
  const tries = async (): Promise<boolean> => {
    const cells = await openCells({ apiDatabase, index: memoryIndex() }).catch(() => undefined)
    if (cells === undefined) return false
    const failed = new AbortController()
    try {
      const indexer = createIndexer(cells)
      await indexer.rebuild({
        signal: failed.signal,
        progress: ({ cells }) => {
          if (cells.some(({ state }) => state === 'waiting')) failed.abort()
        },
      })
      return (await indexer.verify()).every(({ drift, error }) => drift === 0 && error === null)
    } catch {
      return false
    } finally {
      await cells.close()
    }
  }
  t.equal(await tries(), true)
  for (const grant of grants) {
    await server.query(grant.replace('GRANT', 'REVOKE').replace(' TO ', ' FROM '))
    t.equal(await tries(), /instance_mappings/.test(grant), `without ${grant}`)
    await server.query(grant)
  }
})

t.test('the states of the feed are those of the table', async t => {
  const rows = [...page.matchAll(/^\| (`\w+`(?:, `\w+`)*) \| (`\w+`(?:, `\w+`)*) \| `(\w+)` \|/gm)]
  const documented = rows.flatMap(([, states, events, next]) =>
    states!.split(', ').flatMap(state => events!.split(', ').map(event => `${state} ${event} \`${next}\``)),
  )
  const leads = Object.entries(STATES).flatMap(([state, steps]) =>
    Object.entries(steps)
      .filter(([, { next, actions }]) => next !== state || actions.length > 0)
      .map(([event, { next }]) => `\`${state}\` \`${event}\` \`${next}\``),
  )
  t.same(documented.sort(), leads.sort())
})
