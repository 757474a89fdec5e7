import t, { type Test } from 'tap'
import { type CharacterWeights, readCharacterWeights } from '../../src/cells/character-weights.js'
import { comparable } from '../../src/cells/collation.js'
import { CellFailedError } from '../../src/errors.js'
import { frameOf } from '../../src/search/frame.js'
import { FORM } from '../../src/search/layout.js'
import { testsOf } from '../../src/search/tests.js'
import { weigherOf } from '../../src/search/weigher.js'
import { type Condition, where } from '../../src/sql/condition.js'
import { join, type Sql, sql } from '../../src/sql/fragment.js'
import { pick, type Random, randomFrom, times } from '../../src/testing/conformance/random.js'
import { compareTexts, isWanted } from '../../src/testing/memory-documents.js'
import { connection, database, server } from '../cells/fixtures/texts-server.js'
import { seed } from '../fixtures/seed.js'
import { effort } from '../fuzz/fixtures/effort.js'
import { documentWith, textResource } from './fixtures/text-resource.js'
import { somePattern, someTexts } from './fixtures/texts.js'

/** Texts are compared without the server as the server compares them, or the collation is refused. */

const { signal } = new AbortController()

/** All that a server has. Swedish of seven bits has no `\\`, and so no patterns. */
const collations = (
  (await connection.query(
    `SELECT ${server.kind === 'mariadb' ? 'FULL_' : ''}COLLATION_NAME, CHARACTER_SET_NAME FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY
     WHERE CHARACTER_SET_NAME <> 'binary'`,
  )) as [string, string][]
).filter(([name]) => comparable(name) && !name.startsWith('swe7'))

/** What has to be served: what Nova's databases have, and what others are likely to have. */
const SERVED = [
  ...[
    'utf8mb3_general_ci',
    'utf8mb4_general_ci',
    'utf8mb3_bin',
    'utf8mb4_bin',
    'utf16_general_ci',
    'utf32_bin',
  ],
  ...[
    'latin1_swedish_ci',
    'latin1_bin',
    'latin1_general_ci',
    'ascii_general_ci',
    'latin2_general_ci',
    'cp1251_general_ci',
  ],
  ...(server.kind === 'mariadb'
    ? [
        'utf8mb3_general_nopad_ci',
        'utf8mb4_general_nopad_ci',
        'utf8mb4_nopad_bin',
        'latin1_nopad_bin',
        'latin1_swedish_nopad_ci',
      ]
    : []),
]
/** Texts of these weigh more than their characters. */
const REFUSED = [
  ...[
    'utf8mb4_unicode_ci',
    'utf8mb4_unicode_520_ci',
    'utf8mb4_czech_ci',
    'utf8mb4_danish_ci',
    'utf8mb4_spanish2_ci',
  ],
  ...[
    'utf8mb4_german2_ci',
    'latin1_german2_ci',
    'tis620_thai_ci',
    'gbk_chinese_ci',
    'latin2_czech_cs',
    'utf8mb4_no_such_ci',
  ],
  ...(server.kind === 'mariadb'
    ? ['utf8mb4_uca1400_ai_ci', 'utf8mb4_uca1400_nopad_as_cs', 'utf8mb4_unicode_nopad_ci', 'utf8mb4_myanmar_ci']
    : [
        'utf8mb4_0900_ai_ci',
        'utf8mb4_0900_as_cs',
        'utf8mb4_ja_0900_as_cs_ks',
        'utf8mb4_zh_0900_as_cs',
        'gb18030_bin',
      ]),
]

const read = (name: string, charset = name.split('_')[0]!): Promise<CharacterWeights | undefined> =>
  readCharacterWeights(database, { charset, name }, signal)

const OPERATORS = [
  'eq',
  'ne',
  'lt',
  'lte',
  'gt',
  'gte',
  'like',
  'like',
  'like',
  'prefix',
  'contains',
  'in',
] as const

const conditionOn = (random: Random, texts: readonly string[]): Condition => {
  const op = pick(random, OPERATORS)
  const some = (): string => pick(random, texts)
  const part = (): string => [...some()].slice(0, 1 + random(3)).join('')
  const value = {
    like: () => somePattern(random, texts),
    in: () => times(random(4), some),
    prefix: part,
    contains: part,
  }
  return {
    column: 's',
    kind: 'text',
    nullable: true,
    op,
    value: (op in value ? value[op as keyof typeof value] : some)(),
  }
}

/** Compares texts with the server in every way that there is. */
const judge = async (t: Test, weights: CharacterWeights, charset: string): Promise<void> => {
  const { collation } = weights
  const random = randomFrom(seed)
  const weigher = weigherOf(weights)
  const texts = someTexts(random, 320)
  const utf8mb4 = /^utf(8mb4|16|32)/.test(charset)
  // MariaDB sorts U+0000 at the end of a text as if it were not there where texts are not padded, and compares it as what it is.
  const odd = weights.pads ? /$^/ : /\0/
  const kept = (text: string): boolean =>
    weigher.holds(text) && !odd.test(text) && (utf8mb4 || !/[\u{10000}-\u{10ffff}]/u.test(text))
  const own = texts.filter(kept)
  await connection.query('DROP TABLE IF EXISTS things')
  await connection.query(
    `CREATE TABLE things (id INT PRIMARY KEY, s VARCHAR(60) CHARACTER SET ${charset} COLLATE ${collation})`,
  )
  await connection.query('INSERT INTO things VALUES ?', [own.map((text, id) => [id, text])] as never)

  const rows = (await connection.query(
    'SELECT id, WEIGHT_STRING(s), DENSE_RANK() OVER (ORDER BY s) FROM things ORDER BY id',
  )) as [number, Buffer, number][]
  t.equal(rows.length, own.length)
  const wrong = rows.filter(([id, weight]) => weight.toString('latin1') !== weigher.weights(own[id]!))
  t.same(
    wrong.map(([id]) => own[id]!),
    [],
    `${collation}: weights`,
  )
  const keys = own.map(weigher.key)
  t.ok(
    keys.every(key => key.isWellFormed() && !key.includes('\0')),
    `${collation}: keys can be kept by any index`,
  )
  const places = new Map([...new Set(keys)].sort(compareTexts).map((key, i) => [key, i + 1]))
  const misplaced = rows.filter(([id, , rank]) => places.get(keys[id]!) !== rank)
  t.same(
    misplaced.map(([id]) => own[id]!),
    [],
    `${collation}: ORDER BY`,
  )

  const pairs = (await connection.query(
    'SELECT a.id, SUM(a.s < b.s), SUM(a.s = b.s) FROM things a CROSS JOIN things b GROUP BY a.id',
  )) as [number, string, string][]
  for (const [id, less, equal] of pairs) {
    const orders = keys.map(key => compareTexts(keys[id]!, key))
    const counts = [orders.filter(order => order < 0).length, orders.filter(order => order === 0).length]
    if (String(counts) !== `${less},${equal}`)
      t.fail(`${collation}: < and =`, { text: own[id], counts, less, equal })
  }

  const resource = textResource
  const layout = {
    form: FORM,
    resource: resource.name,
    weights: [weights],
    texts: { s: 0 },
    members: {},
    enums: {},
  } as const
  const frame = frameOf(resource, layout)
  const documents = own.map((text, id) => documentWith(frame, id, text))
  const asked = times(400, () => conditionOn(random, texts)).flatMap(condition => {
    const found = testsOf(frame, [condition])
    return 'tests' in found ? [{ condition, tests: found.tests }] : []
  })
  t.ok(asked.length > (weights.held === null ? 300 : 100), `${collation}: ${asked.length} conditions`)
  const columns = asked.map(
    ({ condition }) => sql`(${where([condition], 'things', () => ({ charset, collation }))})`,
  )
  const statement = sql`SELECT ${join(columns, ', ')} FROM things ORDER BY id`
  const said = (await connection.query(statement.text, statement.values)) as number[][]
  for (const [i, { condition, tests }] of asked.entries()) {
    const differ = documents.filter(
      (document, id) => Number(isWanted(document, { where: tests })) !== said[id]![i],
    )
    if (differ.length > 0)
      t.fail(`${collation}: a condition`, {
        condition,
        texts: differ.map(({ keys }) => own[keys.id as number]),
      })
  }
}

t.test('collations of characters are exact', async t => {
  for (const name of SERVED) {
    const charset = name.split('_')[0]!
    const weights = await read(name)
    t.ok(weights, name)
    if (weights) await judge(t, weights, charset)
  }
})

t.test('all others are exact or refused', async t => {
  const random = randomFrom(seed)
  const count = effort(12, collations.length)
  let exact = 0
  for (const [name, charset] of count < collations.length
    ? times(count, () => pick(random, collations))
    : collations) {
    const weights = await read(name, charset)
    if (weights === undefined) continue
    exact++
    await judge(t, weights, charset)
  }
  t.comment(`${exact} of ${count} are collations of characters`)
})

t.test(
  'a collation by which a text is more than its characters is refused, and one that is not there',
  async t => {
    for (const name of REFUSED) t.equal(await read(name), undefined, name)
  },
)

t.test('a failing server gives no weights', async t => {
  for (const [error, match] of [
    [new CellFailedError({ uuid: '', name: '', reason: 'ECONNREFUSED' }), { code: 'cell-failed' }],
    [new TypeError('bug'), { message: 'bug' }],
  ] as const) {
    const broken = {
      query: async () => {
        throw error
      },
    }
    await t.rejects(readCharacterWeights(broken, { charset: 'utf8mb4', name: 'utf8mb4_bin' }, signal), match)
  }
})

/** A server whose collation is made up. */
const madeUp = (weigh: (text: string, collation: string) => readonly number[], bytes = 2) => ({
  query: async ({ text, values }: Sql) => {
    const weigher = /COLLATE (\w+)/.exec(text)![1]!
    if (text.includes(' = ')) return [[1, Buffer.from([0, 32]), 1]]
    if (!text.includes('WEIGHT_STRING')) return [[values[0]!]]
    return [
      values.map(value => {
        const weights = weigh(String(value), weigher)
        const all = Buffer.alloc(weights.length * bytes)
        for (const [i, weight] of weights.entries()) all.writeUIntBE(weight, i * bytes, bytes)
        return all
      }),
    ] as never
  },
})

t.test('what no server that is known has is refused as well', async t => {
  const each = (of: (code: number, collation: string) => number) => (text: string, collation: string) =>
    Array.from(text, character => of(character.codePointAt(0)!, collation))
  const general = each(code => Math.min(code, 0xfffd))
  const readFrom = (weigh: (text: string, collation: string) => readonly number[], bytes?: number) =>
    readCharacterWeights(madeUp(weigh, bytes), { charset: 'utf8mb3', name: 'utf8mb3_made_up' }, signal)
  t.match(await readFrom(general), { width: 2, beyond: 0xfffd, pads: true, held: null })
  for (const [what, weigh, bytes] of [
    ['more bytes than a character has', general, 4],
    ['a contraction', (text: string) => general(text.replace(/^ch$/, 'c'), ''), 2],
    [
      'another sequence',
      (text: string) => (text.startsWith('\uffff') ? general(text, '').toSorted() : general(text, '')),
      2,
    ],
    ['a weight that is no character', each(code => (code === 120 ? 0xd800 : Math.min(code, 0xfffd))), 2],
    [
      'another order in the form that takes every text',
      each((code, by) => (code === 120 && by.startsWith('utf8mb4') ? 7 : Math.min(code, 0xfffd))),
      2,
    ],
    ['some of the characters beyond alike', each(code => (code === 0x10428 ? 0x10400 : code)), 3],
  ] as const)
    t.equal(await readFrom(weigh, bytes), undefined, what)
})
