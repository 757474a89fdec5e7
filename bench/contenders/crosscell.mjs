import { openCells } from '../../dist/index.js'
import { truthOf } from '../data/truth.mjs'
import { timed } from '../measure/rounds.mjs'

const SORTS = { time: undefined, name: ['display_name:desc'] }

const fetched = page => page.cells.reduce((sum, cell) => sum + cell.fetched, 0)

/** The cursor that stands where `question` starts. */
const cursorFor = async (cells, cloud, { scope, sort, offset }) => {
  if (offset === 0) return undefined
  const [marker] = (await truthOf(cloud, { scope, sort, limit: 1, offset: offset - 2 })).uuids
  return (await cells.instances.list({ scope, sort: SORTS[sort], limit: 1, marker })).next
}

const contender = (name, config, { skewed, withApi }) => {
  let opened
  return {
    name,
    ask: async (cloud, question) => {
      if ((question.skewed ?? false) !== skewed) return undefined
      opened ??= await openCells(config(cloud))
      const { scope, sort, limit, detail = [], fields } = question
      const cursor = await cursorFor(opened, cloud, question)
      const query = {
        scope,
        sort: SORTS[sort],
        limit,
        cursor,
        fields,
        include: detail.filter(relation => withApi || relation !== 'request_spec'),
      }
      return {
        run: () => timed(() => opened.instances.list(query)),
        uuids: page => page.items.map(item => item.uuid),
        items: page => page.items,
        fetched,
      }
    },
    close: async () => opened?.close(),
  }
}

/** Page after page, each behind the one before: none of them has been asked before. */
const walker = name => {
  let opened
  return {
    name,
    ask: async (cloud, question) => {
      if (!question.walked) return undefined
      opened ??= await openCells(spread(cloud))
      const { scope, sort, limit } = question
      const start = { cursor: await cursorFor(opened, cloud, question), offset: question.offset }
      let next = start
      return {
        run: async () => {
          const { cursor, offset } = next
          const timing = await timed(() => opened.instances.list({ scope, sort: SORTS[sort], limit, cursor }))
          next = timing.answer.next === null ? start : { cursor: timing.answer.next, offset: offset + limit }
          return { ...timing, answer: { ...timing.answer, offset } }
        },
        uuids: page => page.items.map(item => item.uuid),
        asked: page => ({ ...question, offset: page.offset }),
        fetched,
      }
    },
    close: async () => opened?.close(),
  }
}

const spread = cloud => ({ cells: cloud.cells.map(({ uuid, name, database }) => ({ uuid, name, database })) })
const skewed = cloud => ({ cells: cloud.skewed.map(({ uuid, name, database }) => ({ uuid, name, database })) })

/** With the cells given; with the API database, which also says what has no cell yet and which copy is the current one. */
export const crosscellContenders = () => [
  contender('crosscell', spread, { skewed: false, withApi: false }),
  walker('crosscell, page after page'),
  contender('crosscell', skewed, { skewed: true, withApi: false }),
  contender('crosscell, apiDatabase', cloud => ({ apiDatabase: cloud.apiDatabase }), {
    skewed: false,
    withApi: true,
  }),
]
