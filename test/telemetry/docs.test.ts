import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { format } from 'node:util'
import { Registry } from 'prom-client'
import t from 'tap'
import { measureIndexer } from '../../src/telemetry/prometheus.js'
import { startLocalCells } from '../../src/testing/local-cells.js'

const page = await readFile(new URL('../../docs/observability.md', import.meta.url), 'utf8')
const codes = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!)
const ENTRIES = {
  '': 'index',
  '/indexing': 'indexing/index',
  '/search/embedded': 'search/embedded/index',
  '/opentelemetry': 'telemetry/opentelemetry',
  '/prometheus': 'telemetry/prometheus',
}

const local = await startLocalCells({ cells: 2, instances: 200, relations: false })
t.teardown(() => local.stop())
await local.query(
  'api',
  `UPDATE cell_mappings SET database_connection = 'mysql://127.0.0.1:1/x' WHERE name = 'cell2'`,
)
const folder = await mkdtemp(join(tmpdir(), 'crosscell-docs-'))
t.teardown(() => rm(folder, { recursive: true }))
await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'))
process.env.API_DATABASE = local.apiDatabase!
process.env.INDEX = join(folder, 'index.db')

for (const [at, title, expected] of [
  [
    0,
    'observe',
    [
      /^\d+ cell2 failed ECONNREFUSED { ms: [\d.]+, waited: [\d.]+ } SELECT /,
      /^list instances partial { ms: [\d.]+, rows: 10, fetched: \d+ }$/,
      /^cell2 failed ECONNREFUSED$/,
    ],
  ],
  [1, 'OpenTelemetry', [/^false$/]],
  [
    2,
    'Prometheus',
    [
      /^crosscell_request_duration_seconds_count{verb="list",resource="instances",outcome="partial"} 1$/m,
      /^crosscell_cells_missed_total{cell="cell2",state="failed"} 1$/m,
    ],
  ],
  [3, 'an indexer', [/^crosscell_index_up 1$/m, /^crosscell_index_state{cell="cell2",state="unknown"} 1$/m]],
] as const)
  t.test(`the code of docs/observability.md runs as it is pasted: ${title}`, async t => {
    let code = codes[at]!
    for (const [entry, path] of Object.entries(ENTRIES))
      code = code.replace(
        `from 'crosscell${entry}'`,
        `from '${new URL(`../../src/${path}.ts`, import.meta.url)}'`,
      )
    const file = join(folder, `${at}.mjs`)
    await writeFile(file, code)
    const lines: string[] = []
    t.intercept(console, 'log', { value: (...said: unknown[]) => lines.push(format(...said)) })
    await import(pathToFileURL(file).href)
    const text = lines.join('\n')
    for (const line of expected) t.match(text, new RegExp(line.source, 'm'))
  })

t.equal(codes.length, 4)

t.test('every metric of an indexer is in the table', async t => {
  const registry = new Registry()
  measureIndexer({ status: async () => ({ me: '', cells: [], feeds: [] }) }, { register: registry })
  const tables = [...page.matchAll(/^\| (`crosscell_.*?) \|/gm)].flatMap(
    ([, names]) => names!.match(/crosscell_(index|feed)_\w+/g) ?? [],
  )
  t.same(
    tables.sort(),
    registry
      .getMetricsAsArray()
      .map(({ name }) => name)
      .sort(),
  )
})
