import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { type LocalCells, startLocalCells } from '../src/testing/index.js'

/** Runs the first TypeScript of a page as it stands, and gives the lines that it prints. */
const runCodeOf = async (t: Test, page: string, local: LocalCells): Promise<string[]> => {
  const code = /```ts\n(.*?)```/s.exec(await readFile(new URL(page, import.meta.url), 'utf8'))![1]!
  const folder = await mkdtemp(join(tmpdir(), 'crosscell-docs-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = join(folder, 'page.mjs')
  const index = new URL('../src/index.ts', import.meta.url).href
  await writeFile(file, code.replace(`from 'crosscell'`, `from '${index}'`))
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...process.execArgv, file], {
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

t.test('the other entry is what it says', async t => {
  const testing = await import('../src/testing/index.js')
  t.type(testing.startMariaDB, 'function')
  const { openCells, instances, CELL0_UUID } = await import('../src/index.js')
  t.type(openCells, 'function')
  t.equal(instances.table, 'instances')
  t.equal(CELL0_UUID, '00000000-0000-0000-0000-000000000000')
})
