import { createPool } from 'mysql2/promise'
import { openCells } from '../../dist/index.js'
import { VISIBLE } from '../data/generate.mjs'
import { openFilledIndex } from '../index/fill.mjs'
import { alternate, faster, timed } from '../measure/rounds.mjs'

const FIELDS = ['uuid', 'display_name', 'vm_state', 'host']

/** The same question to whoever can answer it, each as a list of what its answer has to be the same in. */
export const questionsOf = ({ cells, pools, rare, middle }) => {
  const page = query => ({ scope: 'all', fields: FIELDS, limit: 20, ...query })
  const uuids = ({ items }) => items.map(({ uuid }) => uuid)
  const list = (query, options) => async () => uuids(await cells.instances.list(page(query), options))
  const like = pattern => async () => {
    const sql = `SELECT uuid FROM instances WHERE display_name LIKE ? AND ${VISIBLE} ORDER BY created_at DESC, id DESC LIMIT 20`
    await Promise.all(pools.map(pool => pool.query(sql, [pattern])))
  }
  const byTime = { sort: ['created_at:desc', 'id:desc'] }
  const contains = text => ({ ...byTime, filters: { display_name: { contains: text } } })
  const search = text => async () => uuids(await cells.instances.search(page({ text, sort: byTime.sort })))
  const order = { sort: ['display_name:desc'], limit: 100 }
  const counted = ({ groups }) => groups.map(({ vm_state, count }) => `${vm_state} ${count}`).sort()
  return [
    [
      'index-substring',
      'Names with “orker_g”, the newest 20',
      {
        'LIKE in each cell, plain mysql2, nothing merged': like('%orker\\_g%'),
        'crosscell, cells': list(contains('orker_g'), { source: 'cells' }),
        'crosscell, index and what has changed': list(contains('orker_g')),
        'crosscell, index alone': list(contains('orker_g'), { source: 'index' }),
      },
    ],
    ['index-search', 'Anything with “orker_g”, the newest 20', { 'crosscell search': search('orker_g') }],
    ['index-rare', 'Anything with a part of one uuid', { 'crosscell search': search(rare) }],
    [
      'index-facets',
      'How many in each state',
      {
        'COUNT by cells, crosscell': async () =>
          counted(await cells.instances.count({ scope: 'all', group_by: ['vm_state'] }, { source: 'cells' })),
        'facet of a search': async () => {
          const { facets } = await cells.instances.search(page({ facets: ['vm_state'], limit: 1 }))
          return facets.vm_state.map(({ value, count }) => `${value} ${count}`).sort()
        },
      },
    ],
    [
      'index-sort',
      'First page of 100 by display_name, which no cell has an index for',
      {
        'crosscell, cells': list(order, { source: 'cells' }),
        'crosscell, index and what has changed': list(order),
        'crosscell, index alone': list(order, { source: 'index' }),
      },
    ],
    [
      'index-deep',
      `The same, behind ${middle.behind.toLocaleString('en')} rows`,
      {
        'crosscell, cells': list({ ...order, marker: middle.uuid }, { source: 'cells' }),
        'crosscell, index and what has changed': list({ ...order, cursor: middle.cursor }),
        'crosscell, index alone': list({ ...order, cursor: middle.cursor }, { source: 'index' }),
      },
    ],
  ]
}

/** Asks each question of all who can answer it, in turns. Answers that differ are an error. */
export const measureQuestions = async (questions, rounds) => {
  const results = []
  for (const [name, title, contenders] of questions) {
    const answers = new Map()
    for (const [contender, ask] of Object.entries(contenders)) {
      const answer = await ask()
      if (answer !== undefined) answers.set(contender, JSON.stringify(answer))
    }
    if (new Set(answers.values()).size > 1)
      throw new Error(`${name}: ${[...answers.keys()].join(' and ')} differ`)
    const measured = await alternate(
      Object.entries(contenders).map(([name, ask]) => ({ name, run: () => timed(ask) })),
      rounds,
    )
    const last = measured.at(-1)
    results.push({
      name,
      title,
      measures: measured.map(one => ({
        contender: one.name,
        runs: one.runs,
        p50: one.p50,
        p95: one.p95,
        toFloor: one.ratio,
        ...(one !== last && { faster: faster(last, one) }),
      })),
    })
  }
  return results
}

/** How fast an index was filled, and how large it is. */
export const loadingOf = (name, contender, { documents, ms, bytes }) => ({
  name,
  title: `Loading ${documents.toLocaleString('en')} documents`,
  measures: [
    { contender, runs: 1, rowsReturned: documents, rate: (documents * 1_000) / ms, memory: bytes / 2 ** 20 },
  ],
})

/** How far into the order a page is deep. */
export const deepIn = total => Math.min(400_000, 100 * Math.floor(total / 200))

/** The page behind which it is deep: its last uuid, and its cursor. */
export const pageAt = async (cells, uuid) => {
  const order = { scope: 'all', sort: ['display_name:desc'], fields: FIELDS, limit: 100 }
  const { items, next } = await cells.instances.list({ ...order, marker: uuid }, { source: 'index' })
  return { uuid: items.at(-1).uuid, cursor: next }
}

/** What an index is for, each question against the cells. */
export const measureIndexed = async (cloud, rounds, say) => {
  const { index, ...loaded } = await openFilledIndex(cloud, say)
  const cells = await openCells({ apiDatabase: cloud.apiDatabase, index, buildRequests: 'none' })
  const pools = cloud.cells.map(({ schema }) =>
    createPool({ socketPath: cloud.socketPath, user: 'root', database: schema }),
  )
  const [[total]] = await cloud.query('SELECT COUNT(*) FROM bench.truth')
  const behind = deepIn(total)
  const [[uuid]] = await cloud.query(`SELECT uuid FROM bench.truth WHERE by_name = ${behind - 100}`)
  const middle = { behind, ...(await pageAt(cells, uuid)) }
  const rare = uuid.slice(9, 21)
  try {
    return [
      ...(await measureQuestions(questionsOf({ cells, pools, rare, middle }), rounds)),
      loadingOf('index-load', 'embedded, loading', loaded),
    ]
  } finally {
    await Promise.all([cells.close(), ...pools.map(pool => pool.end())])
  }
}
