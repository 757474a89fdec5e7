import { createPool } from 'mysql2/promise'
import { openCells } from '../../dist/index.js'
import { openSearchIndex } from '../../dist/search/opensearch/index.js'
import { VISIBLE } from '../data/generate.mjs'
import { load, setNew } from '../index/fill.mjs'
import { openNode } from '../index/opensearch.mjs'
import { deepIn, loadingOf, measureQuestions, pageAt, questionsOf } from './indexed.mjs'

const PREFIX = 'crosscell-bench'

const asked = async (url, method, path) => {
  const answer = await fetch(`${url}/${path}`, { method })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`)
  return answer.json()
}

/** Takes away what this or an earlier run left on a node that is not ours. */
const clear = async url => {
  for (const { index } of await asked(url, 'GET', `_cat/indices/${PREFIX}*?format=json`))
    await asked(url, 'DELETE', index)
}

/** The same of an index in OpenSearch that holds the first cell alone, against this cell: it is filled anew in each run. */
export const measureOpenSearch = async (cloud, rounds, say) => {
  const node = await openNode(say)
  if (node === undefined) return []
  const [{ uuid, name, schema, database }] = cloud.cells.filter(({ name }) => name !== 'cell0')
  const where = { cells: [{ uuid, name, database }], buildRequests: 'none' }
  const pools = [createPool({ socketPath: cloud.socketPath, user: 'root', database: schema })]
  const index = openSearchIndex({ node: node.url, prefix: PREFIX, replicas: 0 })
  const cells = await openCells({ ...where, index })
  try {
    await clear(node.url)
    say('filling OpenSearch …')
    const { documents, ms } = await load(where, index, say)
    await setNew(index, [{ uuid }])
    const { indices } = await asked(node.url, 'GET', `${PREFIX}*/_stats/store`)
    const bytes = Object.values(indices).reduce((sum, { total }) => sum + total.store.size_in_bytes, 0)
    const [[total]] = await cloud.query(`SELECT COUNT(*) FROM ${schema}.instances WHERE ${VISIBLE}`)
    const behind = deepIn(total)
    const [[at]] = await cloud.query(
      `SELECT uuid FROM ${schema}.instances WHERE ${VISIBLE} ORDER BY display_name DESC, id DESC LIMIT ${behind - 101}, 1`,
    )
    const middle = { behind, ...(await pageAt(cells, at)) }
    const questions = questionsOf({ cells, pools, rare: at.slice(9, 21), middle })
    const results = await measureQuestions(questions, rounds)
    const of = `OpenSearch, ${documents.toLocaleString('en')} documents of one cell`
    return [
      ...results.map(one => ({ ...one, name: `${one.name}-opensearch`, title: `${one.title}: ${of}` })),
      loadingOf('index-load-opensearch', 'OpenSearch, loading', { documents, ms, bytes }),
    ]
  } finally {
    await Promise.all([cells.close(), ...pools.map(pool => pool.end())])
    await clear(node.url)
    await node.stop()
  }
}
