import { join } from 'node:path'
import t from 'tap'
import { instances, openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { realThreads } from '../search/fixtures/real-threads.js'
import { fill } from './fixtures/filled-index.js'

const local = await startLocalCells({ cells: 3, instances: [5, 60, 80, 40], servers: 'own' })
t.teardown(() => local.stop())
const folder = t.testdir()
const index = realThreads(join(folder, 'code')).open(join(folder, 'index.db'))
const cells = await openCells({ apiDatabase: local.apiDatabase!, index })
t.teardown(() => cells.close())
await fill(index, local.apiDatabase!)

for (const sort of instances.sortKeys)
  t.test(`the same pages by ${sort}`, async t => {
    for (const dir of ['asc', 'desc'] as const) {
      const query = {
        scope: 'all',
        sort: [`${sort}:${dir}`],
        limit: 17,
        include: instances.indexed.relations,
        filters: { deleted: 'any' },
      } as never
      const alone: unknown[] = []
      const merged: unknown[] = []
      const truth: unknown[] = []
      for await (const { items } of cells.instances.pages(query, { source: 'cells' })) truth.push(...items)
      for await (const page of cells.instances.pages(query, { source: 'index' })) {
        t.equal(page.source, 'index')
        alone.push(...page.items)
      }
      const sources = new Set<string>()
      for await (const page of cells.instances.pages(query)) {
        sources.add(page.source)
        merged.push(...page.items)
      }
      t.same(alone, truth, `${dir}, the index alone`)
      t.same(merged, truth, `${dir}, with what has changed`)
      t.comment([...sources].join())
    }
  })

t.test('one query over the file', async t => {
  const query = {
    scope: 'all',
    text: 'web',
    sort: 'relevance',
    facets: ['vm_state', 'cell', 'host'],
    limit: 5,
  } as const
  const { items, facets } = await cells.instances.search(query)
  const every = await cells.instances.iterate({ scope: 'all' })
  let found = 0
  for await (const { display_name, hostname, key_name, display_description } of every)
    if (
      [display_name, hostname, key_name, display_description].some(text => text?.toLowerCase().includes('web'))
    )
      found++
  t.equal(items.length, Math.min(5, found))
  t.ok(facets.vm_state!.reduce((sum, { count }) => sum + count, 0) >= found)
})
