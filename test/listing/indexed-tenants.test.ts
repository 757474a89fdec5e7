import t from 'tap'
import { type Cells, instances, openCells } from '../../src/index.js'
import { pick, type Random, randomFrom, times } from '../../src/testing/conformance/random.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { seed } from '../fixtures/seed.js'
import { effort } from '../fuzz/fixtures/effort.js'
import { someQuery, valuesOf } from '../search/fixtures/instance-queries.js'
import { searchable } from '../search/fixtures/searchable.js'
import { ADAPTERS } from './fixtures/adapters.js'
import { fill } from './fixtures/filled-index.js'
import { makeInstances } from './fixtures/own-rows.js'

/**
 * What a tenant is told is the same whether there are others or not. Two indexes, of which only the one holds what others have, are asked
 * for what the others have, by filter, order, facet, highlight, text, marker and cursor.
 */

const QUESTIONS = effort(300, 20_000)

const random = randomFrom(seed)
const local = await startLocalCells({ cells: 2, cell0: false, instances: [80, 60], seed: seed % 1_000 })
t.teardown(() => local.stop())
const uuid = (project: string, i: number) =>
  `${project === 'mine' ? 1 : 2}0000000-0000-4000-8000-00000000000${i}`
/** Alike but for a word, so that what is asked of the one nearly fits the other. */
await makeInstances(
  local,
  ['mine', 'theirs', 'mine', 'theirs', 'theirs', 'mine'].map((project, i) => ({
    ...{ uuid: uuid(project, i), project, name: `web ${i} of ${project}`, host: `host of ${project}` },
  })),
)
const { records, close } = await searchable(local)
t.teardown(close)
const theirs = [...records.values()].filter(({ project_id }) => project_id !== 'mine')
const secrets = valuesOf(theirs)
const words = [
  ...theirs.flatMap(({ uuid, display_name, host, project_id, user_id, key_name }) =>
    [uuid, display_name, host, project_id, user_id, key_name].map(String),
  ),
  ...(secrets.tag as string[]),
  ...(secrets.metadata as string[][]).flat(),
  ...['theirs', 'of theirs', 'host of', 'host of mine', 'web', 'web of', '1', 'e', ''],
].filter(word => !word.includes('"') && word.length < 120)

const FACETS = [...instances.sortKeys, 'cell'] as const
const mine = { project_id: 'mine' }

/** A question, as one verb and what it is given. */
const question = (random: Random): readonly ['list' | 'search' | 'count', Record<string, unknown>] => {
  const { filters } = someQuery(random, secrets)
  const sort = times(
    1 + random(2),
    () => `${pick(random, instances.sortKeys)}:${pick(random, ['asc', 'desc'])}`,
  )
  const asked = { scope: mine, sort, limit: 1 + random(4), ...(random(2) === 0 && { filters }) }
  switch (random(3)) {
    case 0:
      return ['list', { ...asked, ...(random(3) === 0 && { marker: pick(random, theirs).uuid }) }]
    case 1:
      return ['count', { scope: mine, filters, group_by: [pick(random, instances.sortKeys)] }]
    default: {
      const facets = times(random(3), () => pick(random, FACETS))
      const text = times(1 + random(2), () => `"${pick(random, words)}"`).join(' ')
      const relevance = random(2) === 0 && { sort: 'relevance' }
      return [
        'search',
        { ...asked, ...relevance, text, facets: [...new Set(facets)], highlight: random(2) === 0 },
      ]
    }
  }
}

/** A verb, whichever it is. */
const ask = ({ instances }: Cells, verb: string, query: object): Promise<Record<string, unknown>> =>
  (instances as unknown as Record<string, (...given: object[]) => Promise<Record<string, unknown>>>)[verb]!(
    query,
    verb === 'search' ? {} : { source: 'index' },
  )

/** All that a tenant hears, page after page: a cursor is another one each time, and is good for the next page. */
const heard = async (cells: Cells, [verb, query]: ReturnType<typeof question>): Promise<string> => {
  const pages: unknown[] = []
  let asked = query
  do {
    const said = await ask(cells, verb, asked).catch(({ code, message, path, reason, unserved }) => ({
      ...{ code, message, path, reason, unserved },
    }))
    const { next, cells: _, ...rest } = said as Record<string, unknown>
    pages.push({ ...rest, last: !next })
    const { marker, ...behind } = query
    asked = { ...behind, cursor: next }
  } while (asked.cursor && pages.length < 4)
  return JSON.stringify(pages)
}

const questions = times(QUESTIONS, () => question(random))
const filled = new Map<string, Cells>()
const fillAll = async (what: string): Promise<void> => {
  for (const { name, skip, open } of ADAPTERS) {
    if (skip) continue
    const index = open(`tenants-${what}`)
    const cells = await openCells({ apiDatabase: local.apiDatabase!, index, buildRequests: 'none' })
    t.teardown(() => cells.close())
    await fill(index, local.apiDatabase!)
    filled.set(`${name} ${what}`, cells)
  }
}
await fillAll('with')
for (const { name } of local.cells)
  await local.query(name, `DELETE FROM instances WHERE NOT project_id <=> 'mine'`)
await fillAll('without')

for (const { name, skip } of ADAPTERS) {
  t.test(`${QUESTIONS} questions of a tenant to an index in ${name}`, { skip }, async t => {
    const [among, alone] = ['with', 'without'].map(what => filled.get(`${name} ${what}`)!) as [Cells, Cells]
    let told = 0
    for (const one of questions) {
      const said = await heard(alone, one)
      if (said.includes('of mine')) told++
      const other = await heard(among, one)
      if (other !== said) t.same(other, said, JSON.stringify(one))
    }
    t.ok(told > QUESTIONS / 20, `${told} of them have an answer`)
  })

  t.test(`cursors, and administrators’ fields, in ${name}`, { skip }, async t => {
    const cells = filled.get(`${name} with`)!
    const { instances } = cells
    const query = { sort: ['display_name'], limit: 1 } as const
    for (const scope of ['all', { project_id: 'theirs' }, { user_id: 'u' }] as const)
      for (const verb of ['list', 'search'] as const) {
        const { next: cursor } = await ask(cells, verb, { ...query, scope })
        t.type(cursor, 'string')
        for (const other of ['list', 'search'])
          await t.rejects(ask(cells, other, { ...query, scope: mine, cursor }), { code: 'invalid-cursor' })
      }
    for (const text of ['host of mine', 'mine-host']) {
      const { items } = await instances.search({ scope: mine, text: `"${text}"` })
      t.same(items, [], 'not even its own host')
    }
    for (const facet of ['host', 'node', 'project_id', 'user_id'] as const)
      await t.rejects(instances.search({ scope: mine, facets: [facet] }), {
        code: 'invalid-option',
        path: '/facets/0',
      })
    t.equal((await instances.search({ scope: 'all', text: '"host of theirs"' })).items.length, 3)
  })
}
