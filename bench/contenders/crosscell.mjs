import { openCells } from '../../dist/index.js'
import { truthOf } from '../data/truth.mjs'

const SORTS = { time: undefined, name: ['display_name:desc'] }

const given = cells => ({ cells: cells.map(({ uuid, name, database }) => ({ uuid, name, database })) })

const evenly = cloud => given(cloud.cells)

const factsOf = page => ({
  uuids: page.items.map(item => item.uuid),
  fetched: page.cells.reduce((sum, cell) => sum + cell.fetched, 0),
})

/** The cursor that stands where `question` starts. */
const cursorFor = async (cells, cloud, { scope, sort, offset }) => {
  if (offset === 0) return undefined
  const [marker] = (await truthOf(cloud, { scope, sort, limit: 1, offset: offset - 2 })).uuids
  return (await cells.instances.list({ scope, sort: SORTS[sort], limit: 1, marker })).next
}

/** The same page again and again. */
const prepare = async (cells, cloud, question) => {
  const { scope, sort, limit, detail: include, fields } = question
  const cursor = await cursorFor(cells, cloud, question)
  const query = { scope, sort: SORTS[sort], limit, cursor, fields, include }
  return {
    list: () => cells.instances.list(query),
    show: page => ({ ...factsOf(page), ...(include && { items: page.items }) }),
  }
}

/** With the cells given. */
export const crosscell = {
  name: 'crosscell',
  open: async cloud => {
    const even = await openCells(evenly(cloud))
    const skewed = await openCells(given(cloud.skewed))
    return {
      ask: ({ detail, ...question }) =>
        prepare(question.skewed ? skewed : even, cloud, {
          ...question,
          // Only the API database has it.
          detail: detail?.filter(relation => relation !== 'request_spec'),
        }),
      close: () => Promise.all([even.close(), skewed.close()]),
    }
  },
}

/** A contender over one set of cells. */
const over = (name, config, ask) => ({
  name,
  open: async cloud => {
    const cells = await openCells(config(cloud))
    return { ask: question => ask(cells, cloud, question), close: () => cells.close() }
  },
})

/** The first page, beside one far behind it. */
export const firstPage = over('crosscell, first page', evenly, async (cells, cloud, question) => {
  if (question.offset === 0) return undefined
  const first = { ...question, offset: 0 }
  const { list, show } = await prepare(cells, cloud, first)
  return { list, show: page => ({ ...show(page), asked: first }) }
})

/** With the API database, which also says what has no cell yet and which copy is the current one. */
export const withApiDatabase = over(
  'crosscell, apiDatabase',
  ({ apiDatabase }) => ({ apiDatabase }),
  async (cells, cloud, question) => (question.skewed ? undefined : prepare(cells, cloud, question)),
)

/** Each page behind the one before: none of them has been asked before. */
export const pageAfterPage = over('crosscell, page after page', evenly, async (cells, cloud, question) => {
  if (!question.walked) return undefined
  const { scope, sort, limit } = question
  const start = { cursor: await cursorFor(cells, cloud, question), offset: question.offset }
  let next = start
  return {
    list: async () => {
      const { cursor, offset } = next
      const page = await cells.instances.list({ scope, sort: SORTS[sort], limit, cursor })
      next = page.next === null ? start : { cursor: page.next, offset: offset + limit }
      return { page, offset }
    },
    show: ({ page, offset }) => ({ ...factsOf(page), asked: { ...question, offset } }),
  }
})
