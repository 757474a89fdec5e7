import { VISIBLE } from './generate.mjs'

/**
 * A question is data: `{ scope, sort, limit, offset, skewed, detail }`. `sort` is `time`, the default order, or `name`, which no
 * index serves; `skewed` asks the cells of which the first has all of the newest rows; `detail` names relations.
 */
export const ORDERS = {
  time: 'created_at DESC, id DESC',
  name: 'display_name DESC, id DESC',
}

/** What a list shows of a scope. */
export const whereOf = ({ scope }) =>
  scope === 'all' ? VISIBLE : `project_id = '${scope.project_id}' AND ${VISIBLE}`

/** The SQL truth about a question: the uuids of its page, and the row before them. */
export const truthOf = async (cloud, question) => {
  const { scope, sort, limit, offset, skewed } = question
  if (skewed) {
    // All of them are the first cell's: what one cell says is the truth.
    const rows = await cloud.query(
      `SELECT uuid FROM ${cloud.skewed[0].schema}.instances WHERE ${VISIBLE} ORDER BY created_at DESC, id DESC, uuid LIMIT ${limit}`,
    )
    return { uuids: rows.map(([uuid]) => uuid) }
  }
  const where = scope === 'all' ? 'TRUE' : `project_id = '${scope.project_id}'`
  const rows = await cloud.query(
    `SELECT uuid, id, created_at FROM bench.truth WHERE ${where} ORDER BY by_${sort} LIMIT ${limit} OFFSET ${offset}`,
  )
  const [before] =
    offset === 0
      ? []
      : await cloud.query(
          `SELECT uuid, id, created_at FROM bench.truth WHERE ${where} ORDER BY by_${sort} LIMIT 1 OFFSET ${offset - 1}`,
        )
  return {
    uuids: rows.map(([uuid]) => uuid),
    before: before && { uuid: before[0], id: before[1], created_at: before[2] },
  }
}

/** The uuids of the first rows of one cell, by the same scope and order. */
export const oneCellTruth = async (cloud, { scope, sort, limit, skewed }) => {
  const [cell] = skewed ? cloud.skewed : cloud.cells
  const rows = await cloud.query(
    `SELECT uuid FROM ${cell.schema}.instances WHERE ${whereOf({ scope })} ORDER BY ${ORDERS[sort]} LIMIT ${limit}`,
  )
  return rows.map(([uuid]) => uuid)
}

/** Projects by how many visible instances they have: the largest, the smallest, and the one nearest to 15,000. */
export const projectsOf = async cloud => {
  const rows = await cloud.query(
    'SELECT project_id, COUNT(*) FROM bench.truth GROUP BY project_id ORDER BY COUNT(*) DESC, project_id',
  )
  const named = ([project_id, count]) => ({ project_id, count: Number(count) })
  const nearest = rows.toSorted((a, b) => Math.abs(a[1] - 15_000) - Math.abs(b[1] - 15_000))[0]
  return { huge: named(rows[0]), middling: named(nearest), small: named(rows.at(-1)) }
}
