// @ts-check
/**
 * Runs the tests that ask databases on MySQL instead of MariaDB, and those of a cloud that has both:
 *
 *   node scripts/mysql-test.mjs                      everything
 *   node scripts/mysql-test.mjs test/mysql/mixed.ts  some tests
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { mysql, mysqlVariable } from './mysql.mjs'
import { exitWith, ready, root } from './ready.mjs'
import { run } from './run.mjs'

const suites = ['test/cells', 'test/listing', 'test/nova', 'test/safety', 'test/testing']
// Of the search index what asks a cell: what its documents are compared by. Adapters know no database.
const search = ['layout', 'tests', 'weigher'].map(name => `test/search/${name}.test.ts`)
const files = [
  ...search,
  'test/validation/config.test.ts',
  'test/readme.test.ts',
  'test/fuzz/tenants-cells.test.ts',
]

/** @param {string} folder */
const testsIn = folder =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ name }) => `${folder}/${name}`)

await exitWith(async () => {
  await ready()
  const { mysqld, version } = await mysql(process.env)
  console.log(`MySQL ${version} (${mysqld})`)
  const some = process.argv.slice(2)
  // Not called *.test.ts: `npm test` passes them over.
  const tests = some.length > 0 ? some : [...suites.flatMap(testsIn), ...files, ...testsIn('test/mysql')]
  const env = { ...process.env, [mysqlVariable]: mysqld, CROSSCELL_TEST_SERVER: 'mysql' }
  return (await run(process.execPath, [join(root, 'scripts/test.mjs'), ...tests], { cwd: root, env })).code
})
