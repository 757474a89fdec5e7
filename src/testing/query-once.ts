import { connect, type SqlRow } from '../cells/connection.js'
import { parseDatabaseUrl } from '../cells/database-url.js'
import type { SqlValue } from '../sql/fragment.js'

/** One statement on a connection of its own: nothing to keep true when servers are paused, killed and restarted. */
export const queryOnce = async (url: string, text: string, values?: readonly SqlValue[]): Promise<SqlRow[]> => {
  const connection = await connect(parseDatabaseUrl(url, '/url'))
  try {
    return await connection.query(text, values)
  } finally {
    await connection.close()
  }
}
