import { createPool } from 'mysql2/promise'
import { truthOf } from '../data/truth.mjs'
import { pageOf, sideStatements } from './sql.mjs'

/** The default order, as one would write it: NULLs come last. */
export const byTime = (a, b) => {
  if (a.created_at !== b.created_at)
    return a.created_at === null ? 1 : b.created_at === null ? -1 : a.created_at < b.created_at ? 1 : -1
  return b.id - a.id || (a.uuid < b.uuid ? -1 : 1)
}
const byName = (a, b) => (b.display_name ?? '').localeCompare(a.display_name ?? '') || b.id - a.id

const COMPARE = { time: byTime, name: byName }

/** What one writes first: every cell is asked for the whole page, and what comes is put together, sorted and cut. */
export const fanOut = {
  name: 'hand-written fan-out',
  open: cloud => {
    const pools = new Map()
    const poolOf = schema => {
      if (!pools.has(schema))
        pools.set(
          schema,
          createPool({ socketPath: cloud.socketPath, user: 'root', database: schema, dateStrings: true }),
        )
      return pools.get(schema)
    }
    return {
      ask: async question => {
        const { before } = await truthOf(cloud, question)
        const { limit, sort, detail = [], skewed } = question
        const schemas = (skewed ? cloud.skewed : cloud.cells).map(({ schema }) => schema)
        const sql = pageOf('instances', question, before)
        const list = async () => {
          const parts = await Promise.all(
            schemas.map(async schema => {
              const [rows] = await poolOf(schema).query(sql)
              for (const row of rows) row.schema = schema
              return rows
            }),
          )
          const fetched = parts.flat()
          const page = fetched.toSorted(COMPARE[sort]).slice(0, limit)
          await Promise.all(
            schemas.map(async schema => {
              const uuids = page.filter(row => row.schema === schema).map(({ uuid }) => uuid)
              if (uuids.length === 0) return
              for (const statement of sideStatements(schema, detail, uuids))
                await poolOf(schema).query(statement)
            }),
          )
          return { page, fetched: fetched.length }
        }
        return { list, show: ({ page, fetched }) => ({ uuids: page.map(({ uuid }) => uuid), fetched }) }
      },
      close: () => Promise.all([...pools.values()].map(pool => pool.end())),
    }
  },
}
