import { sql } from '../../sql/fragment.js'
import type { Note } from '../search-index.js'
import type { Generation } from './generation.js'
import type { Looking } from './looking.js'
import { beginsWith } from './prefix.js'

/** The notes whose keys begin so. */
export const notes = async ({ all }: Looking, prefix: string): Promise<Map<string, Note>> => {
  const rows = await all(
    sql`SELECT key, value, revision FROM notes WHERE ${beginsWith({ text: 'key', values: [] }, prefix)} ORDER BY key`,
  )
  return new Map(rows.map(([key, value, revision]) => [key, { value, revision }] as [string, Note]))
}

/** Sets one, if nobody did since its revision was read. */
export const setNote = async (
  { connection }: Generation,
  signal: AbortSignal,
  key: string,
  { value, revision }: Note,
): Promise<boolean> => {
  const statement = await connection.prepare(
    revision === 0
      ? 'INSERT INTO notes VALUES (?2, ?1, ?3 + 1) ON CONFLICT DO NOTHING'
      : 'UPDATE notes SET value = ?1, revision = revision + 1 WHERE key = ?2 AND revision = ?3',
  )
  return connection.transaction('write', signal, async () => statement.run([value, key, revision]).changes > 0)
}
