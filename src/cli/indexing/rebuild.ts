import type { Indexer } from '../../indexing/index.js'
import type { Context } from '../context.js'
import { exitCode } from '../exit-code.js'
import { rateNote } from '../notes.js'
import { say, write } from '../output.js'
import { startLine } from '../progress.js'
import type { IndexArguments } from './arguments.js'
import { rebuildFact, rebuildLine } from './texts.js'

/** Runs `crosscell index rebuild`. */
export const rebuildIndex = async (
  indexer: Indexer,
  { json }: IndexArguments,
  { stdout, stderr, env, signal }: Context,
): Promise<number> => {
  const line = startLine(stderr, env, 'looking at the index')
  let known = ''
  try {
    const built = await indexer.rebuild({
      signal,
      progress: progress => {
        line.show(rebuildLine(progress))
        const fact = rebuildFact(progress)
        if (fact === known) return
        known = fact
        if (json) void say(stdout, `${JSON.stringify(progress)}\n`)
        else if (stderr.isTTY !== true) void say(stderr, `${fact}\n`)
      },
    })
    line.stop()
    const { generation, documents, ms, resumed, mended } = built
    const text = `${generation} answers now: ${rateNote(documents, ms)}${resumed ? ', resumed' : ''}, ${mended} mended`
    await write(stdout, json ? `${JSON.stringify({ phase: 'switched', ...built })}\n` : `${text}\n`)
    return exitCode.complete
  } finally {
    line.stop()
  }
}
