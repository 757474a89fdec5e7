import { createPool } from 'mysql2/promise'
import { oneCellTruth } from '../data/truth.mjs'
import { timed } from '../measure/rounds.mjs'
import { pageOf, sideStatements } from './sql.mjs'

/**
 * The floor: the first page of the same question, put to one cell alone, by one statement on a connection that is taken from a
 * pool. Relations follow by one statement for each side table, their rows as they come.
 */
const plain = (name, rowsAsArray) => {
  let pool
  return {
    name,
    oneCell: true,
    ask: async (cloud, question) => {
      pool ??= createPool({ socketPath: cloud.socketPath, user: 'root', dateStrings: true })
      const [cell] = question.skewed ? cloud.skewed : cloud.cells
      const sql = pageOf(`${cell.schema}.instances`, question)
      const { detail = [] } = question
      const uuids = await oneCellTruth(cloud, question)
      const more = sideStatements(cell.schema, detail, uuids)
      const read = async () => {
        const connection = await pool.getConnection()
        const [rows, fields] = await connection.query({ sql, rowsAsArray })
        for (const sql of more) await connection.query({ sql, rowsAsArray })
        connection.release()
        return { rows, fields }
      }
      return {
        run: () => timed(read),
        uuids: ({ rows, fields }) => {
          const at = rowsAsArray ? fields.findIndex(({ name }) => name === 'uuid') : 'uuid'
          return rows.map(row => row[at])
        },
      }
    },
    close: async () => pool?.end(),
  }
}

export const plainContenders = () => [
  plain('plain mysql2, one cell, arrays', true),
  plain('plain mysql2, one cell, objects', false),
]
