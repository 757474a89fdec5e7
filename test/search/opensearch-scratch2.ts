import { openSearchIndex } from '../../src/search/opensearch/index.js'
import { SHAPE } from '../../src/testing/conformance/documents.js'
import { startOpenSearch } from './opensearch-node.js'

const node = await startOpenSearch()
const { signal } = new AbortController()
const time = async <T>(what: string, work: () => Promise<T>) => {
  const s = performance.now()
  const r = await work()
  console.log(what, Math.round(performance.now() - s))
  return r
}
const index = openSearchIndex({ node: node.url, replicas: 0 })
for (let i = 0; i < 4; i++) {
  const g = await time('create', () => index.create(SHAPE, '{}', false, signal))
  await time('finish', () => index.finish(g, signal))
  await time('write', () => index.write(g, [{ cell: 'a', uuid: 'b', version: 1, gone: true }], signal))
  await time('refresh', () => index.refresh(g, signal))
  await time('purge', () => index.purge(g, 'a', 5, signal))
  await time('note', () => index.setNote(g, 'a', { value: '', revision: 0 }, signal))
  await time('notes', () => index.notes(g, 'a', signal))
  await time('generations', () => index.generations(signal))
  await time('drop', () => index.drop(g, signal))
}
await time('10', () => Promise.all(Array.from({ length: 10 }, () => index.create(SHAPE, '{}', false, signal))))
await index.close()
await node.stop()
