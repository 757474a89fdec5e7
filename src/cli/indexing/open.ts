import { createIndexer, type Feed, type Indexer } from '../../indexing/index.js'
import { openCells } from '../../listing/open-cells.js'
import type { SearchIndex } from '../../search/search-index.js'
import { configOf } from '../config.js'
import { numberOf } from '../filter.js'
import type { IndexArguments } from './arguments.js'
import { needed } from './needed.js'

/** An indexer with all that it works on. */
export interface OpenIndexer {
  readonly indexer: Indexer
  close(): Promise<void>
}

/** Opens what the arguments name. */
export const openIndexer = async (args: IndexArguments): Promise<OpenIndexer> => {
  const index = await indexOf(args)
  const statementTimeout = numbersOf({ statementTimeout: args.statementTimeout })
  const cells = await openCells({ ...configOf(args), ...statementTimeout, index })
  try {
    const indexer = createIndexer(cells, { feeds: await feedsOf(args), ...settingsOf(args) })
    return { indexer, close: () => cells.close() }
  } catch (error) {
    await cells.close()
    throw error
  }
}

const indexOf = async ({ index: path, opensearch, prefix }: IndexArguments): Promise<SearchIndex> => {
  if (path !== undefined) {
    const { embeddedIndex } = await needed('libsql', () => import('../../search/embedded/index.js'))
    return embeddedIndex({ path })
  }
  const name = '@opensearch-project/opensearch'
  const { openSearchIndex } = await needed(name, () => import('../../search/opensearch/index.js'))
  return openSearchIndex({ node: [...opensearch!], ...(prefix !== undefined && { prefix }) })
}

const feedsOf = async (args: IndexArguments): Promise<Feed[]> => {
  const { rabbitmq = [], exchange, topics, queue, drain } = args
  if (rabbitmq.length === 0) return []
  const { rabbitFeed } = await needed('amqplib', () => import('../../indexing/rabbitmq/index.js'))
  const shared = {
    ...(exchange !== undefined && { exchange }),
    ...(topics !== undefined && { topics }),
    ...(queue !== undefined && { queue }),
    ...(drain && { drain: 'purge' as const }),
  }
  return rabbitmq.map(({ cell, url }, i) =>
    rabbitFeed({ url, name: cell ?? `rabbitmq${i + 1}`, ...(cell !== undefined && { cell }), ...shared }),
  )
}

type Numbers = Readonly<Record<string, string | undefined>>

/** What is given, as numbers; what is none stays text, for the library to refuse. */
const numbersOf = (texts: Numbers): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [[name, numberOf(text)]])),
  ) as Readonly<Record<string, number>>

const settingsOf = (args: IndexArguments): Readonly<Record<string, number>> => {
  const { pollInterval, overlap, sidePollInterval, sweepInterval, share, repairRate, removalShare } = args
  return numbersOf({
    ...{ pollInterval, overlap, sidePollInterval, sweepInterval },
    ...{ share, repairRate, removalShare },
  })
}
