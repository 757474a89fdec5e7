import type { IncomingMessage, ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { type Cells, openCells } from '../../src/index.js'
import { openSearchIndex } from '../../src/search/opensearch/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { type Between, startBetween } from '../search/opensearch-between.js'
import { open, own, prefix, skip, url } from '../search/opensearch-fixture.js'
import { fill } from './fixtures/filled-index.js'
import { indexAnswers, outage } from './fixtures/outage.js'

/** Whatever a server of OpenSearch says, or does not say, a request is answered, and it is asked again when it answers. */

const local = await startLocalCells({ cells: 3, cell0: false, instances: [60, 50, 40] })
t.teardown(() => local.stop())
if (!skip) {
  const cells = await openCells({ apiDatabase: local.apiDatabase! })
  await fill(open(), local.apiDatabase!)
  await cells.close()
}

/** Cells with the index behind something that can stand in its way. */
const opened = async (t: Test, between: Between): Promise<Cells> => {
  const node = between.url.replace('//', '//reader:secret@')
  const cells = await openCells({ apiDatabase: local.apiDatabase!, index: openSearchIndex({ node, prefix }) })
  t.teardown(() => cells.close())
  return cells
}

const says =
  (status: number, type: string, body: string) =>
  (_: IncomingMessage, answer: ServerResponse): boolean =>
    !!answer.writeHead(status, { 'content-type': type }).end(body)
const error = (type: string): string =>
  JSON.stringify({ error: { type, reason: 'secret', root_cause: [{ type, reason: 'secret' }] } })
const json = 'application/json'

/** The beginning of an answer. */
const half = (_: IncomingMessage, answer: ServerResponse): boolean => {
  answer.writeHead(200, { 'content-type': json, 'content-length': 1_000 }).write('{"hits":')
  setImmediate(() => answer.destroy())
  return true
}
const reset = ({ socket }: IncomingMessage): boolean => !!socket.resetAndDestroy()

const isSearch = (url: string): boolean => url.includes('/_search')

/** What it does, how, and how long a request waits where that takes time. */
const FAULTS: readonly (readonly [what: string, answer: Between['answer'], deadline?: number])[] = [
  ['is busy', says(429, json, error('rejected_execution_exception'))],
  ['has no master', says(503, json, error('cluster_block_exception'))],
  ['says what is no JSON', says(200, json, '{"hits": {')],
  ['says other JSON', says(200, json, '[{"secret": 1}]')],
  ['is a proxy’s page', says(200, 'text/html', '<html>secret</html>')],
  ['says half of it', half],
  ['cuts the connection', reset],
  ['hangs', () => true, 2_000],
  ['hangs when documents are searched', ({ url }) => isSearch(url!) && !url!.includes('notebook'), 2_000],
  ['hangs in all searches', ({ url }) => isSearch(url!), 2_000],
]

t.test('what stands in its way', { skip }, async t => {
  t.jobs = 4
  for (const [what, answer, deadline] of FAULTS)
    t.test(`a server that ${what}`, { buffered: true }, async t => {
      await using between = await startBetween(url!)
      const cells = await opened(t, between)
      await indexAnswers(t, cells)
      await outage(t, cells, {
        ...(deadline && { deadline }),
        begin: () => {
          between.answer = answer
        },
        end: () => {
          between.answer = () => false
        },
      })
    })
})

t.test(
  'a node that is down at the start, and one that dies',
  {
    skip: own === undefined && (skip || 'not our node'),
  },
  async t => {
    const { kill, restart } = own!
    await using between = await startBetween(url!)
    const cells = await opened(t, between)
    await kill()
    await outage(t, cells, { begin: () => {}, end: restart })
    // In the middle of a search: the node is gone when it is asked.
    let dead: Promise<void> | undefined
    await outage(t, cells, {
      begin: () => {
        between.answer = asked => {
          if (asked.url!.includes('_search')) dead ??= kill()
          return false
        }
      },
      end: async () => {
        await dead
        await restart()
        between.answer = () => false
      },
    })
  },
)
