import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const project = fileURLToPath(new URL('../..', import.meta.url))
const packages = ['ajv', 'mysql2', 'lru-cache', 'amqplib', 'libsql', 'commander']
const peers = ['@opentelemetry/api', 'prom-client']
const tools = ['publint']

/** Runs the real rules over a small tree of `src` files, and gives what they found: `rule: from -> to`. */
const violations = async (t: Test, files: Record<string, string>): Promise<string[]> => {
  const root = t.testdir({
    'package.json': JSON.stringify({
      type: 'module',
      dependencies: Object.fromEntries(packages.map(name => [name, '1'])),
      devDependencies: Object.fromEntries([...tools, ...peers].map(name => [name, '1'])),
      peerDependencies: Object.fromEntries(peers.map(name => [name, '1'])),
    }),
    'tsconfig.json': '{ "compilerOptions": { "module": "nodenext" } }',
  })
  const installed = [...packages, ...peers, ...tools].flatMap(name => [
    [`node_modules/${name}/package.json`, '{ "main": "index.js" }'],
    [`node_modules/${name}/index.js`, ''],
  ])
  for (const [path, text] of [...installed, ...Object.entries(files)] as [string, string][]) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const command = join(project, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const config = join(project, '.dependency-cruiser.mjs')
  const output = await new Promise<string>(done => {
    const args = [command, '--config', config, '--output-type', 'json', 'src']
    execFile(process.execPath, args, { cwd: root, maxBuffer: 2 ** 26 }, (_, stdout) => done(stdout))
  })
  const { summary } = JSON.parse(output)
  return summary.violations
    .map(
      ({ rule, from, to }: { rule: { name: string }; from: string; to: string }) =>
        `${rule.name}: ${from} -> ${to}`,
    )
    .sort()
}

const floors = [
  'engine',
  'sql',
  'resources',
  'validation',
  'cells',
  'search',
  'listing',
  'indexing',
  'rest',
  'testing',
  'cli',
  'telemetry',
]
const entries = ['testing', 'cli', 'telemetry']

t.test('a house where each floor imports from all floors above it has no violations', async t => {
  const files: Record<string, string> = {
    'src/errors.ts': 'export const x = 1',
    'src/observability.ts': "import 'node:diagnostics_channel'\nexport { x } from './errors.js'",
    'src/index.ts': floors
      .filter(floor => !entries.includes(floor))
      .map(floor => `export { x as ${floor} } from './${floor}/x.js'`)
      .join('\n'),
    'src/engine/cursor.ts': "import 'node:crypto'\nimport 'node:buffer'",
    'src/validation/schemas.ts': "import 'ajv'",
    'src/cells/pool.ts': "import 'mysql2'\nimport 'lru-cache'\nimport 'node:net'",
    'src/listing/marker.ts': "import 'lru-cache'",
    'src/search/embedded.ts': "import 'libsql'",
    'src/indexing/rabbitmq.ts': "import 'amqplib'",
    'src/cli/main.ts': "import 'commander'",
    'src/telemetry/opentelemetry.ts': "import '@opentelemetry/api'\nimport './x.js'",
    'src/telemetry/prometheus.ts': "import 'prom-client'",
  }
  floors.forEach((floor, at) => {
    const floorsAbove = floor === 'telemetry' ? [] : floors.slice(0, at)
    const above = ['../errors.js', '../observability.js', ...floorsAbove.map(name => `../${name}/x.js`)]
    files[`src/${floor}/x.ts`] = above
      .map(path => `import '${path}'`)
      .join('\n')
      .concat('\nexport const x = 1')
  })
  t.strictSame(await violations(t, files), [])
})

t.test('no floor imports from a floor below it', async t => {
  const all = ['top', ...floors]
  const file = (floor: string) => (floor === 'top' ? 'src/errors.ts' : `src/${floor}/x.ts`)
  const files: Record<string, string> = {}
  const expected: string[] = []
  all.forEach((floor, at) => {
    const below = all.slice(at + 1)
    files[file(floor)] = below
      .map(name => `import '${floor === 'top' ? '.' : '..'}/${name}/x.js'`)
      .concat('export const x = 1')
      .join('\n')
    for (const name of below) expected.push(`${floor}-imports-upwards: ${file(floor)} -> ${file(name)}`)
  })
  t.strictSame(await violations(t, files), expected.sort())
})

t.test('each package is imported on its own floor alone', async t => {
  const own: Record<string, string[]> = {
    validation: ['ajv'],
    cells: ['mysql2', 'lru-cache'],
    listing: ['lru-cache'],
    search: ['libsql', 'lru-cache'],
    indexing: ['amqplib', 'lru-cache'],
    cli: ['commander'],
    telemetry: peers,
  }
  const files: Record<string, string> = {}
  const expected: string[] = []
  for (const floor of floors) {
    files[`src/${floor}/x.ts`] = [...packages, ...peers].map(name => `import '${name}'`).join('\n')
    for (const name of [...packages, ...peers].filter(name => !own[floor]?.includes(name))) {
      expected.push(`${floor}-packages: src/${floor}/x.ts -> node_modules/${name}/index.js`)
    }
  }
  t.strictSame(await violations(t, files), expected.sort())
})

t.test('a type of a package, or an import() of it, is an import like any other', async t => {
  const files = {
    'src/sql/type.ts': "import type { Pool } from 'mysql2'\nexport type P = Pool",
    'src/sql/lazy.ts': "export const load = () => import('mysql2')",
  }
  t.strictSame(await violations(t, files), [
    'sql-packages: src/sql/lazy.ts -> node_modules/mysql2/index.js',
    'sql-packages: src/sql/type.ts -> node_modules/mysql2/index.js',
  ])
})

t.test('the pure floors import nothing of Node, but for the cursor of the engine', async t => {
  const pure = "import 'node:fs'\nimport 'timers'\nimport 'node:crypto'\nimport 'node:buffer'"
  t.strictSame(
    await violations(t, { 'src/engine/x.ts': pure, 'src/sql/x.ts': pure, 'src/resources/x.ts': pure }),
    [
      ...['fs', 'timers'].map(name => `engine-builtins: src/engine/x.ts -> ${name}`),
      ...['buffer', 'crypto', 'fs', 'timers'].map(name => `resources-builtins: src/resources/x.ts -> ${name}`),
      ...['buffer', 'crypto', 'fs', 'timers'].map(name => `sql-builtins: src/sql/x.ts -> ${name}`),
    ],
  )
})

t.test('the index is the surface of the library: no command, no test cells, nothing from outside', async t => {
  const files = {
    'src/index.ts': [...entries.map(name => `./${name}/x.js`), 'mysql2']
      .map(name => `import '${name}'`)
      .join('\n'),
    ...Object.fromEntries(entries.map(name => [`src/${name}/x.ts`, 'export const x = 1'])),
    'src/rest/x.ts': "import '../index.js'",
  }
  t.strictSame(await violations(t, files), [
    'index-imports-nothing-from-outside: src/index.ts -> node_modules/mysql2/index.js',
    'index-is-the-public-surface: src/index.ts -> src/cli/x.ts',
    'index-is-the-public-surface: src/index.ts -> src/telemetry/x.ts',
    'index-is-the-public-surface: src/index.ts -> src/testing/x.ts',
    'nobody-imports-the-index: src/rest/x.ts -> src/index.ts',
  ])
})

t.test('telemetry is made of messages alone', async t => {
  const files = {
    'src/telemetry/x.ts': "import '../observability.js'\nimport '../listing/x.js'\nimport 'node:fs'",
    'src/observability.ts': 'export const x = 1',
    'src/listing/x.ts': 'export const x = 1',
  }
  t.strictSame(await violations(t, files), [
    'telemetry-builtins: src/telemetry/x.ts -> fs',
    'telemetry-listens-only: src/telemetry/x.ts -> src/listing/x.ts',
  ])
})

t.test('nothing lives in a folder that the house does not have', async t => {
  const files = {
    'src/engine/x.ts': "import '../utils/x.js'\nexport const x = 1",
    'src/utils/x.ts': 'export const x = 1',
    'src/types/x.ts': "import '../engine/x.js'",
  }
  t.strictSame(await violations(t, files), [
    'no-import-of-an-unknown-folder: src/engine/x.ts -> src/utils/x.ts',
    'no-unknown-folder: src/types/x.ts -> src/engine/x.ts',
  ])
})

t.test('nothing goes in a circle, is missing, or comes from beside the package', async t => {
  const files = {
    'src/rest/a.ts': "import type { B } from './b.js'\nexport type A = B",
    'src/rest/b.ts': "import type { A } from './a.js'\nexport type B = A",
    'src/rest/missing.ts': "import './nowhere.js'",
    'src/rest/tool.ts': "import 'publint'",
    'src/rest/test.ts': "import '../../test/x.js'",
    'test/x.ts': 'export const x = 1',
  }
  const found = await violations(t, files)
  for (const expected of [
    /^no-circle: src\/rest\/[ab]\.ts/,
    /^resolvable: src\/rest\/missing\.ts/,
    /^no-development-package: src\/rest\/tool\.ts -> node_modules\/publint/,
    /^no-import-from-beside-src: src\/rest\/test\.ts -> test\/x\.ts/,
  ]) {
    t.ok(
      found.some(violation => expected.test(violation)),
      String(expected),
    )
  }
})
