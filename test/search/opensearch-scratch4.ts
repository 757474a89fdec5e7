import { pick, randomFrom } from '../../src/testing/conformance/random.js'
import { startOpenSearch } from './opensearch-node.js'

const N = 200_000
const node = await startOpenSearch(['-Xms1g', '-Xmx1g'])
const call = async (method: string, path: string, body?: unknown) => {
  const r = await fetch(node.url + path, {
    method,
    headers: { 'content-type': path.includes('_bulk') ? 'application/x-ndjson' : 'application/json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const t = await r.text()
  if (!r.ok) throw new Error(t.slice(0, 500))
  return path.startsWith('/_cat') ? t : JSON.parse(t)
}
const random = randomFrom(7)
const words = ['web', 'db', 'cache', 'proxy', 'batch', 'api', 'worker', 'node', 'kube', 'mail', 'test', 'prod']
const texts = Array.from({ length: N }, () => [
  `${pick(random, words)}-${pick(random, words)}-${random(1_000_000)}`,
  `compute-${random(300)}.example.com`,
  `10.${random(256)}.${random(256)}.${random(256)}`,
  ...Array.from({ length: 4 }, () => `key${random(30)}=value${random(20000)}`),
])
const kinds: Record<string, any> = {
  trigram: { type: 'text', analyzer: 'p', norms: false },
  trigramdocs: { type: 'text', analyzer: 'p', norms: false, index_options: 'docs' },
  wildcard: { type: 'wildcard', doc_values: true },
  keyword: { type: 'keyword' },
}
try {
  for (const [kind, field] of Object.entries(kinds)) {
    await call('PUT', `/${kind}`, {
      settings: {
        number_of_shards: 1,
        number_of_replicas: 0,
        refresh_interval: '-1',
        'index.queries.cache.enabled': false,
        analysis: {
          analyzer: { p: { type: 'custom', tokenizer: 'p' } },
          tokenizer: { p: { type: 'ngram', min_gram: 3, max_gram: 3 } },
        },
      },
      mappings: { _source: { enabled: false }, properties: { x: field } },
    })
    const s = performance.now()
    for (let i = 0; i < N; i += 5000)
      await call(
        'POST',
        `/${kind}/_bulk?filter_path=errors`,
        texts
          .slice(i, i + 5000)
          .map(
            (x, j) =>
              `{"index":{"_id":"${i + j}"}}\n${JSON.stringify({ x: kind.startsWith('tri') ? x.map(t => t + '\0\0') : x })}\n`,
          )
          .join(''),
      )
    const load = performance.now() - s
    await call('POST', `/${kind}/_refresh`)
    await call('POST', `/${kind}/_forcemerge?max_num_segments=1`)
    await call('POST', `/${kind}/_flush?force=true`)
    console.log(kind, 'load', Math.round(load), 'ms')
    const stat: any = await call('GET', `/${kind}/_stats/store,segments`)
    console.log('  size', (stat._all.primaries.store.size_in_bytes / 1e6).toFixed(1), 'MB')
    for (const w of ['web-12', 'proxy', 'value1999', 'e-', 'zzzz', '10.12.3']) {
      const query = kind.startsWith('tri')
        ? w.length < 3
          ? { prefix: { x: w } }
          : { match_phrase: { x: w } }
        : { wildcard: { x: { value: `*${w}*` } } }
      if (kind === 'trigramdocs' && w.length >= 3) {
        continue
      }
      const ms: number[] = []
      let n = 0
      for (let i = 0; i < 15; i++) {
        const s = performance.now()
        const r: any = await call('POST', `/${kind}/_search?request_cache=false`, {
          size: 0,
          track_total_hits: true,
          query: { bool: { filter: query } },
        })
        ms.push(performance.now() - s)
        n = r.hits.total.value
      }
      ms.sort((a, b) => a - b)
      console.log('  ', w.padEnd(10), 'p50', ms[7]!.toFixed(1), 'min', ms[0]!.toFixed(1), 'n', n)
    }
  }
} finally {
  await node.stop()
}
