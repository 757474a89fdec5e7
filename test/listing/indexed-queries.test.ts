import t from 'tap'
import { InvalidInputError, instances, openCells } from '../../src/index.js'
import { pick, randomFrom } from '../../src/testing/conformance/random.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { validatorOf } from '../../src/validation/validator.js'
import { seed } from '../fixtures/seed.js'
import { effort } from '../fuzz/fixtures/effort.js'
import { someQuery, valuesOf } from '../search/fixtures/instance-queries.js'
import { makeMischief } from '../search/fixtures/mischief.js'
import { searchable } from '../search/fixtures/searchable.js'
import { ADAPTERS } from './fixtures/adapters.js'
import { fill } from './fixtures/filled-index.js'

/** Whatever is asked in whatever order, page by page: each adapter gives what the cells give. */

const QUERIES = effort(300, 20_000)

const random = randomFrom(seed)
const local = await startLocalCells({ cells: 3, instances: [10, 80, 60, 50], seed: seed % 1_000 })
t.teardown(() => local.stop())
await makeMischief(local, random, ['cell2'])
const { cells, records, close } = await searchable(local)
t.teardown(close)
const values = valuesOf(records.values())
const validator = validatorOf(instances, 1_000)
const SORT_KEYS = instances.sortKeys.filter(key => !['key_data', 'user_data', 'launched_on'].includes(key))

/** A query that is right. */
const valid = (): Record<string, unknown> => {
  for (;;) {
    const sort = Array.from(
      { length: 1 + random(2) },
      () => `${pick(random, SORT_KEYS)}:${pick(random, ['asc', 'desc'])}`,
    )
    const fields = ['uuid', 'display_name', sort[0]!.split(':')[0]!]
    const query = { ...someQuery(random, values), sort, fields, include: ['tags', 'metadata'] }
    try {
      validator.query('list', query)
      return query
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error
    }
  }
}

for (const { name, skip, open } of ADAPTERS)
  t.test(`${QUERIES} queries of an index in ${name}`, { skip }, async t => {
    const index = open('queries')
    const indexed = await openCells({ apiDatabase: local.apiDatabase!, index, buildRequests: 'none' })
    t.teardown(() => indexed.close())
    await fill(index, local.apiDatabase!)
    let [some, pages, unserved] = [0, 0, 0]
    for (let done = 0; done < QUERIES; done++) {
      const query = valid()
      const truth = (await cells.instances.list({ ...query, limit: 1_000 } as never)).items
      const limit = pick(random, [3, 20, 100])
      const options = pick(random, [{ source: 'index' }, {}] as const)
      const found: unknown[] = []
      try {
        for await (const page of indexed.instances.pages({ ...query, limit } as never, options)) {
          found.push(...page.items)
          if (page.source === 'index') pages++
        }
      } catch (error) {
        if ((error as { reason?: string }).reason !== 'unserved') throw error
        unserved++
        continue
      }
      if (found.length > 0) some++
      if (JSON.stringify(found) !== JSON.stringify(truth)) t.same(found, truth, JSON.stringify(query))
    }
    t.comment(`${some} found something, ${pages} pages of the index, ${unserved} only the cells can judge`)
    t.ok(some > QUERIES / 4 && pages > QUERIES / 2)
  })
