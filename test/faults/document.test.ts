import { readFile } from 'node:fs/promises'
import t from 'tap'
import { withParts } from './fixtures/page.js'

t.test('docs/faults.md has the tables that the cases are made of', async t => {
  const page = await readFile(new URL('../../docs/faults.md', import.meta.url), 'utf8')
  t.equal(page, withParts(page), 'node scripts/faults-page.mjs puts them in')
})
