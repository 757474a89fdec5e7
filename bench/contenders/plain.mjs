import { createPool } from 'mysql2/promise'
import { oneCellTruth } from '../data/truth.mjs'
import { pageOf, sideStatements } from './sql.mjs'

/**
 * The floor: the first page of the same question, put to one cell alone, by one statement on a connection that is taken from a
 * pool. Relations follow by one statement for each side table, their rows as they come.
 */
const plain = (name, rowsAsArray) => ({
  name,
  oneCell: true,
  open: cloud => {
    const pool = createPool({ socketPath: cloud.socketPath, user: 'root', dateStrings: true })
    return {
      ask: async question => {
        const [cell] = question.skewed ? cloud.skewed : cloud.cells
        const sql = pageOf(`${cell.schema}.instances`, question)
        const { detail = [] } = question
        const uuids = await oneCellTruth(cloud, question)
        const more = sideStatements(cell.schema, detail, uuids)
        return {
          list: async () => {
            const connection = await pool.getConnection()
            const [rows, fields] = await connection.query({ sql, rowsAsArray })
            for (const sql of more) await connection.query({ sql, rowsAsArray })
            connection.release()
            return { rows, fields }
          },
          show: ({ rows, fields }) => {
            const at = rowsAsArray ? fields.findIndex(({ name }) => name === 'uuid') : 'uuid'
            return { uuids: rows.map(row => row[at]) }
          },
        }
      },
      close: () => pool.end(),
    }
  },
})

export const arrays = plain('plain mysql2, one cell, arrays', true)
export const objects = plain('plain mysql2, one cell, objects', false)
