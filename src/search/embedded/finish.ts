import { type Sql, sql } from '../../sql/fragment.js'
import { makeReady } from './catalog.js'
import { openGeneration, type State, stateOf } from './generation.js'
import { indexStatements } from './tables.js'
import { fillWords, takeWords } from './words.js'
import type { Work } from './work.js'

/**
 * Indexes what was filled, and says that it is ready: trigrams by one connection, all else by another. Each step is committed, so that one that
 * is broken off goes on where it was, but for the trigrams, which are made again.
 */
export const finish = async (work: Work, name: string): Promise<void> => {
  const { files, signal } = work
  const generation = await openGeneration(files, name)
  const { connection, columns } = generation
  const step = (statement: Sql): Promise<void> =>
    connection.transaction('write', signal, async () => {
      await connection.first(statement, signal)
    })
  if ((await stateOf(generation)) !== 'open') {
    await step(sql`UPDATE about SET state = ${'indexing' satisfies State}`)
    const beside = await files.beside(generation.number)
    try {
      const words = fillWords(beside, signal)
      const indexes = indexStatements(columns.shape).reduce(
        (before, text) => before.then(() => step({ text, values: [] })),
        Promise.resolve(),
      )
      for (const one of await Promise.allSettled([words, indexes]))
        if (one.status === 'rejected') throw one.reason
      await takeWords(beside, signal)
      // What the log has grown to is given back, if nobody writes.
      await beside.first(sql`PRAGMA wal_checkpoint(TRUNCATE)`, signal)
    } finally {
      beside.close()
    }
  }
  await makeReady(work, name)
}
