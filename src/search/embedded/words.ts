import { sql } from '../../sql/fragment.js'
import type { Connection } from './connection.js'
import { type State, stateOf } from './generation.js'
import { WORDS } from './tables.js'

/** Documents whose trigrams are made at once: no longer is a moment of the file kept, or else its log would grow. */
const STEP = 20_000

/** Segments are large, and merged once at the end. `automerge`, `hashsize`: sqlite.org/fts5.html */
const MAKE = `
PRAGMA temp_store = FILE;
ATTACH '' AS made;
CREATE VIRTUAL TABLE made.words ${WORDS};
INSERT INTO made.words (words, rank) VALUES ('automerge', 0), ('hashsize', 67108864)`

/**
 * Makes the trigrams of all documents in a file of this connection's own, which has no name and goes with it: nobody waits to write to the
 * generation's meanwhile.
 */
export const fillWords = async (connection: Connection, signal: AbortSignal): Promise<void> => {
  await connection.execute(MAKE)
  const [last] = (await connection.all(sql`SELECT coalesce(max(doc), 0) FROM docs`))[0] as [number]
  for (let from = 0; from < last; from += STEP)
    await connection.first(
      sql`INSERT INTO made.words (rowid, entry) SELECT doc, entry FROM entries WHERE doc > ${from} AND doc <= ${from + STEP}`,
      signal,
    )
  await connection.first(sql`INSERT INTO made.words (words) VALUES ('optimize')`, signal)
}

/** What FTS5 keeps of a table without content, as it is, and then what has changed since: it finds a table in these as it left them. */
const TAKE = [
  sql`INSERT OR REPLACE INTO main.words_data SELECT * FROM made.words_data`,
  sql`INSERT OR REPLACE INTO main.words_idx SELECT * FROM made.words_idx`,
  sql`INSERT INTO main.words (rowid, entry) SELECT doc, entry FROM late JOIN entries USING (doc)`,
  sql`DELETE FROM late`,
  sql`UPDATE about SET state = ${'open' satisfies State}`,
]

/** Takes them into the generation, which is open then; once. */
export const takeWords = async (connection: Connection, signal: AbortSignal): Promise<void> => {
  await connection.transaction('write', signal, async () => {
    if ((await stateOf({ connection })) === 'open') return
    for (const statement of TAKE) await connection.first(statement, signal)
  })
  await connection.execute('DETACH made')
}
