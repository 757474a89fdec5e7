import { setMaxListeners } from 'node:events'
import type { Indexer } from '../../indexing/index.js'
import type { Context } from '../context.js'
import type { IndexArguments, IndexVerb, IndexWork } from './arguments.js'
import { openIndexer } from './open.js'
import { rebuildIndex } from './rebuild.js'
import { runIndex } from './run.js'
import { rollbackIndex, statusOfIndex } from './status.js'
import { verifyIndex } from './verify.js'

type Run = (indexer: Indexer, args: IndexArguments, context: Context) => Promise<number>

const VERBS: Readonly<Record<IndexVerb, Run>> = {
  run: runIndex,
  rebuild: rebuildIndex,
  verify: verifyIndex,
  status: statusOfIndex,
  rollback: rollbackIndex,
}

/** Runs `crosscell index` and gives its exit code. */
export const index = async ({ verb, args }: IndexWork, context: Context): Promise<number> => {
  // Feeds and cells listen to it, which is no leak.
  setMaxListeners(0, context.signal)
  const { indexer, close } = await openIndexer(args)
  try {
    return await VERBS[verb](indexer, args, context)
  } finally {
    await close()
  }
}
