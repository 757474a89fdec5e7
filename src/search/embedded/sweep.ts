import { and, sql } from '../../sql/fragment.js'
import type { Bucket, Scanned } from '../search-index.js'
import type { Generation } from './generation.js'
import type { Looking } from './looking.js'
import { beginsWith } from './prefix.js'
import { cellsOf } from './truth.js'

const UUID = { text: 'uuid', values: [] }

/** One cell's documents by uuid. */
export const scan = async (
  { all }: Looking,
  of: { readonly cell: string; readonly prefix: string; readonly after: string; readonly limit: number },
): Promise<Scanned[]> => {
  const rows = await all(sql`
    SELECT uuid, version, digest FROM heads
    WHERE cell = (${cellsOf([of.cell])}) AND ${and([beginsWith(UUID, of.prefix), sql`uuid > ${of.after}`])} AND doc IS NOT NULL
    ORDER BY uuid LIMIT ${of.limit}`)
  return rows.map(([uuid, version, digest]) => ({ uuid, version, digest }) as Scanned)
}

/** One cell's buckets. */
export const buckets = async ({ first }: Looking, cell: string): Promise<Bucket[]> => {
  const [found] = (await first(sql`
    SELECT json_group_array(json_array(prefix, count, checksum)) FROM (
      SELECT substr(uuid, 1, 3) AS prefix, count(*) AS count, sum(digest) AS checksum FROM heads
      WHERE cell = (${cellsOf([cell])}) AND doc IS NOT NULL GROUP BY 1
    )`)) as [string]
  return (JSON.parse(found) as [string, number, number][]).map(([prefix, count, checksum]) => ({
    prefix,
    count,
    checksum,
  }))
}

/** Forgets old tombstones of one cell. */
export const purge = async (
  { connection }: Generation,
  signal: AbortSignal,
  cell: string,
  below: number,
): Promise<number> => {
  const { text, values } =
    sql`DELETE FROM heads WHERE cell = (${cellsOf([cell])}) AND doc IS NULL AND version < ${below}`
  const statement = await connection.prepare(text)
  return connection.transaction('write', signal, async () => statement.run(values).changes)
}
