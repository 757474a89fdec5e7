import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openCells } from '../../src/index.js'
import { createIndexer } from '../../src/indexing/index.js'
import { embeddedIndex } from '../../src/search/embedded/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'

const local = await startLocalCells({ cells: 2, instances: [10, 60, 40] })
t.teardown(() => local.stop())
const folder = mkdtempSync(join(tmpdir(), 'crosscell-indexer-'))
t.teardown(() => rmSync(folder, { recursive: true }))

t.test('rebuild, verify', async t => {
  const index = embeddedIndex({ path: join(folder, 'index.db') })
  const cells = await openCells({ apiDatabase: local.apiDatabase!, index })
  t.teardown(() => cells.close())
  const indexer = createIndexer(cells)
  const seen: unknown[] = []
  const built = await indexer.rebuild({ progress: p => seen.push(p) })
  t.comment(built, seen.at(-1))
  t.match(await indexer.verify(), [{ drift: 0 }, { drift: 0 }, { drift: 0 }])
  t.comment(await indexer.status())
  const all = {
    scope: 'all',
    filters: { deleted: 'any', hidden: 'any' },
    sort: ['display_name'],
    limit: 1000,
  } as const
  const a = await cells.instances.list(all, { source: 'index' })
  const b = await cells.instances.list(all, { source: 'cells' })
  t.equal(a.source, 'index')
  t.same(a.items, b.items)
  await local.query('cell1', `UPDATE instances SET display_name = 'changed silently' ORDER BY id LIMIT 3`)
  t.match(await indexer.verify({ repair: false }), [{}, { drift: 3, mended: 0 }, { drift: 0 }].slice(0, 3))
  t.comment(await indexer.verify())
  const stop = new AbortController()
  const running = indexer.run({ signal: stop.signal })
  await local.query(
    'cell1',
    `UPDATE instances SET display_name = 'changed loudly', updated_at = UTC_TIMESTAMP() ORDER BY id LIMIT 3`,
  )
  for (let i = 0; i < 50; i++) {
    const { items } = await cells.instances.list(
      { scope: 'all', filters: { display_name: 'changed loudly', deleted: 'any', hidden: 'any' } },
      { source: 'index' },
    )
    if (items.length === 3) {
      t.comment('found after', i)
      break
    }
    await new Promise(r => setTimeout(r, 100))
  }
  t.comment(await indexer.status())
  stop.abort()
  await running
})
