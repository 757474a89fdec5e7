import { Client } from '@opensearch-project/opensearch'
import { openSearchIndex } from '../../src/search/opensearch/index.js'
import { indexConformance } from '../../src/testing/index-conformance.js'
import { startOpenSearch } from './opensearch-node.js'

const only = process.argv[2]
const node = await startOpenSearch()
console.log(node.url)
try {
  for (const shards of JSON.parse(process.argv[3] ?? '[1]')) {
    let i = 0
    const all = performance.now()
    for (const { name, run } of indexConformance) {
      if (only?.startsWith('!') ? new RegExp(only.slice(1)).test(name) : only && !new RegExp(only).test(name))
        continue
      const prefix = `t${shards}-${i++}`
      const open = () => {
        const c = new Client({ node: node.url })
        const orig = c.transport.request.bind(c.transport) as any
        ;(c.transport as any).request = (p: any, o: any) => {
          const r = orig(p, o)
          r.then(undefined, (e: any) => {
            if (e.statusCode === 400 || e.statusCode >= 500)
              console.log(
                'ERR',
                e.statusCode,
                JSON.stringify(e.body?.error?.root_cause ?? e.body).slice(0, 900),
                JSON.stringify(p.body)?.slice(0, 600),
              )
          })
          return r
        }
        return openSearchIndex({ client: c as any, prefix, replicas: 0, shards })
      }
      const index = open()
      const s = performance.now()
      try {
        await run(index, open)
        console.log('ok', Math.round(performance.now() - s), name)
      } catch (error) {
        console.log(
          'NOT OK',
          Math.round(performance.now() - s),
          name,
          String((error as Error).stack).slice(0, 3000),
        )
      }
      await index.close()
    }
    console.log('all', shards, Math.round(performance.now() - all))
  }
} finally {
  await node.stop()
}
