import t from 'tap'
import { conformanceOf } from '../../src/testing/index-conformance.js'
import { seed } from '../fixtures/seed.js'
import { open, prefix, skip } from './opensearch-fixture.js'

t.test('the conformance suite', { skip }, async t => {
  const index = open()
  for (const { name, run } of conformanceOf(seed)) await t.test(name, () => run(index, open))
})

t.test('the conformance suite, three shards', { skip }, async t => {
  const again = () => open({ prefix: `${prefix}-3`, shards: 3 })
  const index = again()
  for (const { name, run } of conformanceOf(seed))
    if (/find|page|sort|count|scan|bucket|null/.test(name)) await t.test(name, () => run(index, again))
})
