import { type Sql, sql } from '../../sql/fragment.js'
import { makeReady } from './catalog.js'
import { type Generation, openGeneration, type State, stateOf } from './generation.js'
import { indexStatements } from './tables.js'
import type { Work } from './work.js'

/** Documents whose trigrams are written at once. */
const STEP = 20_000

/**
 * Indexes what was filled, and says that it is ready. Each step is committed, so that one that is broken off goes on where it was. What is written
 * meanwhile has its trigrams at once; to have some twice is no harm.
 */
export const finish = async (work: Work, name: string): Promise<void> => {
  const generation = await openGeneration(work.files, name)
  const step = (statement: Sql): Promise<void> =>
    generation.connection.transaction('write', work.signal, async () => {
      await generation.connection.first(statement, work.signal)
    })
  if ((await stateOf(generation)) !== 'open') {
    await step(sql`UPDATE about SET state = ${'indexing' satisfies State}`)
    await fillWords(generation, work.signal)
    for (const text of indexStatements(generation.columns.shape)) await step({ text, values: [] })
    await step(sql`UPDATE about SET state = ${'open' satisfies State}`)
    // What the log has grown to is given back.
    await generation.connection.first(sql`PRAGMA wal_checkpoint(TRUNCATE)`, work.signal)
  }
  await makeReady(work, name)
}

/** Trigrams of all documents, in the sequence of their numbers. */
const fillWords = async ({ connection }: Generation, signal: AbortSignal): Promise<void> => {
  const [last] = (await connection.all(sql`SELECT coalesce(max(doc), 0) FROM docs`))[0] as [number]
  const [filled] = (await connection.all(sql`SELECT filled FROM about`))[0] as [number]
  const done = await connection.prepare('UPDATE about SET filled = ?')
  await connection.execute(BULK)
  for (let from = filled; from < last; from += STEP) {
    await connection.transaction('write', signal, async () => {
      await connection.first(
        sql`INSERT INTO words (rowid, entry) SELECT doc, entry FROM entries WHERE doc > ${from} AND doc <= ${from + STEP}`,
        signal,
      )
      done.run([from + STEP])
    })
  }
  await connection.first(sql`INSERT INTO words (words) VALUES ('optimize')`, signal)
  await connection.execute(LIVE)
}

/** Segments are large, and merged once at the end; then small ones, merged as they come. `automerge`, `hashsize`: sqlite.org/fts5.html */
const BULK = `INSERT INTO words (words, rank) VALUES ('automerge', 0), ('hashsize', 67108864)`
const LIVE = `INSERT INTO words (words, rank) VALUES ('automerge', 4), ('hashsize', 1048576)`
