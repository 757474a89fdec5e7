import { readFile, writeFile } from 'node:fs/promises'
import t from 'tap'
import { withParts } from './fixtures/page.js'

const PAGE = new URL('../../docs/faults.md', import.meta.url)

t.test('docs/faults.md has the tables that the cases are made of', async t => {
  const page = await readFile(PAGE, 'utf8')
  if (process.env.TAP_SNAPSHOT === '1') await writeFile(PAGE, withParts(page))
  else
    t.equal(
      page,
      withParts(page),
      'npx tap run --snapshot --disable-coverage test/faults/document.test.ts puts them in',
    )
})
