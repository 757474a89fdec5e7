import { createConnection } from 'mysql2/promise'
import { ORDERS, truthOf } from '../data/truth.mjs'
import { pageOf } from './sql.mjs'

/** Asks the server that has one table over all cells. */
export const spiderClient = {
  name: 'Spider',
  mayDiffer: true,
  open: async cloud => {
    const connection = await createConnection({ socketPath: cloud.front, user: 'root', dateStrings: true })
    return {
      ask: async question => {
        if (question.skewed || question.detail || question.fields) return undefined
        const { before } = await truthOf(cloud, question)
        const order = `${ORDERS[question.sort]}, uuid`
        // With `OR created_at IS NULL` it finds nothing at all.
        const sql = pageOf('cloud.instances', question, before, { order, nulls: false })
        return {
          list: async () => (await connection.query({ sql, rowsAsArray: false }))[0],
          show: rows => ({ uuids: rows.map(({ uuid }) => uuid) }),
        }
      },
      close: () => connection.end(),
    }
  },
}
