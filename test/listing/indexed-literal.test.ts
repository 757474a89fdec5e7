import t from 'tap'
import { openCells } from '../../src/index.js'
import { startLocalCells } from '../../src/testing/local-cells.js'
import { ADAPTERS } from './fixtures/adapters.js'
import { fill } from './fixtures/filled-index.js'
import { makeInstances } from './fixtures/own-rows.js'

/** Names in all scripts, and what is an operator, a wildcard or a quote to SQL, to FTS5 or to OpenSearch, are found as they are. */

const NAMES = [
  ...String.raw`
    web AND db ¦ web OR db ¦ NOT web ¦ NEAR(web db, 2) ¦ web NEAR db ¦ name : web ¦ name:web ¦ {name} : web ¦ _exists_:name
    web* ¦ w*b ¦ w?b ¦ * ¦ ? ¦ % ¦ _ ¦ w_b ¦ w%b ¦ 100% ¦ \ ¦ \* ¦ \% ¦ a\b ¦ ^web ¦ web^2 ¦ web~1 ¦ +web -db ¦ && web ¦ || web ¦ !web
    "web db" ¦ say "web" ¦ " ¦ "" ¦ it's web ¦ ' ¦ '' ¦ ' OR 1=1 -- ¦ '; DROP TABLE docs; -- ¦ " OR "1"="1
    /web.*/ ¦ .* ¦ [a TO z] ¦ {a TO z} ¦ (web ¦ web) ¦ {"match_all":{}} ¦ <b>web</b> ¦ $(web) ¦ $1 ¦ null ¦ undefined
    Größe ¦ GROSSE ¦ Łódź ¦ İstanbul ¦ ısı ¦ Ελληνικός ¦ Привет ¦ ёлка ¦ العربية ¦ עברית ¦ हिन्दी ¦ தமிழ் ¦ ไทยดี ¦ 한국어
    日本語サーバー ¦ ｶﾀｶﾅ ¦ 中文服务器 ¦ ｗｅｂ ¦ ﬁle ¦ naïve café`
    .trim()
    .split(/ ¦ |\n */),
  ...['\ttab', 'two  spaces', 'line\nline', 'e\u0301te\u0301', '\u200bweb', '\ufeffweb'],
]

const local = await startLocalCells({ cells: 2, cell0: false })
t.teardown(() => local.stop())
const row = (i: number) => `70000000-0000-4000-8000-${String(i).padStart(12, '0')}`
await makeInstances(
  local,
  NAMES.map((name, i) => ({ uuid: row(i), project: 'mine', name, host: 'h' })),
)

const mine = { scope: { project_id: 'mine' }, fields: ['display_name'], limit: 1_000 } as const
const names = (items: readonly { readonly display_name: string | null }[]): string[] =>
  items.map(({ display_name }) => display_name!).sort()
/** What each filter is to find, by one statement for each cell. */
const foundBySql = async (where: string, value: string): Promise<string[]> => {
  const found = await Promise.all(
    local.cells.map(({ name }) =>
      local.query(name, `SELECT display_name FROM instances WHERE ${where}`, [value]),
    ),
  )
  return found
    .flat()
    .map(([name]) => name as string)
    .sort()
}
const escaped = (name: string): string => name.replace(/[\\%_]/g, '\\$&')

for (const { name: adapter, skip, open } of ADAPTERS) {
  t.test(`names in ${adapter}`, { skip }, async t => {
    const index = open('literal')
    const cells = await openCells({ apiDatabase: local.apiDatabase!, index })
    t.teardown(() => cells.close())
    await fill(index, local.apiDatabase!)
    const list = async (filter: object | string): Promise<string[]> => {
      const query = { ...mine, filters: { display_name: filter } } as never
      const page = await cells.instances.list(query, { source: 'index' })
      t.equal(page.source, 'index')
      return names(page.items as never)
    }
    for (const name of NAMES) {
      const shown = JSON.stringify(name)
      t.same(await list(name), await foundBySql('display_name = ?', name), `is ${shown}`)
      for (const [op, pattern] of [
        ['contains', `%${escaped(name)}%`],
        ['prefix', `${escaped(name)}%`],
      ] as const)
        t.same(await list({ [op]: name }), await foundBySql('display_name LIKE ?', pattern), `${op} ${shown}`)
      t.same(
        await list({ like: escaped(name) }),
        await foundBySql('display_name LIKE ?', escaped(name)),
        `like ${shown}`,
      )

      // A quote holds a word together, and is in none.
      const text = name.includes('"') ? name.replaceAll('"', ' ') : `"${name}"`
      const { items, facets } = await cells.instances.search({
        ...mine,
        text,
        facets: ['display_name'],
        highlight: true,
      })
      t.ok(names(items).includes(name), `searched for ${shown}`)
      t.same(
        facets.display_name.reduce((sum, { count }) => sum + count, 0),
        items.length,
      )
      const own = items.find(({ display_name }) => display_name === name)!
      const words = text.replaceAll('"', '').trim()
      if (!name.includes('"') && words !== '') {
        const { text: where, marks } = own.highlights!.display_name![0]!
        t.ok(
          marks.some(([from, to]) => where.slice(from, to).includes(words)),
          `marked ${shown}`,
        )
        const others = names(items).filter(one => !one.toLowerCase().includes(words.toLowerCase()))
        t.ok(
          others.every(one => /[^\x20-\x7f]/.test(one + words)),
          `${shown}: not ${others}`,
        )
      }
    }
  })
}
