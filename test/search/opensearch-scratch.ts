import { startOpenSearch } from './opensearch-node.js'
import { openSearchIndex } from '../../src/search/opensearch/index.js'
import { indexConformance } from '../../src/testing/index-conformance.js'
const only = process.argv[2]
const node = await startOpenSearch()
console.log(node.url)
try {
  for (const shards of [1, 3]) {
  let i = 0
  const all = performance.now()
  for (const { name, run } of indexConformance) {
    if (only && !name.includes(only)) continue
    const prefix = `t${shards}-${i++}`
    const open = () => openSearchIndex({ node: node.url, prefix, replicas: 0, shards })
    const index = open()
    const s = performance.now()
    try { await run(index, open); console.log('ok', Math.round(performance.now() - s), name) }
    catch (error) { console.log('NOT OK', Math.round(performance.now() - s), name, String((error as Error).stack).slice(0, 3000)) }
    await index.close()
  }
  console.log('all', shards, Math.round(performance.now() - all))
  }
} finally { await node.stop() }
