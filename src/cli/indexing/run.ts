import { setTimeout } from 'node:timers/promises'
import { IndexError } from '../../errors.js'
import type { Indexer, IndexerStatus } from '../../indexing/index.js'
import type { Context } from '../context.js'
import { exitCode } from '../exit-code.js'
import { say } from '../output.js'
import { startLine } from '../progress.js'
import type { IndexArguments } from './arguments.js'
import { factsOf, statusLine } from './texts.js'

/** Milliseconds between two looks at how it goes. */
const LOOK = 1_000

/** Runs `crosscell index run`: an indexer, and a line about whatever changes. Nobody has to read them. */
export const runIndex = async (
  indexer: Indexer,
  { json }: IndexArguments,
  { stdout, stderr, env, signal }: Context,
): Promise<number> => {
  const over = new AbortController()
  const running = indexer.run({ signal }).finally(() => over.abort())
  // It is awaited in the end, whatever comes before.
  running.catch(() => {})
  const line = startLine(stderr, env, 'looking at the index')
  let known: ReadonlyMap<string, string> = new Map()

  const tell = async (facts: ReadonlyMap<string, string>, status: object): Promise<void> => {
    const news = [...facts].flatMap(([about, fact]) => (known.get(about) === fact ? [] : [fact]))
    known = facts
    if (news.length === 0) return
    const texts = json ? [JSON.stringify({ at: new Date().toISOString(), ...status })] : news
    await line.aside(() => say(stdout, texts.map(text => `${text}\n`).join('')))
  }

  const look = async (): Promise<void> => {
    const status = await statusOf(indexer, over.signal)
    if (status === undefined) return
    if ('error' in status) return tell(new Map([['', `index: down (${status.error})`]]), status)
    line.show(statusLine(status))
    await tell(factsOf(status), status)
  }

  try {
    while (!over.signal.aborted) {
      await look()
      await setTimeout(LOOK, undefined, { signal: over.signal }).catch(() => {})
    }
  } finally {
    line.stop()
  }
  await running
  return exitCode.complete
}

/** Undefined when nobody wants to know any more. */
const statusOf = async (
  indexer: Indexer,
  signal: AbortSignal,
): Promise<IndexerStatus | { readonly error: string } | undefined> => {
  try {
    return await indexer.status({ signal })
  } catch (error) {
    if (signal.aborted) return undefined
    if (!(error instanceof IndexError)) throw error
    return { error: error.reason }
  }
}
