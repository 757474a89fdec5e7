import { randomBytes } from 'node:crypto'
import t from 'tap'
import { NotReady } from '../../scripts/ready.mjs'
import { openSearchIndex } from '../../src/search/opensearch/index.js'
import type { IndexDocument, SearchIndex, Term } from '../../src/search/search-index.js'
import type { Test } from '../../src/search/test.js'
import { signal } from '../../src/testing/conformance/case.js'
import { SHAPE } from '../../src/testing/conformance/documents.js'
import { startOpenSearch } from './opensearch-node.js'

const given = process.env.OPENSEARCH_URL
/** One that does not start fails; one that can't be had is passed over. */
const node =
  given === undefined
    ? await startOpenSearch().catch((error: unknown) => {
        if (error instanceof NotReady) return error
        throw error
      })
    : undefined
export const own = node instanceof NotReady ? undefined : node
export const url = given ?? own?.url
export const skip = node instanceof NotReady ? `no OpenSearch here: ${node.message}` : false
t.comment(url ?? skip)

export const prefix = `crosscell-${randomBytes(4).toString('hex')}`
export const rest = async (method: string, path: string, body?: object): Promise<Record<string, never>> => {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  return (await answer.json()) as Record<string, never>
}
t.teardown(async () => {
  if (given === undefined) return own?.stop()
  for (const { index } of (await rest('GET', `_cat/indices/${prefix}*?format=json`)) as unknown as {
    index: string
  }[])
    await rest('DELETE', index)
})

type Options = { readonly prefix?: string; readonly shards?: number; readonly replicas?: number }
export const open = (options: Options = {}): SearchIndex => {
  const index = openSearchIndex({ node: url!, prefix, replicas: 0, ...options })
  t.teardown(() => index.close())
  return index
}
export const filled = async (index: SearchIndex, documents: readonly IndexDocument[]): Promise<string> => {
  const generation = await index.create(SHAPE, '{}', false, signal)
  await index.write(generation, documents, signal)
  await index.refresh(generation, signal)
  return generation
}
export const BY_UUID: readonly Term[] = [{ by: 'uuid' }]
export const uuids = async (
  index: SearchIndex,
  generation: string,
  where: readonly Test[],
): Promise<string[]> =>
  (await index.find(generation, { where, sort: BY_UUID, limit: 10_000 }, signal)).map(({ uuid }) => uuid)

/** How an index fails. */
export const failed = (reason: string) => ({ code: 'index-failed', reason })
