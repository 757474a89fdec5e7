import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { openCells } from '../src/index.js'
import { embeddedIndex } from '../src/search/embedded/index.js'
import { type LocalCells, startLocalCells } from '../src/testing/index.js'
import { compile } from './fixtures/compiled.js'
import { fill } from './listing/fixtures/filled-index.js'

/** Runs the first TypeScript of a page as it stands, but for paths, and gives the lines that it prints. */
const runCodeOf = async (
  t: Test,
  page: string,
  local: LocalCells,
  paths: Readonly<Record<string, string>> = {},
): Promise<string[]> => {
  let code = /```ts\n(.*?)```/s.exec(await readFile(new URL(page, import.meta.url), 'utf8'))![1]!
  const folder = t.testdir()
  const file = join(folder, 'page.mjs')
  for (const [, entry] of code.matchAll(/from 'crosscell\/?(.*)'/g)) compile(join(entry!, 'index.js'), folder)
  for (const [path, here] of Object.entries(paths)) code = code.replaceAll(path, here)
  await writeFile(file, code.replace(/from 'crosscell(.*)'/g, `from '.$1/index.js'`))
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], {
    env: { ...process.env, API_DATABASE: local.apiDatabase },
  })
  t.equal(stderr, '')
  return stdout.trim().split('\n')
}

t.test('the code of the README runs as it is pasted', async t => {
  const local = await startLocalCells({ cells: 2, instances: 200, relations: false })
  t.teardown(() => local.stop())
  await local.query(
    'cell1',
    `UPDATE instances SET project_id = 'a1b2', vm_state = 'active', deleted = 0, hidden = 0`,
  )
  const [[webs]] = (await local.query(
    'cell1',
    `SELECT COUNT(*) FROM instances WHERE display_name LIKE '%web%'`,
  )) as [[number]]
  const visible = await Promise.all(
    local.cells.map(async ({ name }) => {
      const [[count]] = (await local.query(
        name,
        `SELECT COUNT(*) FROM instances WHERE deleted = 0 AND NOT hidden <=> 1 AND NOT vm_state <=> 'soft-delete'`,
      )) as [[number]]
      return count
    }),
  )
  const lines = await runCodeOf(t, '../README.md', local)
  t.ok(webs > 0)
  t.equal(lines.length, webs + visible.reduce((a, b) => a + b), 'instances of the page, then all uuids')
})

t.test('the code of docs/resources.md runs as it is pasted', async t => {
  const local = await startLocalCells({ cells: 2, instances: 600 })
  t.teardown(() => local.stop())
  let faults = 0
  for (const { name } of local.cells)
    faults += Number(
      (
        await local.query(name, 'SELECT COUNT(*) FROM instance_faults WHERE deleted = 0 AND code >= 500')
      )[0]![0],
    )
  t.ok(faults > 10)
  t.equal((await runCodeOf(t, '../docs/resources.md', local)).length, faults)
})

t.test('the code of docs/search.md runs as it is pasted', async t => {
  const local = await startLocalCells({ cells: 2, instances: 60 })
  t.teardown(() => local.stop())
  const name = (n: number): string => `web ${n} at 10.0.3.${n}`
  for (const n of [1, 2])
    await local.query(
      `cell${n}`,
      `UPDATE instances SET display_name = ?, vm_state = 'active', deleted = 0, hidden = 0 ORDER BY id LIMIT 1`,
      [name(n)],
    )
  const kept = await mkdtemp(join(tmpdir(), 'crosscell-index-'))
  t.teardown(() => rm(kept, { recursive: true }))
  const path = join(kept, 'index.db')
  const index = embeddedIndex({ path })
  const cells = await openCells({ apiDatabase: local.apiDatabase!, index })
  await fill(index, local.apiDatabase!)
  await cells.close()

  const [source, ...lines] = await runCodeOf(t, '../docs/search.md', local, {
    '/var/lib/crosscell/index.db': path,
  })
  t.equal(source, 'index')
  const asOf = lines.filter(line => /^cell[012] \d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/.test(line))
  t.equal(asOf.length, 3)
  const found = lines.filter(line => /^[\da-f-]{36} \[ 'display_name'/.test(line))
  t.ok(found.length >= 2)
  t.match(lines.at(-1), /^\w+ \d+$/, 'a facet')
})

t.test('the other entry is what it says', async t => {
  const testing = await import('../src/testing/index.js')
  t.type(testing.startMariaDB, 'function')
  const { openCells, instances, CELL0_UUID } = await import('../src/index.js')
  t.type(openCells, 'function')
  t.equal(instances.table, 'instances')
  t.equal(CELL0_UUID, '00000000-0000-0000-0000-000000000000')
})
