import t from 'tap'
import { IndexError } from '../../src/errors.js'
import type { IndexQuery, SearchIndex } from '../../src/search/search-index.js'
import { conformanceOf, indexConformance } from '../../src/testing/index-conformance.js'
import { memoryIndex, memoryStore } from '../../src/testing/memory-index.js'
import { seed } from '../fixtures/seed.js'
import { MUTANTS } from './fixtures/mutants.js'

for (const { name, run } of conformanceOf(seed))
  t.test(name, async () => {
    const store = memoryStore()
    await run(memoryIndex(store), () => memoryIndex(store))
  })

t.test('an index that refuses long lists conforms', async () => {
  const longest = (query: IndexQuery): number =>
    Math.max(0, ...query.where.map(test => ('in' in test ? test.in.length : 0)))
  const make = (): SearchIndex => {
    const index = memoryIndex()
    return {
      ...index,
      find: async (generation, query, signal) => {
        if (longest(query) > 65_536) throw new IndexError('REFUSED')
        return index.find(generation, query, signal)
      },
    }
  }
  for (const { run } of indexConformance.filter(({ name }) => name.startsWith('a long list')))
    await run(make(), make)
})

t.test('whatever an index does wrong, a case sees it', async t => {
  const isLong = ({ name }: { readonly name: string }): boolean => name.endsWith(' times')
  const cases = [...indexConformance.filter(one => !isLong(one)), ...indexConformance.filter(isLong)]
  for (const [wrong, mutate] of Object.entries(MUTANTS)) {
    let seen: string | undefined
    for (const { name, run } of cases) {
      const store = memoryStore()
      const make = () => mutate(memoryIndex(store), store)
      await run(make(), make).catch(() => {
        seen = name
      })
      if (seen !== undefined) break
    }
    t.type(seen, 'string', `${wrong}: ${seen}`)
  }
})
